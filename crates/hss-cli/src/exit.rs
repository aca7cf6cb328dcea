//! Exit codes, and the errors that end a run before it has a result.

use std::error::Error as StdError;
use std::process::{ExitCode, Termination};
use std::{fmt, io};

use huaweicloud_hss::{Error, ErrorKind};

/// How a run ended. The codes are part of the interface; [`TABLE`] describes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Every host and group was accepted.
    Ok = 0,
    /// Some hosts or groups were not accepted or not processed, the end of the scan was not seen, or the result could not
    /// be written.
    Partial = 1,
    /// Invalid usage or input.
    Usage = 2,
    /// Invalid or missing credentials, or missing permission.
    Access = 3,
    /// The service or the network could not be reached.
    Unreachable = 4,
    /// Every host and group was accepted, but not every server is proved to be scanned.
    Unproved = 5,
    /// Interrupted.
    Interrupted = 130,
}

/// The table of exit codes in the long help.
pub(crate) const TABLE: &str = "\
Exit codes:
  0    every host and group was accepted; with --wait, the scan has ended
  1    some hosts or groups were not accepted or not processed, the scan was not seen to end, or output failed
  2    invalid usage or input; nothing was sent
  3    invalid or missing credentials, or missing permission
  4    service or network unreachable; nothing was accepted
  5    accepted, but not every server that a scan can refresh is proved to be scanned
  130  interrupted";

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a run has no result.
#[derive(Debug)]
pub(crate) struct CliError {
    exit_status: ExitStatus,
    text: String,
}

impl CliError {
    pub(crate) fn new(exit_status: ExitStatus, text: impl Into<String>) -> Self {
        Self { exit_status, text: text.into() }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, text)
    }

    pub(crate) fn access(text: impl Into<String>) -> Self {
        Self::new(ExitStatus::Access, text)
    }

    /// Makes the error of a state that only a bug can cause.
    pub(crate) fn internal(what: &str) -> Self {
        Self::new(ExitStatus::Partial, format!("internal error: {what}. Please report this bug"))
    }

    pub(crate) fn exit_status(&self) -> ExitStatus {
        self.exit_status
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<huaweicloud_hss::auth::Error> for CliError {
    fn from(error: huaweicloud_hss::auth::Error) -> Self {
        Error::from(error).into()
    }
}

/// How to trust a private certificate authority.
pub(crate) const CA_FILE_HELP: &str =
    "To trust another certificate authority, pass its certificate with --ca-file FILE.";

/// Part of the errors for too many open files.
pub(crate) const OPEN_FILES: &str = "raise the limit of open files";

/// How to use fewer files.
pub(crate) const CONCURRENCY_HELP: &str = "To make fewer calls at a time, pass a lower --concurrency.";

/// Names the flag that solves a problem. The library does not know the flags.
fn flag_help(error: &Error) -> Option<&'static str> {
    let text = error.to_string();
    if text.contains("uses plain HTTP") {
        return Some("To allow plain HTTP, add --allow-http.");
    }
    if text.contains("UnknownIssuer") {
        return Some(CA_FILE_HELP);
    }
    if text.contains(OPEN_FILES) {
        return Some(CONCURRENCY_HELP);
    }
    let mut cause = error.get_ref().map(|cause| cause as &dyn StdError);
    while let Some(current) = cause {
        let io_error = current.downcast_ref::<io::Error>().map(io::Error::kind);
        if io_error == Some(io::ErrorKind::AlreadyExists) {
            return Some("The flag for this is --resume.");
        }
        cause = current.source();
    }
    None
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        let exit_status = match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::Config => ExitStatus::Usage,
            ErrorKind::Credentials | ErrorKind::Permission => ExitStatus::Access,
            ErrorKind::Unreachable | ErrorKind::Unavailable => ExitStatus::Unreachable,
            _ => ExitStatus::Partial,
        };
        let mut text = error.to_string();
        if let Some(help) = flag_help(&error) {
            text = format!("{text} {help}");
        }
        Self { exit_status, text }
    }
}
