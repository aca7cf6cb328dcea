//! Authenticates requests: tokens, which the emulator also issues, and signatures made with access keys.

pub(crate) mod access_key;
pub(crate) mod canonical;
pub(crate) mod clock;
pub(crate) mod hash;
pub(crate) mod issuer;
pub(crate) mod percent;
pub(crate) mod token;
