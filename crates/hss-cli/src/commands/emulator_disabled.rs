//! What stands for the emulator in a program that was built without it: it never starts, and says why.

use huaweicloud_hss::CredentialsProvider;

use crate::cli::EmulatorArguments;
use crate::exit::{Exit, Failure};

/// Nothing to advise: this program has no emulator.
pub(crate) const HINT: &str = "";

pub(crate) async fn run(_: EmulatorArguments) -> Result<Exit, Failure> {
    Err(absent())
}

/// Refuses `--emulator` before anything is done.
pub(crate) fn check() -> Result<(), Failure> {
    Err(absent())
}

/// There is never a value of it.
pub(crate) enum BuiltIn {}

impl BuiltIn {
    pub(crate) async fn start() -> Result<(Self, CredentialsProvider), Failure> {
        Err(absent())
    }

    pub(crate) fn url(&self) -> &str {
        match *self {}
    }
}

fn absent() -> Failure {
    Failure::usage("this hss was built without the feature `emulator`, which `hss emulator` and --emulator need")
}
