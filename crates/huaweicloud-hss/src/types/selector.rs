//! The servers that a scan is about: all, some, or server groups.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::id;
use super::id_list::IdList;
use crate::error::Error;
use crate::generated::bounds::Bounds;
use crate::generated::hss::bounds::create_global_asset_scan_task as bounds;
use crate::generated::hss::types;

/// The servers to scan. A call has exactly one selector, because the service silently ignores all but one
/// (`docs/design/service-behaviour.md#scan-and-status`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SerializedSelector", into = "SerializedSelector")]
#[non_exhaustive]
pub enum Selector {
    /// All servers of the queue's project and enterprise project.
    AllHosts,
    /// The servers with these ids, 1 to 200, sent as they are.
    Hosts(IdList),
    /// The server groups with these ids, 1 to 200, sent as they are.
    ServerGroups(IdList),
}

impl Selector {
    /// Returns the name of the request's field.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::AllHosts => "all_hosts",
            Self::Hosts(_) => bounds::HOST_IDS.name(),
            Self::ServerGroups(_) => bounds::SERVER_GROUP.name(),
        }
    }

    /// Returns the selector for a field of the request; `None` for any other name.
    pub(crate) fn from_field(field: &str, ids: IdList) -> Option<Self> {
        match field {
            "all_hosts" => Some(Self::AllHosts),
            _ if field == bounds::HOST_IDS.name() => Some(Self::Hosts(ids)),
            _ if field == bounds::SERVER_GROUP.name() => Some(Self::ServerGroups(ids)),
            _ => None,
        }
    }

    /// Returns the ids; none for all hosts.
    #[must_use]
    pub fn ids(&self) -> &IdList {
        static NONE: LazyLock<IdList> = LazyLock::new(IdList::default);
        match self {
            Self::AllHosts => &NONE,
            Self::Hosts(ids) | Self::ServerGroups(ids) => ids,
        }
    }

    /// Returns the number of hosts or groups; all hosts count as one.
    #[must_use]
    pub fn target_count(&self) -> u64 {
        match self {
            Self::AllHosts => 1,
            Self::Hosts(ids) | Self::ServerGroups(ids) => ids.len() as u64,
        }
    }

    /// Returns the bounds of the number of ids in a call; `None` for all hosts.
    pub(crate) fn limit(&self) -> Option<Bounds> {
        match self {
            Self::AllHosts => None,
            Self::Hosts(_) => Some(bounds::HOST_IDS),
            Self::ServerGroups(_) => Some(bounds::SERVER_GROUP),
        }
    }

    /// Checks that a call can be made with this selector: 1 to 200 ids, each without a problem.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for no ids, too many ids, or one with an
    /// [`IdProblem`](crate::IdProblem).
    pub fn check(&self) -> Result<(), Error> {
        let Some(limit) = self.limit() else { return Ok(()) };
        let in_module_fleet = "`fleet::QueuePlan` splits more ids into several calls.";
        limit.check(self.ids().len()).map_err(|error| error.with_help(in_module_fleet))?;
        if self.ids().is_empty() {
            // The reference page allows an empty list, but what a call does that selects nothing is not documented.
            return Err(Error::invalid_input(format!("{} is empty: the call would select nothing", limit.name())));
        }
        self.ids().iter().try_for_each(|id| id::check(limit.name(), id))
    }

    /// Returns the body of the request.
    ///
    /// # Errors
    /// As [`Selector::check`].
    pub(crate) fn body(&self) -> Result<types::CreateGlobalAssetScanTaskRequest, Error> {
        self.check()?;
        let mut body = types::CreateGlobalAssetScanTaskRequest::default();
        match self {
            Self::AllHosts => body.all_hosts = Some(true),
            Self::Hosts(ids) => body.host_ids = Some(texts(ids).try_into()?),
            Self::ServerGroups(ids) => body.server_group = Some(texts(ids).try_into()?),
        }
        Ok(body)
    }
}

/// A selector as output and journals write it: the name of the request's field, and the ids.
#[derive(Serialize, Deserialize)]
struct SerializedSelector {
    selector: String,
    #[serde(default)]
    ids: IdList,
}

impl From<Selector> for SerializedSelector {
    fn from(selector: Selector) -> Self {
        Self { selector: selector.field().to_owned(), ids: selector.ids().clone() }
    }
}

impl TryFrom<SerializedSelector> for Selector {
    type Error = Error;

    fn try_from(SerializedSelector { selector, ids }: SerializedSelector) -> Result<Self, Error> {
        Self::from_field(&selector, ids).ok_or_else(|| Error::invalid_input(format!("unknown selector {selector:?}")))
    }
}

fn texts(ids: &IdList) -> Vec<String> {
    ids.iter().map(str::to_owned).collect()
}
