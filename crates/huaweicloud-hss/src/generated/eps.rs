//! The client that the generator makes from `spec/eps.yaml`.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

#[cfg(feature = "codegen")]
include!(concat!(env!("OUT_DIR"), "/eps.rs"));
#[cfg(not(feature = "codegen"))]
include!("../../generated/eps.rs");

crate::http::context::impl_client_hooks!(Client);

#[cfg(all(test, feature = "codegen"))]
mod tests {
    #[test]
    fn the_reviewed_snapshot_is_what_is_compiled() {
        let compiled = include_str!(concat!(env!("OUT_DIR"), "/eps.rs"));
        assert!(compiled == include_str!("../../generated/eps.rs"), "run `cargo xtask gen` and review the difference");
    }
}
