//! What was really collected, which no client can see.

use serde::Serialize;

use super::coverage::NotCoverable;
use super::kind::{AssetCategory, AssetKind};

/// The truth about the assets of one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostTruth {
    /// The id of the host.
    pub host_id: String,
    /// Why the host is not collected now; `None` if it is.
    pub not_coverable: Option<NotCoverable>,
    /// Each kind of the server, and of its containers if it has any.
    pub assets: Vec<AssetTruth>,
}

/// The truth about one kind of asset of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AssetTruth {
    /// The kind.
    pub kind: AssetKind,
    /// On the server, or in its containers.
    pub category: AssetCategory,
    /// The number of rows that lists have.
    pub rows: usize,
    /// The last collection; `None` if there was none.
    #[serde(flatten)]
    pub last: Option<LastCollection>,
    /// What the status of a collection of one host is: only for kinds that have such a collection.
    pub scan_status: Option<CollectStatus>,
}

/// The last collection of one kind of asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LastCollection {
    /// When it was collected, in milliseconds since 1970.
    #[serde(rename = "collected_millis")]
    pub at: i64,
    /// Why.
    pub cause: CollectionCause,
    /// The time that lists show: earlier, if a fault keeps the times of rows.
    #[serde(rename = "listed_millis")]
    pub listed_at: i64,
}

/// Why a host was collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CollectionCause {
    /// It became coverable for the first time.
    First,
    /// Its time of the hour, day or week had come.
    Schedule,
    /// A scan.
    Scan,
    /// A collection of one kind on one host.
    Manual,
}

/// The state of the last ordered collection of one kind on one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum CollectStatus {
    /// There was none.
    #[serde(rename = "neverscan")]
    NeverScanned,
    /// It has not ended.
    #[serde(rename = "scanning")]
    Scanning,
    /// It has ended.
    #[serde(rename = "scanned")]
    Scanned,
    /// It has failed.
    #[serde(rename = "failed")]
    Failed,
    /// It has not ended in time.
    #[serde(rename = "longscanning")]
    LongScanning,
}
