//! An access key pair that is ready to sign.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

use super::secret::Secret;
use super::validate::{CredentialField, CredentialProblem, InvalidCredential};

/// An access key pair, permanent or temporary, with its signing key prepared.
///
/// Cloning is cheap and does not copy the secrets. `Debug` shows at most the first four characters of the AK.
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
    /// The AK and the security token become header values: visible ASCII. The SK may be any text without whitespace and
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
        CredentialField::AccessKeyId.validate(&id)?;
        CredentialField::SecretKey.validate(secret.expose())?;
        if let Some(token) = &security_token {
            CredentialField::SecurityToken.validate(token.expose())?;
        }
        // HMAC takes a key of any length, so this cannot fail; it is handled because this crate never unwraps.
        let mac = Hmac::new_from_slice(secret.expose().as_bytes())
            .map_err(|_| InvalidCredential::new(CredentialField::SecretKey, CredentialProblem::Unusable))?;
        Ok(Self(Arc::new(Parts { id, secret, security_token, mac })))
    }

    /// Returns the access key id, AK. Every request contains it, and it proves nothing by itself.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the AK as it may be shown to people: the first four characters and `****`, or only `****` for a short
    /// one.
    #[must_use]
    pub fn masked_id(&self) -> String {
        // Of fewer than twelve characters, four would reveal too much.
        let shown = if self.0.id.len() < 12 { "" } else { self.0.id.get(..4).unwrap_or("") };
        format!("{shown}****")
    }

    /// Returns the secret access key, SK.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// Returns the security token of a temporary key.
    #[must_use]
    pub fn security_token(&self) -> Option<&Secret> {
        self.0.security_token.as_ref()
    }

    /// Returns a copy of the keyed state, so that the key schedule is not computed for each signature.
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
