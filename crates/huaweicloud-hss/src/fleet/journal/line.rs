//! The lines of a journal, as JSON: first the whole plan, then what happened.

use serde::{Deserialize, Serialize};

use crate::error::ErrorKind;
use crate::ids::IdList;
use crate::outcome::CallOutcome;
use crate::queue::Category;

/// The form of the journal.
pub(super) const VERSION: u32 = 2;

/// How every journal begins.
pub(super) const HEAD: &[u8] = b"{\"plan\":{\"version\":";

/// The version that a first line names, whatever else is in it.
pub(super) fn version(line: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct First {
        plan: Plan,
    }
    #[derive(Deserialize)]
    struct Plan {
        version: u32,
    }
    serde_json::from_slice(line).ok().map(|First { plan: Plan { version } }| version)
}

/// Where a call stands in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) lane: usize,
    pub(crate) call: usize,
}

/// One line. Moments are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// The first line: how much of a plan follows, and its hash.
    Plan { version: u32, hash: String, lanes: usize, calls: usize, at_ms: u64 },
    /// A lane of the plan. Its calls follow.
    Lane(LaneLine),
    /// A call of the plan.
    Call(CallLine),
    /// A run begins, or goes on.
    Run { at_ms: u64 },
    /// A call is about to be sent.
    Sending { lane: usize, call: usize, at_ms: u64 },
    /// What became of a call.
    Done(Box<Done>),
    /// Whether a lane's scan was seen to end.
    Followed { lane: usize, scan: Ending, at_ms: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LaneLine {
    pub(super) lane: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    pub(super) project_id: String,
    /// None where the parameter is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) enterprise_project_id: Option<String>,
    pub(super) category: Category,
    pub(super) duplicates: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallLine {
    pub(super) lane: usize,
    pub(super) call: usize,
    pub(super) selector: String,
    #[serde(default, skip_serializing_if = "IdList::is_empty")]
    pub(super) ids: IdList,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    pub(super) lane: usize,
    pub(super) call: usize,
    pub(super) outcome: CallOutcome,
    pub(super) processed: Option<u64>,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
    pub(super) http_status: Option<u16>,
    pub(super) attempts: u32,
    pub(super) elapsed_ms: u64,
    pub(super) error: Option<ErrorKind>,
    pub(super) at_ms: u64,
}

/// How following a lane's scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    Ended,
    TimedOut,
    Stopped,
    Failed,
}
