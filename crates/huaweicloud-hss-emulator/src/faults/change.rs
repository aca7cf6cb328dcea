//! Faults inside an operation: lists that lose rows, filters that are ignored, scans that a status does not show,
//! hosts that a scan passes over.

use tokio::time::Duration;

use crate::model::assets::fault::HostFaultRule;
use crate::model::request_log::Selector;

/// How a fault changes what an operation does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The page has no rows.
    EmptyList,
    /// The list of the page is `null`.
    NullList,
    /// The page has no list.
    NoList,
    /// The page is the first one, whichever was requested.
    RepeatPage,
    /// The page has this number as the total.
    Total(usize),
    /// The list ends after this number of rows.
    CutList(usize),
    /// The filters of the request are ignored.
    IgnoreFilter,
    /// The service processes this many tasks of an accepted scan.
    Processed(usize),
    /// The status shows an accepted scan only after this time; never, if there is none.
    HideScan {
        shown_after: Option<Duration>,
        /// Only scans with this selector are hidden.
        selector: Option<Selector>,
    },
    /// Some hosts are not collected as ordered.
    Hosts(HostFaultRule),
}
