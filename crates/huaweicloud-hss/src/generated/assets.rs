//! The client that the generator makes from `spec/assets.yaml`: each operation as the spec describes it, without the
//! checks of [`Client`](crate::Client).

// A documented minimum of 0 becomes a comparison.
#![allow(unused_comparisons)]
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

super::include_generated!("assets.rs");
crate::http::context::impl_client_hooks!(Client);
