//! A secret in a generated request body: it is sent, and never printed.

use std::fmt;

use huaweicloud_auth::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret text of a request body.
#[derive(Clone)]
pub struct SecretString(pub(crate) Secret);

impl Serialize for SecretString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for SecretString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// Generated types implement `Debug`, so this one has to; it prints no part of the secret.
impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
