//! The outcome of a scan call: accepted or not, and what that means for each of its hosts.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// What the service answered to a scan call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanOutcome {
    /// The service took the call.
    Accepted {
        /// Number of tasks the service says it processed.
        processed: u64,
    },
    /// A scan of the same queue is pending: this call was not taken.
    AlreadyQueued,
    /// The answer is an error with a code, although its status is 200.
    Refused {
        /// The service's code, such as `HSS.0013`.
        code: String,
        /// What the code stands for.
        kind: ErrorKind,
    },
    /// The answer is none of the known texts. Never to be counted as success.
    Unrecognised,
}

/// The four ways an answer can go, and the two without an answer: each host or group ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The service took the call.
    Accepted,
    /// A scan of the same queue was pending; this call was not taken.
    AlreadyQueued,
    /// The service refused the call.
    Refused,
    /// The service answered something that is not understood.
    Unrecognised,
    /// The call may have been sent, and no answer came.
    Unknown,
    /// The call was not sent.
    NotSent,
}

impl CallOutcome {
    /// The name used in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AlreadyQueued => "already_queued",
            Self::Refused => "refused",
            Self::Unrecognised => "unrecognised",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }
}

impl From<&ScanOutcome> for CallOutcome {
    fn from(outcome: &ScanOutcome) -> Self {
        match outcome {
            ScanOutcome::Accepted { .. } => Self::Accepted,
            ScanOutcome::AlreadyQueued => Self::AlreadyQueued,
            ScanOutcome::Refused { .. } => Self::Refused,
            ScanOutcome::Unrecognised => Self::Unrecognised,
        }
    }
}

impl From<ErrorKind> for CallOutcome {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput | ErrorKind::Config | ErrorKind::Cancelled | ErrorKind::Unreachable => {
                Self::NotSent
            }
            ErrorKind::Credentials
            | ErrorKind::Permission
            | ErrorKind::Throttled
            | ErrorKind::Refused
            | ErrorKind::Unavailable => Self::Refused,
            ErrorKind::InvalidResponse => Self::Unrecognised,
            ErrorKind::Ambiguous => Self::Unknown,
        }
    }
}

impl Error {
    /// Returns the outcome for the hosts and groups of a scan call that failed with this error.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        self.kind().into()
    }
}
