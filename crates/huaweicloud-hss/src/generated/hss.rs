//! The client that the generator makes from `spec/hss.yaml`: every operation as it stands in the spec, without the care that
//! [`Client`](crate::Client) takes.
//!
//! Get one with [`Client::api`](crate::Client::api). Nothing here checks a list's elements, reads the text of an answer, or
//! knows the shapes of the service's errors: any status but 200 arrives as [`Error::UnexpectedResponse`].

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

#[cfg(feature = "codegen")]
include!(concat!(env!("OUT_DIR"), "/hss.rs"));
#[cfg(not(feature = "codegen"))]
include!("../../generated/hss.rs");

#[cfg(all(test, feature = "codegen"))]
mod tests {
    #[test]
    fn the_reviewed_snapshot_is_what_is_compiled() {
        let compiled = include_str!(concat!(env!("OUT_DIR"), "/hss.rs"));
        assert!(compiled == include_str!("../../generated/hss.rs"), "run `cargo xtask gen` and review the difference");
    }
}
