//! Support for the tests of this package: the built programs, servers that misbehave, a browser, and the runner of the guide.

pub mod binary;
pub mod browser;
pub mod doc_runner;
pub mod emulator;
pub mod hss;
pub mod random;
pub mod raw_server;
pub mod stand_in;
pub mod tls_server;

use std::path::Path;

/// Returns the root of the workspace.
///
/// # Panics
/// Never: this package is a folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
