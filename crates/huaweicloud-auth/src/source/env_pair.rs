//! Reading an access key from a family of environment variables, the same way for every family.

use crate::check::{Field, InvalidCredential, Problem};
use crate::credentials::{AccessKey, Credentials};
use crate::error::{Error, ErrorKind};
use crate::found::{Found, Lookup};
use crate::origin::Source;
use crate::secret::Secret;
use crate::source::{optional_variable, variable};
use crate::system::System;

/// The variables of one family.
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) security_token: &'static str,
    pub(super) project_id: &'static str,
    pub(super) domain_id: &'static str,
}

/// Both halves make a key, none is "not here", and one alone is an error; so is a half that is set but empty.
pub(super) fn read(system: &dyn System, origin: Source, names: &Names) -> Result<Lookup, Error> {
    let id = variable(system, &origin, names.id)?;
    let secret = variable(system, &origin, names.secret)?.map(Secret::new);
    let security_token = optional_variable(system, &origin, names.security_token)?.map(Secret::new);
    let (id, secret) = match (id, secret) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) if security_token.is_none() => {
            return Ok(Lookup::not_here("they are not set"));
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
    for (name, field, empty) in
        [(names.id, Field::AccessKeyId, id.is_empty()), (names.secret, Field::SecretKey, secret.expose().is_empty())]
    {
        if empty {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                origin,
                format!("{name}: {}", InvalidCredential::new(field, Problem::Empty)),
                format!("give {name} a value, or unset {} and {}", names.id, names.secret),
            ));
        }
    }
    let key = AccessKey::new(id, secret, security_token).map_err(|problem| {
        let name = match problem.field() {
            Field::AccessKeyId => names.id,
            Field::SecurityToken => names.security_token,
            _ => names.secret,
        };
        Error::invalid_value(origin.clone(), name, problem)
    })?;
    let credentials = Credentials::access_key(key);
    Ok(Found::new(with_ids(system, &origin, credentials, names.project_id, names.domain_id)?, origin).into())
}

/// Adds the ids that two variables name, if they do.
pub(super) fn with_ids(
    system: &dyn System,
    origin: &Source,
    mut credentials: Credentials,
    project_id: &str,
    domain_id: &str,
) -> Result<Credentials, Error> {
    if let Some(id) = optional_variable(system, origin, project_id)? {
        credentials = credentials
            .with_project_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), project_id, problem))?;
    }
    if let Some(id) = optional_variable(system, origin, domain_id)? {
        credentials = credentials
            .with_domain_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), domain_id, problem))?;
    }
    Ok(credentials)
}
