//! The credentials themselves, checked when they are made: a token, or an access key that is ready to sign.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

use crate::secret::Secret;
use crate::validate::{CredentialField, CredentialProblem, InvalidCredential, header_text, plain_text};

/// An IAM token: the value of the X-Auth-Token header, valid for 24 hours (facts, section 6).
///
/// Cloning is cheap and makes no second copy of the text. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Token(Arc<Secret>);

impl Token {
    /// Takes the token's text, which has to be non-empty and visible ASCII, because it becomes a header value.
    ///
    /// Its documented length is not checked here; that belongs to the client that has the specification.
    ///
    /// # Errors
    /// [`InvalidCredential`] when the text cannot be a header value.
    pub fn new(text: Secret) -> Result<Self, InvalidCredential> {
        header_text(CredentialField::Token, text.expose())?;
        Ok(Self(Arc::new(text)))
    }

    /// The text, for the header value.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// An access key pair, permanent or temporary, with its signing key set up once.
///
/// Cloning is cheap and makes no second copy of the secrets. `Debug` shows at most the first four characters of the AK.
#[derive(Clone)]
pub struct AccessKey(Arc<Parts>);

struct Parts {
    id: String,
    secret: Secret,
    security_token: Option<Secret>,
    mac: Hmac<Sha256>,
}

impl AccessKey {
    /// Takes a pair, and for a temporary key its security token as well.
    ///
    /// The AK and the security token become header values: visible ASCII. The SK may hold any text without blanks and
    /// control characters. None of them may be empty or wrapped in quotation marks.
    ///
    /// # Errors
    /// [`InvalidCredential`] names the first part that is wrong, and never shows it.
    pub fn new(
        id: impl Into<String>,
        secret: Secret,
        security_token: Option<Secret>,
    ) -> Result<Self, InvalidCredential> {
        let id = id.into();
        header_text(CredentialField::AccessKeyId, &id)?;
        plain_text(CredentialField::SecretKey, secret.expose())?;
        if let Some(token) = &security_token {
            header_text(CredentialField::SecurityToken, token.expose())?;
        }
        // HMAC takes a key of any length, so this error does not happen; it is passed on rather than unwrapped.
        let mac = Hmac::new_from_slice(secret.expose().as_bytes())
            .map_err(|_| InvalidCredential::new(CredentialField::SecretKey, CredentialProblem::Unusable))?;
        Ok(Self(Arc::new(Parts { id, secret, security_token, mac })))
    }

    /// The access key id, AK. It names the key in every request and proves nothing by itself.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The AK as it may be shown to a person: the first four characters and `****`, or only `****` for a short one.
    #[must_use]
    pub fn masked_id(&self) -> String {
        // With fewer than twelve characters, four would be too much of it.
        let shown = if self.0.id.len() < 12 { "" } else { self.0.id.get(..4).unwrap_or("") };
        format!("{shown}****")
    }

    /// The secret access key, SK.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// The security token of a temporary key.
    #[must_use]
    pub fn security_token(&self) -> Option<&Secret> {
        self.0.security_token.as_ref()
    }

    /// The keyed state, copied for each signature so that the key schedule is not computed again.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        self.0.mac.clone()
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &format_args!("{}", self.masked_id()))
            .field("temporary", &self.0.security_token.is_some())
            .finish_non_exhaustive()
    }
}

/// What authenticates a request, with the ids that its source knew.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A ready token: goes into X-Auth-Token as it is.
    #[non_exhaustive]
    Token {
        /// The token.
        token: Token,
        /// The project the source named, if any.
        project_id: Option<String>,
        /// The account (domain) the source named, if any.
        domain_id: Option<String>,
    },
    /// A key pair: signs each request.
    #[non_exhaustive]
    AccessKey {
        /// The key.
        key: AccessKey,
        /// The project the source named, if any.
        project_id: Option<String>,
        /// The account (domain) the source named, if any.
        domain_id: Option<String>,
    },
}

impl Credentials {
    /// A token without ids.
    #[must_use]
    pub fn token(token: Token) -> Self {
        Self::Token { token, project_id: None, domain_id: None }
    }

    /// An access key without ids.
    #[must_use]
    pub fn access_key(key: AccessKey) -> Self {
        Self::AccessKey { key, project_id: None, domain_id: None }
    }

    /// Adds a project id. It may become the X-Project-Id header, so it has to be visible ASCII.
    ///
    /// # Errors
    /// [`InvalidCredential`] when it is empty or could not be a header value.
    pub fn with_project_id(mut self, id: impl Into<String>) -> Result<Self, InvalidCredential> {
        let id = id.into();
        header_text(CredentialField::ProjectId, &id)?;
        match &mut self {
            Self::Token { project_id, .. } | Self::AccessKey { project_id, .. } => *project_id = Some(id),
        }
        Ok(self)
    }

    /// Adds a domain id. It may become the X-Domain-Id header, so it has to be visible ASCII.
    ///
    /// # Errors
    /// [`InvalidCredential`] when it is empty or could not be a header value.
    pub fn with_domain_id(mut self, id: impl Into<String>) -> Result<Self, InvalidCredential> {
        let id = id.into();
        header_text(CredentialField::DomainId, &id)?;
        match &mut self {
            Self::Token { domain_id, .. } | Self::AccessKey { domain_id, .. } => *domain_id = Some(id),
        }
        Ok(self)
    }

    /// The project id the source named.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        match self {
            Self::Token { project_id, .. } | Self::AccessKey { project_id, .. } => project_id.as_deref(),
        }
    }

    /// The domain id the source named.
    #[must_use]
    pub fn domain_id(&self) -> Option<&str> {
        match self {
            Self::Token { domain_id, .. } | Self::AccessKey { domain_id, .. } => domain_id.as_deref(),
        }
    }

    /// What they are, in words that may be shown: never more of a secret than [`AccessKey::masked_id`].
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

    /// Whether both would authenticate the same way, whatever their ids are.
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
    use super::{AccessKey, Credentials, Token};
    use crate::secret::Secret;
    use crate::validate::{CredentialField, CredentialProblem};

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
    fn a_bad_part_is_named() {
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
    fn ids_are_checked_and_kept() {
        let credentials = Credentials::token(Token::new(secret("t")).unwrap());
        assert!(credentials.clone().with_project_id("a b").is_err());
        assert!(credentials.clone().with_domain_id("").is_err());
        let credentials = credentials.with_project_id("p").unwrap().with_domain_id("d").unwrap();
        assert_eq!((credentials.project_id(), credentials.domain_id()), (Some("p"), Some("d")));
        assert_eq!(credentials.summary(), "token");
    }
}
