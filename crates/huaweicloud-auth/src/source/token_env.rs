//! A token from the environment variable HW_AUTH_TOKEN.

use super::env::{is_empty, variable, with_terraform_ids};
use super::local::LocalSource;
use crate::credential_source::Lookup;
use crate::credentials::LoadedCredentials;
use crate::credentials::{Credentials, Secret, Token};
use crate::environment::Environment;
use crate::error::Error;
use crate::source_location::SourceLocation;

const VARIABLE: &str = "HW_AUTH_TOKEN";

/// Reads HW_AUTH_TOKEN, and HW_PROJECT_ID and HW_DOMAIN_ID of the same family
/// (`docs/design/service-behaviour.md#terraform-environment`).
///
/// An empty variable counts as not set.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenVariableSource;

impl LocalSource for TokenVariableSource {
    fn name(&self) -> String {
        SourceLocation::TokenVariable.to_string()
    }

    fn id(&self) -> &'static str {
        "token"
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let location = SourceLocation::TokenVariable;
        let Some(text) = variable(env, &location, VARIABLE)? else {
            return Ok(Lookup::not_found(if is_empty(env, VARIABLE) { "it is empty" } else { "it is not set" }));
        };
        let token =
            Token::new(Secret::new(text)).map_err(|invalid| Error::invalid_value(location.clone(), "", invalid))?;
        let credentials = with_terraform_ids(env, &location, Credentials::token(token))?;
        Ok(LoadedCredentials::new(credentials, location).into())
    }
}
