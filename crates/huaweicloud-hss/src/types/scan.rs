//! A scan call and what came of it.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::generated::bounds::Bounds;
use crate::generated::hss::limits::create_global_asset_scan_task as limits;
use crate::generated::hss::types;
use crate::response::outcome::ScanOutcome;
use crate::types::id_list::IdList;
use crate::types::queue::Queue;

/// Which servers a call is about. One call carries exactly one kind: of several the service would silently drop all but one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Selector {
    /// Every server of the queue's project and enterprise project.
    AllHosts,
    /// The servers with these ids, 1 to 200, sent as they are.
    Hosts(IdList),
    /// The server groups with these ids, 1 to 200, sent as they are.
    ServerGroups(IdList),
}

impl Selector {
    /// Name of the body's field, as on the page (table 4).
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::AllHosts => "all_hosts",
            Self::Hosts(_) => limits::HOST_IDS.name(),
            Self::ServerGroups(_) => limits::SERVER_GROUP.name(),
        }
    }

    /// The selector of a body's field; `None` for a name that is none of the three.
    #[cfg(feature = "fleet")]
    pub(crate) fn from_field(field: &str, ids: IdList) -> Option<Self> {
        match field {
            "all_hosts" => Some(Self::AllHosts),
            _ if field == limits::HOST_IDS.name() => Some(Self::Hosts(ids)),
            _ if field == limits::SERVER_GROUP.name() => Some(Self::ServerGroups(ids)),
            _ => None,
        }
    }

    /// The ids; none for all hosts.
    #[must_use]
    pub fn ids(&self) -> &IdList {
        static NONE: LazyLock<IdList> = LazyLock::new(IdList::default);
        match self {
            Self::AllHosts => &NONE,
            Self::Hosts(ids) | Self::ServerGroups(ids) => ids,
        }
    }

    /// How many hosts or groups the call accounts for; all hosts count as one.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match self {
            Self::AllHosts => 1,
            Self::Hosts(ids) | Self::ServerGroups(ids) => ids.len() as u64,
        }
    }

    /// The limit on the number of ids in one call; none for all hosts.
    pub(crate) fn limit(&self) -> Option<Bounds> {
        match self {
            Self::AllHosts => None,
            Self::Hosts(_) => Some(limits::HOST_IDS),
            Self::ServerGroups(_) => Some(limits::SERVER_GROUP),
        }
    }

    /// The body of the call.
    pub(crate) fn body(&self) -> Result<types::CreateGlobalAssetScanTaskRequest, Error> {
        if let Some(limit) = self.limit() {
            limit.check(self.ids().len())?;
            if self.ids().is_empty() {
                // The page allows an empty list, but no document says what a call that selects nothing does.
                return Err(Error::invalid_input(format!("{} is empty: the call would select nothing", limit.name())));
            }
        }
        let mut body = types::CreateGlobalAssetScanTaskRequest::default();
        match self {
            Self::AllHosts => body.all_hosts = Some(true),
            Self::Hosts(ids) => body.host_ids = Some(texts(ids).try_into()?),
            Self::ServerGroups(ids) => body.server_group = Some(texts(ids).try_into()?),
        }
        Ok(body)
    }
}

fn texts(ids: &IdList) -> Vec<String> {
    ids.iter().map(str::to_owned).collect()
}

/// The service's answer to a scan call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanResponse {
    /// What the answer says.
    pub outcome: ScanOutcome,
    /// The answer's own text, without control characters and credentials, and at most 512 characters of it; for a refusal also what
    /// its code means and what to do.
    pub message: String,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

/// The service's answer to the question whether a scan is pending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusResponse {
    /// Whether a scan of the queue is queued or running. The change to `false` is the only sign that a scan ended.
    pub pending: bool,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

/// What is known about an answered call beside its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// Status of the answer.
    pub http_status: u16,
    /// Id of the request at the service.
    pub request_id: Option<String>,
    /// How many times the call was sent.
    pub attempts: u32,
    /// Whether an attempt before the answered one may have arrived, which happens only with
    /// [`RetryPolicy::with_retry_ambiguous`](crate::RetryPolicy::with_retry_ambiguous): a scan that is pending may then be this call's own.
    pub earlier_attempt_ambiguous: bool,
    /// From the first attempt to the answer.
    pub elapsed: Duration,
    /// The service's own time when it answered, as its Date header says.
    pub server_time: Option<SystemTime>,
}

/// One scan call: which queue, and which servers of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRequest {
    /// The queue.
    pub queue: Queue,
    /// The servers.
    pub selector: Selector,
}

impl ScanRequest {
    /// A scan of every server of the queue.
    #[must_use]
    pub fn all_hosts(queue: Queue) -> Self {
        Self { queue, selector: Selector::AllHosts }
    }

    /// A scan of the servers with these ids.
    #[must_use]
    pub fn hosts<I: AsRef<str>>(queue: Queue, ids: impl IntoIterator<Item = I>) -> Self {
        Self { queue, selector: Selector::Hosts(ids.into_iter().collect()) }
    }

    /// A scan of the server groups with these ids.
    #[must_use]
    pub fn server_groups<I: AsRef<str>>(queue: Queue, ids: impl IntoIterator<Item = I>) -> Self {
        Self { queue, selector: Selector::ServerGroups(ids.into_iter().collect()) }
    }
}
