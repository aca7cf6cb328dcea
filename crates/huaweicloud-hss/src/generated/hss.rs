//! The client that the generator makes from `spec/hss.yaml`: each operation as the spec describes it, without the
//! checks of [`Client`](crate::Client).
//!
//! [`Client::api`](crate::Client::api) returns one. It does not check the elements of lists, parse the outcome text, or
//! know the error bodies of the service: any status but 200 is an [`Error::UnexpectedResponse`].

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

super::include_generated!("hss.rs");
crate::http::context::impl_client_hooks!(Client);
