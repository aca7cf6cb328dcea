//! The outcome of a scan call: accepted or not, and what that means for each of its hosts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// The outcome that a response to a scan call reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScanOutcome {
    /// The service accepted the call.
    Accepted {
        /// The number of tasks that the service reports as processed.
        processed: u64,
    },
    /// A scan of the same queue is pending: this call was not accepted.
    AlreadyQueued,
    /// The response is an error with a code, although its status is 200.
    Refused {
        /// The service's code, such as `HSS.0013`.
        code: String,
        /// What kind of error the code means.
        #[serde(rename = "error")]
        kind: ErrorKind,
    },
    /// The text of the response is not a known one. It must not be counted as a success.
    Unrecognised,
}

/// The outcome of a call for each of its hosts and groups. The last two have no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The service accepted the call.
    Accepted,
    /// A scan of the same queue was pending; this call was not accepted.
    AlreadyQueued,
    /// The service refused the call.
    Refused,
    /// The response was not understood.
    Unrecognised,
    /// The call may have been sent, and no response arrived.
    Unknown,
    /// The call was not sent.
    NotSent,
}

impl CallOutcome {
    /// Returns the name that output uses, such as `already_queued`.
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

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
            ErrorKind::InvalidInput
            | ErrorKind::Config
            | ErrorKind::Cancelled
            | ErrorKind::Unreachable
            | ErrorKind::Throttled => Self::NotSent,
            ErrorKind::Credentials | ErrorKind::Permission | ErrorKind::Refused | ErrorKind::Unavailable => {
                Self::Refused
            }
            ErrorKind::InvalidResponse => Self::Unrecognised,
            ErrorKind::Ambiguous => Self::Unknown,
        }
    }
}

impl Error {
    /// Returns the outcome for the hosts and groups of a scan call that failed with this error.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        if self.is_before_sending() { CallOutcome::NotSent } else { self.kind().into() }
    }
}
