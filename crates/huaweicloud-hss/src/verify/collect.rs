//! Collects one kind of asset on one server, and reads how that went.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use crate::assets::api;
use crate::assets::api::builder::{RunHostAssetManualCollect, ShowHostAssetManualCollectStatus};
use crate::assets::api::types::CollectType;
use crate::client::Client;
use crate::client::scan_api::ApiFuture;
use crate::error::{Error, ErrorKind};
use crate::generated::set_some::SetSome as _;
use crate::http::executor::Operation;
use crate::types::queue::Queue;

use super::times::moment;

const COLLECT: Operation = Operation::post("RunHostAssetManualCollect");
const STATUS: Operation = Operation::get("ShowHostAssetManualCollectStatus");

/// A kind of asset that a single server can collect.
///
/// ```
/// use huaweicloud_hss::verify::CollectKind;
///
/// assert_eq!("midware".parse::<CollectKind>()?, CollectKind::Packages);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CollectKind {
    /// Web apps.
    WebApps,
    /// Web services.
    WebServices,
    /// Web frameworks.
    WebFrameworks,
    /// Websites.
    Websites,
    /// Packages of programming languages.
    Packages,
    /// Databases.
    Databases,
    /// Kernel modules, of Linux.
    KernelModules,
}

impl CollectKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::WebApps,
        Self::WebServices,
        Self::WebFrameworks,
        Self::Websites,
        Self::Packages,
        Self::Databases,
        Self::KernelModules,
    ];

    /// Returns the service's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebApps => "web-app",
            Self::WebServices => "web-service",
            Self::WebFrameworks => "web-framework",
            Self::Websites => "web-site",
            Self::Packages => "midware",
            Self::Databases => "database",
            Self::KernelModules => "kernel-module",
        }
    }

    /// Returns the spellings that the sources have (`docs/design/service-behaviour.md#inventory`).
    const fn spellings(self) -> &'static [CollectType] {
        match self {
            Self::WebApps => &[CollectType::WebApp],
            Self::WebServices => &[CollectType::WebService],
            Self::WebFrameworks => &[CollectType::WebFramework, CollectType::WebFramwork],
            Self::Websites => &[CollectType::WebSite],
            Self::Packages => &[CollectType::Midware],
            Self::Databases => &[CollectType::Database],
            Self::KernelModules => &[CollectType::KernelModule],
        }
    }
}

impl fmt::Display for CollectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for CollectKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            let name = crate::printable(name);
            Error::invalid_input(format!("`{name}` is not a kind that a server collects: it is one of {names}"))
        })
    }
}

/// How the last collection of a kind on a server went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// Its state.
    pub state: CollectState,
    /// The time that the service reports with it.
    pub at: Option<SystemTime>,
}

/// The state of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CollectState {
    /// There was none.
    Never,
    /// It is running.
    Running,
    /// It has ended.
    Scanned,
    /// It failed.
    Failed,
    /// It took too long.
    TimedOut,
    /// A text that the service does not document.
    Other(String),
}

impl CollectState {
    fn new(text: Option<&str>) -> Self {
        match text {
            Some("neverscan") => Self::Never,
            Some("scanning") => Self::Running,
            Some("scanned") => Self::Scanned,
            Some("failed") => Self::Failed,
            Some("longscanning") => Self::TimedOut,
            other => Self::Other(other.unwrap_or_default().to_owned()),
        }
    }
}

impl Client {
    /// Makes a server collect one kind of asset (`RunHostAssetManualCollect`). Returns the time of the service, if its
    /// response has one.
    ///
    /// The sources spell web frameworks in two ways. If the service refuses one, the other is sent.
    ///
    /// # Errors
    /// Any error of the call. If [`Error::may_have_taken_effect`] is true, the server may collect anyway.
    pub async fn collect(&self, queue: &Queue, host_id: &str, kind: CollectKind) -> Result<Option<SystemTime>, Error> {
        each_spelling(kind, |spelling| Box::pin(self.collect_as(queue, host_id, spelling))).await
    }

    /// Returns how the last collection of a kind on a server went (`ShowHostAssetManualCollectStatus`).
    ///
    /// # Errors
    /// Any error of the call, and a response without a state.
    pub async fn collection(&self, queue: &Queue, host_id: &str, kind: CollectKind) -> Result<Collection, Error> {
        each_spelling(kind, |spelling| Box::pin(self.collection_as(queue, host_id, spelling))).await
    }

    async fn collect_as(
        &self,
        queue: &Queue,
        host_id: &str,
        spelling: CollectType,
    ) -> Result<Option<SystemTime>, Error> {
        let executor = self.executor();
        let completed = executor
            .call(queue.label(COLLECT), None, |context| {
                let api = api::Client::new_with_client(executor.base_url(), executor.http_client(), context);
                async move {
                    let enterprise_project = queue.enterprise_project.raw().map(|id| id.as_str());
                    api.run_host_asset_manual_collect()
                        .project_id(queue.project_id.as_str())
                        .set_some(enterprise_project, RunHostAssetManualCollect::enterprise_project_id)
                        .type_(spelling)
                        .host_id(host_id)
                        .send()
                        .await
                }
            })
            .await?;
        let server_time = completed.raw.server_time();
        // The documented response is empty, which is no response to any other operation.
        if completed.raw.body.is_empty() {
            return Ok(server_time);
        }
        completed.require(|()| Some(server_time), "")
    }

    async fn collection_as(&self, queue: &Queue, host_id: &str, spelling: CollectType) -> Result<Collection, Error> {
        let executor = self.executor();
        let completed = executor
            .call(queue.label(STATUS), None, |context| {
                let api = api::Client::new_with_client(executor.base_url(), executor.http_client(), context);
                async move {
                    let enterprise_project = queue.enterprise_project.raw().map(|id| id.as_str());
                    api.show_host_asset_manual_collect_status()
                        .project_id(queue.project_id.as_str())
                        .set_some(enterprise_project, ShowHostAssetManualCollectStatus::enterprise_project_id)
                        .type_(spelling)
                        .host_id(host_id)
                        .send()
                        .await
                }
            })
            .await?;
        let collection = |status: api::types::ShowHostAssetManualCollectStatusResponse| {
            let state = CollectState::new(Some(status.scan_status.as_deref()?));
            Some(Collection { state, at: status.scanned_time.and_then(|at| moment(at.try_into().ok()?)) })
        };
        completed.require(collection, "it has no `scan_status`")
    }
}

/// Makes a call with each spelling of a kind until the service does not refuse it. If it refuses all, the first error is
/// returned.
async fn each_spelling<'a, T>(kind: CollectKind, call: impl Fn(CollectType) -> ApiFuture<'a, T>) -> Result<T, Error> {
    let mut first = None;
    for spelling in kind.spellings() {
        match call(*spelling).await {
            Err(error) if error.kind() == ErrorKind::Refused => _ = first.get_or_insert(error),
            result => return result,
        }
    }
    // Every kind has a spelling.
    Err(first.unwrap_or_else(|| Error::invalid_input(format!("{kind} has no name"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_names_of_the_service() {
        for kind in CollectKind::ALL {
            assert_eq!(kind.name().parse::<CollectKind>().unwrap(), kind);
            assert_eq!(kind.spellings()[0].to_string(), kind.name());
        }
        assert!("jar".parse::<CollectKind>().unwrap_err().to_string().starts_with("`jar` is not a kind"));
    }

    #[test]
    fn a_state_that_is_not_documented_is_never_a_success() {
        for text in ["scaned", "SCANNED", "over_time", ""] {
            assert_eq!(CollectState::new(Some(text)), CollectState::Other(text.to_owned()));
        }
        assert_eq!(CollectState::new(Some("scanned")), CollectState::Scanned);
    }
}
