//! SDK-HMAC-SHA256, the signature of a request with an access key, as a pure function of the request and the time.
//!
//! The rules are in `docs/design/service-behaviour.md#signing`. Nothing here reads a clock or sends anything.

mod canonical;
mod error;
mod headers;
mod request;
mod signed_request;
mod signer;
#[cfg(test)]
mod tests;

pub use canonical::canonical_query;
pub use error::{SignError, SignErrorKind};
pub use request::{Request, Scope};
pub use signed_request::{Header, SignedRequest};
pub use signer::sign;
