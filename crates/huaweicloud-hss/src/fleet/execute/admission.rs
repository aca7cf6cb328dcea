//! The last steps before a call of a run is sent: a place among the calls in flight, and the journal.

use tokio::sync::SemaphorePermit;

use crate::error::{Error, ErrorKind};
use crate::fleet::journal::CallIndex;
use crate::fleet::options::{FleetOptions, Places};
use crate::fleet::record::CallRecord;
use crate::http::executor::control::{Admission, Step};
use crate::types::selector::Selector;

/// Why a call was not sent when the journal could not record it.
pub(super) const NO_JOURNAL: &str = "not sent: the journal cannot be written";

/// The admission of a scan.
pub(super) struct ScanAdmission<'a> {
    pub(super) options: &'a FleetOptions,
    pub(super) index: CallIndex,
    pub(super) selector: &'a Selector,
}

impl Admission for ScanAdmission<'_> {
    fn place(&self) -> Step<'_, Option<SemaphorePermit<'_>>> {
        Box::pin(self.options.places.for_scan())
    }

    fn sending(&self) -> Step<'_, Result<(), Error>> {
        Box::pin(async {
            match &self.options.journal {
                Some(journal) if !journal.call_sending(self.index).await => {
                    Err(Error::new(ErrorKind::Cancelled, NO_JOURNAL))
                }
                _ => Ok(()),
            }
        })
    }

    fn not_processed<'a>(&'a self, error: &'a Error) -> Step<'a, ()> {
        Box::pin(async {
            if let Some(journal) = &self.options.journal {
                // A run that is killed while the call waits may send it again.
                journal.call_done(self.index, &CallRecord::not_sent(self.selector.clone(), error.to_string())).await;
            }
        })
    }
}

/// The admission of a status request.
pub(super) struct StatusAdmission<'a>(pub(super) &'a Places);

impl Admission for StatusAdmission<'_> {
    fn place(&self) -> Step<'_, Option<SemaphorePermit<'_>>> {
        Box::pin(self.0.for_status())
    }

    fn sending(&self) -> Step<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn not_processed<'a>(&'a self, _: &'a Error) -> Step<'a, ()> {
        Box::pin(async {})
    }
}
