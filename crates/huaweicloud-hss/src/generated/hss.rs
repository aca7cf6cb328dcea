//! The client that the generator makes from `spec/hss.yaml`: each operation as the spec describes it, without the
//! checks of [`Client`](crate::Client).
//!
//! [`Client::api`](crate::Client::api) returns one. It does not check the elements of lists, parse the outcome text, or
//! know the error bodies of the service: any status but 200 is an [`Error::UnexpectedResponse`].
//! [`Client::api_error`](crate::Client::api_error) converts its errors.
//!
//! # Warnings
//! - `Error::is_retryable` is not meant for this service: it is also true for a request that started a scan before its
//!   connection broke. [`Error::is_transient`](crate::Error::is_transient) of the converted error is.
//! - The body of a 401 may repeat the credentials of the request, and `Debug` and `Display` of an [`Error`] may print a
//!   whole body. Log the converted error instead.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

super::include_generated!("hss.rs");
crate::http::context::impl_client_hooks!(Client);
