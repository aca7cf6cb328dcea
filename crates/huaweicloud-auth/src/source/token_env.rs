//! A token from the environment variable HW_AUTH_TOKEN.

use super::{LocalSource, env_pair, variable};
use crate::credentials::{Credentials, Token};
use crate::environment::Environment;
use crate::error::Error;
use crate::lookup::{LoadedCredentials, Lookup};
use crate::secret::Secret;
use crate::source_location::SourceLocation;

/// Reads HW_AUTH_TOKEN, and HW_PROJECT_ID and HW_DOMAIN_ID of the same family (facts, section 5).
///
/// A variable that is set but empty is an error, because a pipeline whose secret is missing looks just like that.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenVariableSource;

impl LocalSource for TokenVariableSource {
    fn name(&self) -> String {
        SourceLocation::TokenVariable.to_string()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let origin = SourceLocation::TokenVariable;
        let Some(text) = variable(env, &origin, "HW_AUTH_TOKEN")? else {
            return Ok(Lookup::not_found("it is not set"));
        };
        let token =
            Token::new(Secret::new(text)).map_err(|problem| Error::invalid_value(origin.clone(), "", problem))?;
        let credentials = Credentials::token(token);
        let credentials = env_pair::with_ids(env, &origin, credentials, "HW_PROJECT_ID", "HW_DOMAIN_ID")?;
        Ok(LoadedCredentials::new(credentials, origin).into())
    }
}
