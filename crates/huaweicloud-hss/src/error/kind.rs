//! The kinds of errors, and their names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of failure an [`Error`](crate::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value is outside its documented limits or cannot be used; nothing was sent.
    InvalidInput,
    /// The client cannot be set up as configured, for example for an https endpoint without TLS; nothing was sent.
    #[serde(rename = "setup")]
    Config,
    /// The run was cancelled before the call was sent.
    #[serde(rename = "stopped")]
    Cancelled,
    /// The service does not accept the credentials.
    Credentials,
    /// The credentials are valid, but lack the permission.
    Permission,
    /// The service or its gateway received too many requests and did not process this one.
    Throttled,
    /// The service refused the call for another reason.
    Refused,
    /// The service could not be reached: the call was not sent.
    Unreachable,
    /// The service is unavailable and did not process the call, or a call that changes nothing failed on the way.
    Unavailable,
    /// The response is not what the service documents.
    #[serde(rename = "unreadable")]
    InvalidResponse,
    /// The call may have taken effect: it may have reached the service, and no usable response arrived.
    #[serde(rename = "unknown")]
    Ambiguous,
}

impl ErrorKind {
    /// Returns the name that output uses, such as `permission`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Config => "setup",
            Self::Cancelled => "stopped",
            Self::Credentials => "credentials",
            Self::Permission => "permission",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Unavailable => "unavailable",
            Self::InvalidResponse => "unreadable",
            Self::Ambiguous => "unknown",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_serialised_form() {
        use ErrorKind::*;
        for kind in [
            InvalidInput,
            Config,
            Cancelled,
            Credentials,
            Permission,
            Throttled,
            Refused,
            Unreachable,
            Unavailable,
            InvalidResponse,
            Ambiguous,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
