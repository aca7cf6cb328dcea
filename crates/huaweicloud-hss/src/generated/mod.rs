//! The clients that the generator makes from the specs, and the types that their code is built on.

/// Includes a generated file: the code from the build script, or without feature `codegen` the reviewed snapshot.
macro_rules! include_generated {
    ($file:literal) => {
        #[cfg(feature = "codegen")]
        include!(concat!(env!("OUT_DIR"), "/", $file));
        #[cfg(not(feature = "codegen"))]
        include!(concat!(env!("CARGO_MANIFEST_DIR"), "/generated/", $file));

        #[cfg(all(test, feature = "codegen"))]
        #[test]
        fn the_compiled_code_equals_the_reviewed_snapshot() {
            let compiled = include_str!(concat!(env!("OUT_DIR"), "/", $file));
            let reviewed = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/generated/", $file));
            assert!(compiled == reviewed, "run `cargo xtask gen` and review the difference");
        }
    };
}
use include_generated;

#[cfg(feature = "assets")]
pub mod assets;
pub(crate) mod bounded_vec;
pub(crate) mod bounds;
pub mod eps;
pub mod hss;
pub mod iam;
pub(crate) mod secret_string;
pub(crate) mod set_some;
