//! Exit codes, and the failures that end a run before it has a result.

use std::fmt;
use std::process::{ExitCode, Termination};

use huaweicloud_hss::{Error, ErrorKind};

/// How a run ended. The codes are part of the interface: [`TABLE`] says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was accepted.
    Ok = 0,
    /// Some host or group was not accepted, waiting ran out of time, or the result could not be written.
    Partial = 1,
    /// Wrong usage or input.
    Usage = 2,
    /// Credentials or permission.
    Access = 3,
    /// Nothing was reached.
    Unreachable = 4,
    /// Interrupted.
    Interrupted = 130,
}

/// The table in the long help.
pub(crate) const TABLE: &str = "\
Exit codes:
  0    every host and group was accepted (and, with --wait, the scan ended)
  1    some host or group was not accepted, --wait ran out of time, or the result could not be written
  2    wrong usage or input; nothing was sent
  3    credentials or permission
  4    service or network unreachable; nothing was accepted
  130  interrupted";

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a run has no result.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    text: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Exit::Usage, text)
    }

    pub(crate) fn access(text: impl Into<String>) -> Self {
        Self::new(Exit::Access, text)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::Config => Exit::Usage,
            ErrorKind::Credentials | ErrorKind::Permission => Exit::Access,
            ErrorKind::Unreachable | ErrorKind::Unavailable => Exit::Unreachable,
            _ => Exit::Partial,
        };
        Self { exit, text: error.to_string() }
    }
}
