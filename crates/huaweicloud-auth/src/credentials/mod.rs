//! The credentials themselves, validated when they are made: a token, or an access key that is ready to sign.

mod access_key;
mod loaded;
mod secret;
mod token;
mod validate;

pub use access_key::AccessKey;
pub use loaded::{LoadedCredentials, Warning};
pub use secret::Secret;
pub use token::Token;
pub use validate::{CredentialField, CredentialProblem, InvalidCredential};

/// What authenticates a request, with the ids that its source knows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A token, sent as X-Auth-Token.
    #[non_exhaustive]
    Token {
        /// The token.
        token: Token,
        /// The project that the source names, if any.
        project_id: Option<String>,
        /// The account (domain) that the source names, if any.
        domain_id: Option<String>,
    },
    /// An access key, which signs each request.
    #[non_exhaustive]
    AccessKey {
        /// The key.
        key: AccessKey,
        /// The project that the source names, if any.
        project_id: Option<String>,
        /// The account (domain) that the source names, if any.
        domain_id: Option<String>,
    },
}

impl Credentials {
    /// Wraps a token, without ids.
    #[must_use]
    pub fn token(token: Token) -> Self {
        Self::Token { token, project_id: None, domain_id: None }
    }

    /// Wraps an access key, without ids.
    #[must_use]
    pub fn access_key(key: AccessKey) -> Self {
        Self::AccessKey { key, project_id: None, domain_id: None }
    }

    /// Adds a project id. It may become the X-Project-Id header, so it must be visible ASCII.
    ///
    /// # Errors
    /// [`InvalidCredential`] when it is empty or cannot be a header value.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, InvalidCredential> {
        let id = id.into();
        CredentialField::ProjectId.validate(&id)?;
        match &mut self {
            Self::Token { project_id, .. } | Self::AccessKey { project_id, .. } => *project_id = Some(id),
        }
        Ok(self)
    }

    /// Adds a domain id. It may become the X-Domain-Id header, so it must be visible ASCII.
    ///
    /// # Errors
    /// [`InvalidCredential`] when it is empty or cannot be a header value.
    pub fn with_domain_id(mut self, id: impl Into<String>) -> Result<Self, InvalidCredential> {
        let id = id.into();
        CredentialField::DomainId.validate(&id)?;
        match &mut self {
            Self::Token { domain_id, .. } | Self::AccessKey { domain_id, .. } => *domain_id = Some(id),
        }
        Ok(self)
    }

    /// Returns the project id that the source names.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        match self {
            Self::Token { project_id, .. } | Self::AccessKey { project_id, .. } => project_id.as_deref(),
        }
    }

    /// Returns the domain id that the source names.
    #[must_use]
    pub fn domain_id(&self) -> Option<&str> {
        match self {
            Self::Token { domain_id, .. } | Self::AccessKey { domain_id, .. } => domain_id.as_deref(),
        }
    }

    /// Describes them in words that may be shown: `token`, `access key HPUA****`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Token { .. } => "token".to_owned(),
            Self::AccessKey { key, .. } if key.security_token().is_some() => {
                format!("temporary access key {}", key.masked_id())
            }
            Self::AccessKey { key, .. } => format!("access key {}", key.masked_id()),
        }
    }

    /// Returns whether both hold the same secrets, whatever their ids are.
    #[must_use]
    pub fn secret_eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token { token: a, .. }, Self::Token { token: b, .. }) => a.expose() == b.expose(),
            (Self::AccessKey { key: a, .. }, Self::AccessKey { key: b, .. }) => {
                a.id() == b.id()
                    && a.secret().expose() == b.secret().expose()
                    && a.security_token().map(Secret::expose) == b.security_token().map(Secret::expose)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessKey, CredentialField, CredentialProblem, Credentials, Secret, Token};

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn debug_shows_four_characters_of_the_ak_and_no_more() {
        let key = AccessKey::new("HPUAMARKERMARKER0001", secret("marker-sk"), Some(secret("marker-st"))).unwrap();
        assert_eq!(format!("{key:?}"), "AccessKey { id: HPUA****, temporary: true, .. }");
        let short = AccessKey::new("SHORTKEY", secret("marker-sk"), None).unwrap();
        assert_eq!(format!("{short:?}"), "AccessKey { id: ****, temporary: false, .. }");
        assert_eq!(format!("{:?}", Token::new(secret("marker")).unwrap()), "Token(..)");
    }

    #[test]
    fn the_error_names_the_invalid_part() {
        let table = [
            (AccessKey::new("", secret("sk"), None).err(), CredentialField::AccessKeyId, CredentialProblem::Empty),
            (
                AccessKey::new("a k", secret("sk"), None).err(),
                CredentialField::AccessKeyId,
                CredentialProblem::WhitespaceOrControl,
            ),
            (AccessKey::new("aé", secret("sk"), None).err(), CredentialField::AccessKeyId, CredentialProblem::NotAscii),
            (AccessKey::new("ak", secret(""), None).err(), CredentialField::SecretKey, CredentialProblem::Empty),
            (
                AccessKey::new("ak", secret("sk\n"), None).err(),
                CredentialField::SecretKey,
                CredentialProblem::WhitespaceOrControl,
            ),
            (
                AccessKey::new("ak", secret("sk"), Some(secret(""))).err(),
                CredentialField::SecurityToken,
                CredentialProblem::Empty,
            ),
            (
                AccessKey::new("ak", secret("sk"), Some(secret("é"))).err(),
                CredentialField::SecurityToken,
                CredentialProblem::NotAscii,
            ),
            (Token::new(secret("'t'")).err(), CredentialField::Token, CredentialProblem::Quoted),
        ];
        for (error, field, problem) in table {
            let error = error.unwrap();
            assert_eq!((error.field(), error.problem()), (field, problem));
        }
        assert!(AccessKey::new("ak", secret("schlüssel"), None).is_ok());
    }

    #[test]
    fn ids_are_validated_and_kept() {
        let credentials = Credentials::token(Token::new(secret("t")).unwrap());
        assert!(credentials.clone().with_project_id("a b").is_err());
        assert!(credentials.clone().with_domain_id("").is_err());
        let credentials = credentials.with_project_id("p").unwrap().with_domain_id("d").unwrap();
        assert_eq!((credentials.project_id(), credentials.domain_id()), (Some("p"), Some("d")));
        assert_eq!(credentials.summary(), "token");
    }
}
