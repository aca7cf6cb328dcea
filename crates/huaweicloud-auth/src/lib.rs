//! Credentials for Huawei Cloud: what they are and how they sign. It knows no HTTP client and no operation.

mod secret;

pub use secret::Secret;
