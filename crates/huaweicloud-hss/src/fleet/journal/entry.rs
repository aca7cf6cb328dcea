//! The entries of a journal, one JSON line each: first the whole plan, then what happened.
//!
//! The keys are those of the first release, in which a queue was called a lane.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::types::id_list::IdList;
use crate::types::project::EnterpriseProject;
use crate::types::queue::{Category, Queue};
use crate::types::selector::Selector;

use super::super::queue_plan::QueuePlan;
use super::super::record::CallRecord;
use super::super::report::{QueueReport, ScanCompletion};
use super::identity::RunIdentity;

/// The position of a call in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::fleet) struct CallIndex {
    pub(in crate::fleet) queue: usize,
    pub(in crate::fleet) call: usize,
}

/// One entry. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entry {
    /// The first entry, about the plan that follows.
    Plan(Box<PlanEntry>),
    /// A queue of the plan. Its calls follow.
    #[serde(rename = "lane")]
    Queue(QueueEntry),
    /// A call of the plan.
    Call(CallEntry),
    /// A run starts or resumes.
    Run { at_ms: u64 },
    /// A call is about to be sent.
    Sending {
        #[serde(rename = "lane")]
        queue: usize,
        call: usize,
        at_ms: u64,
    },
    /// The outcome of a call.
    Done(Box<CallDone>),
    /// Whether the end of a queue's scan was seen.
    #[serde(rename = "followed")]
    ScanEnd {
        #[serde(rename = "lane")]
        queue: usize,
        #[serde(rename = "scan")]
        end: ScanEnd,
        at_ms: u64,
    },
    /// Times of a witness before the scan.
    Baseline(BaselineEntry),
    /// What is proved about servers of a queue.
    Verdicts {
        #[serde(rename = "lane")]
        queue: usize,
        hosts: Vec<VerdictEntry>,
        at_ms: u64,
    },
}

/// Times of a witness before the scan, on some servers of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaselineEntry {
    #[serde(rename = "lane")]
    pub(crate) queue: usize,
    pub(crate) witness: String,
    /// Whether a server of which no entry has a time has none.
    pub(crate) is_complete: bool,
    /// Ids and milliseconds since 1970.
    pub(crate) times: Vec<(Box<str>, u64)>,
}

/// What is proved about a server, by the names of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictEntry {
    pub(crate) id: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Box<str>>,
    pub(crate) verdict: Box<str>,
    pub(crate) coverage: Box<str>,
    pub(crate) ordered_at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Box<str>>,
    pub(crate) is_compared: bool,
}

/// The size of a plan, its hash, and what a run must have in common with the one that began the journal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanEntry {
    pub(super) version: u32,
    pub(super) hash: String,
    #[serde(rename = "lanes")]
    pub(super) queues: usize,
    pub(super) calls: usize,
    pub(super) at_ms: u64,
    /// `None` in journals of version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<RunIdentity>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QueueEntry {
    #[serde(rename = "lane")]
    pub(super) number: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    project_id: String,
    /// `None` where the parameter is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enterprise_project_id: Option<String>,
    category: Category,
    duplicates: u64,
}

impl QueueEntry {
    pub(super) fn new(number: usize, plan: &QueuePlan) -> Self {
        let Queue { project_id, enterprise_project, category } = &plan.queue;
        Self {
            number,
            region: plan.region.as_ref().map(ToString::to_string),
            project_id: project_id.to_string(),
            enterprise_project_id: enterprise_project.raw().map(|id| id.as_str().to_owned()),
            category: *category,
            duplicates: plan.duplicates,
        }
    }

    /// Returns the report of this queue before any call, or `None` if a value is invalid.
    pub(super) fn into_report(self) -> Option<QueueReport> {
        let enterprise_project = match self.enterprise_project_id {
            Some(id) => id.parse().ok()?,
            None => EnterpriseProject::default(),
        };
        Some(QueueReport {
            region: self.region.map(|region| region.parse()).transpose().ok()?,
            queue: Queue { project_id: self.project_id.parse().ok()?, enterprise_project, category: self.category },
            duplicates: self.duplicates,
            records: Vec::new(),
            completion: ScanCompletion::NotTracked,
            cancelled: false,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallEntry {
    #[serde(rename = "lane")]
    pub(super) queue: usize,
    pub(super) call: usize,
    pub(super) selector: String,
    #[serde(default, skip_serializing_if = "IdList::is_empty")]
    pub(super) ids: IdList,
}

impl CallEntry {
    pub(super) fn new(queue: usize, call: usize, selector: &Selector) -> Self {
        Self { queue, call, selector: selector.field().to_owned(), ids: selector.ids().clone() }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct CallDone {
    #[serde(rename = "lane")]
    queue: usize,
    call: usize,
    #[serde(flatten)]
    record: CallRecord,
    error: Option<ErrorKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server_time_ms: Option<u64>,
    pub(super) at_ms: u64,
}

impl CallDone {
    pub(super) fn new(CallIndex { queue, call }: CallIndex, record: &CallRecord, at_ms: u64) -> Self {
        let server_time_ms = record.server_time.map(milliseconds);
        Self { queue, call, record: record.clone(), error: record.error, server_time_ms, at_ms }
    }

    pub(super) fn index(&self) -> CallIndex {
        CallIndex { queue: self.queue, call: self.call }
    }

    /// Returns the record of the call whose selector this is.
    pub(super) fn into_record(self, selector: Selector) -> CallRecord {
        CallRecord { selector, error: self.error, server_time: self.server_time_ms.map(time), ..self.record }
    }
}

/// Whether the end of a queue's scan was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScanEnd {
    Ended,
    NotSeenPending,
    TimedOut,
    Stopped,
    Failed,
}

impl ScanEnd {
    /// Returns `None` if the scan was not tracked.
    pub(super) fn new(completion: &ScanCompletion) -> Option<Self> {
        match completion {
            ScanCompletion::NotTracked => None,
            ScanCompletion::Finished => Some(Self::Ended),
            ScanCompletion::NotSeenPending => Some(Self::NotSeenPending),
            ScanCompletion::TimedOut => Some(Self::TimedOut),
            ScanCompletion::Cancelled => Some(Self::Stopped),
            ScanCompletion::Failed(_) => Some(Self::Failed),
        }
    }

    pub(super) fn into_completion(self) -> ScanCompletion {
        match self {
            Self::Ended => ScanCompletion::Finished,
            Self::NotSeenPending => ScanCompletion::NotSeenPending,
            Self::TimedOut => ScanCompletion::TimedOut,
            Self::Stopped => ScanCompletion::Cancelled,
            Self::Failed => ScanCompletion::Failed(Error::new(ErrorKind::Ambiguous, "the status could not be read")),
        }
    }
}

/// Returns a time as milliseconds since 1970.
pub(super) fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns the time of an entry; 1970 for a number that no clock shows, as a damaged journal may hold.
pub(super) fn time(at_ms: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(at_ms)).unwrap_or(UNIX_EPOCH)
}
