//! An IAM token.

use std::fmt;
use std::sync::Arc;

use super::secret::Secret;
use super::validate::{CredentialField, InvalidCredential};

/// An IAM token: the value of the X-Auth-Token header. It expires after 24 hours.
///
/// Cloning is cheap and does not copy the text. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Token(Arc<Secret>);

impl Token {
    /// Takes the token's text, which must be non-empty and visible ASCII, because it becomes a header value.
    ///
    /// Its documented length is not checked here: only a client with the specification knows it.
    ///
    /// # Errors
    /// [`InvalidCredential`] when the text cannot be a header value.
    pub fn new(text: Secret) -> Result<Self, InvalidCredential> {
        CredentialField::Token.validate(text.expose())?;
        Ok(Self(Arc::new(text)))
    }

    /// Returns the text, for the header value.
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
