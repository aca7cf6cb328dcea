//! The client that the generator makes from `spec/eps.yaml`.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

super::include_generated!("eps.rs");
crate::http::context::impl_client_hooks!(Client);
