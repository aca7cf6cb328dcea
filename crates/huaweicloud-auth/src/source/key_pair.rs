//! Access keys from the parts that a source holds, with errors that name the parts as the source does.

use crate::credentials::{AccessKey, CredentialField, Credentials, InvalidCredential, Secret};
use crate::error::Error;
use crate::source_location::SourceLocation;

/// What a source calls the parts of its credentials.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) security_token: &'static str,
    pub(super) project_id: &'static str,
    pub(super) domain_id: &'static str,
}

/// The parts of an access key.
pub(super) struct KeyParts {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) security_token: Option<Secret>,
}

impl Names {
    /// Makes an access key.
    pub(super) fn access_key(&self, location: &SourceLocation, parts: KeyParts) -> Result<Credentials, Error> {
        let KeyParts { id, secret, security_token } = parts;
        let key = AccessKey::new(id, secret, security_token).map_err(|invalid| self.invalid(location, invalid))?;
        Ok(Credentials::access_key(key))
    }

    /// Adds the ids that the source holds.
    pub(super) fn with_ids(
        &self,
        location: &SourceLocation,
        mut credentials: Credentials,
        project_id: Option<String>,
        domain_id: Option<String>,
    ) -> Result<Credentials, Error> {
        if let Some(id) = project_id {
            credentials = credentials.with_project_id(id).map_err(|invalid| self.invalid(location, invalid))?;
        }
        if let Some(id) = domain_id {
            credentials = credentials.with_domain_id(id).map_err(|invalid| self.invalid(location, invalid))?;
        }
        Ok(credentials)
    }

    /// Returns what half of a pair is called that is set, and then the missing half.
    pub(super) fn set_and_missing(&self, has_id: bool) -> (&'static str, &'static str) {
        if has_id { (self.id, self.secret) } else { (self.secret, self.id) }
    }

    fn invalid(&self, location: &SourceLocation, invalid: InvalidCredential) -> Error {
        let name = match invalid.field() {
            CredentialField::AccessKeyId => self.id,
            CredentialField::SecretKey => self.secret,
            CredentialField::SecurityToken => self.security_token,
            CredentialField::ProjectId => self.project_id,
            CredentialField::DomainId => self.domain_id,
            _ => "",
        };
        Error::invalid_value(location.clone(), name, invalid)
    }
}
