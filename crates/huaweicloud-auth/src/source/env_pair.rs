//! Reading an access key from a family of environment variables, the same way for every family.

use crate::credentials::{AccessKey, Credentials};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::lookup::{LoadedCredentials, Lookup};
use crate::secret::Secret;
use crate::source::{optional_variable, variable};
use crate::source_location::SourceLocation;
use crate::validate::{CredentialField, CredentialProblem, InvalidCredential};

/// The variables of one family.
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) security_token: &'static str,
    pub(super) project_id: &'static str,
    pub(super) domain_id: &'static str,
}

/// Both halves make a key, none is "not here", and one alone is an error; so is a half that is set but empty.
pub(super) fn read(env: &dyn Environment, origin: SourceLocation, names: &Names) -> Result<Lookup, Error> {
    let id = variable(env, &origin, names.id)?;
    let secret = variable(env, &origin, names.secret)?.map(Secret::new);
    let security_token = optional_variable(env, &origin, names.security_token)?.map(Secret::new);
    let (id, secret) = match (id, secret) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) if security_token.is_none() => {
            return Ok(Lookup::not_found("they are not set"));
        }
        (id, secret) => {
            let (set, missing) = match (id, secret) {
                (Some(_), _) => (names.id, names.secret),
                (None, Some(_)) => (names.secret, names.id),
                (None, None) => (names.security_token, names.id),
            };
            return Err(Error::new(
                ErrorKind::Incomplete,
                origin,
                format!("{set} is set but {missing} is not"),
                format!("set {missing} as well, or unset {set}"),
            ));
        }
    };
    for (name, field, empty) in [
        (names.id, CredentialField::AccessKeyId, id.is_empty()),
        (names.secret, CredentialField::SecretKey, secret.expose().is_empty()),
    ] {
        if empty {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                origin,
                format!("{name}: {}", InvalidCredential::new(field, CredentialProblem::Empty)),
                format!("give {name} a value, or unset {} and {}", names.id, names.secret),
            ));
        }
    }
    let key = AccessKey::new(id, secret, security_token).map_err(|problem| {
        let name = match problem.field() {
            CredentialField::AccessKeyId => names.id,
            CredentialField::SecurityToken => names.security_token,
            _ => names.secret,
        };
        Error::invalid_value(origin.clone(), name, problem)
    })?;
    let credentials = Credentials::access_key(key);
    Ok(LoadedCredentials::new(with_ids(env, &origin, credentials, names.project_id, names.domain_id)?, origin).into())
}

/// Adds the ids that two variables name, if they do.
pub(super) fn with_ids(
    env: &dyn Environment,
    origin: &SourceLocation,
    mut credentials: Credentials,
    project_id: &str,
    domain_id: &str,
) -> Result<Credentials, Error> {
    if let Some(id) = optional_variable(env, origin, project_id)? {
        credentials = credentials
            .with_project_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), project_id, problem))?;
    }
    if let Some(id) = optional_variable(env, origin, domain_id)? {
        credentials = credentials
            .with_domain_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), domain_id, problem))?;
    }
    Ok(credentials)
}
