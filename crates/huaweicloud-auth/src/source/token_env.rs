//! A token from the environment variable HW_AUTH_TOKEN.

use super::{LocalSource, env_pair, variable};
use crate::credentials::{Credentials, Token};
use crate::error::Error;
use crate::found::{Found, Lookup};
use crate::origin::Source;
use crate::secret::Secret;
use crate::system::System;

/// Reads HW_AUTH_TOKEN, and HW_PROJECT_ID and HW_DOMAIN_ID of the same family (facts, section 5).
///
/// A variable that is set but empty is an error, because a pipeline whose secret is missing looks just like that.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenVariable;

impl LocalSource for TokenVariable {
    fn name(&self) -> String {
        Source::TokenVariable.to_string()
    }

    fn read(&self, system: &dyn System) -> Result<Lookup, Error> {
        let origin = Source::TokenVariable;
        let Some(text) = variable(system, &origin, "HW_AUTH_TOKEN")? else {
            return Ok(Lookup::not_here("it is not set"));
        };
        let token =
            Token::new(Secret::new(text)).map_err(|problem| Error::invalid_value(origin.clone(), "", problem))?;
        let credentials = Credentials::token(token);
        let credentials = env_pair::with_ids(system, &origin, credentials, "HW_PROJECT_ID", "HW_DOMAIN_ID")?;
        Ok(Found::new(credentials, origin).into())
    }
}
