//! What a caller adds to a call: its own limits in time, and steps just before an attempt is sent.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind};
use crate::http::call_options::CallOptions;
use crate::http::executor::shutdown::ShutdownSignal;

/// A step of an [`Admission`].
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a fleet run adds to a call: its limits in time, the shutdown, the limit on calls in flight, and the journal.
///
/// Implementations of [`ScanApi`](crate::ScanApi) pass it on, or use [`CallControl::admit`].
#[derive(Clone, Copy, Default)]
pub struct CallControl<'a> {
    /// Replaces the options of the client.
    pub(crate) options: Option<&'a CallOptions>,
    /// After it, no attempt begins; the response to an attempt that has begun is still waited for.
    pub(crate) shutdown: Option<&'a ShutdownSignal>,
    pub(crate) admission: Option<&'a dyn Admission>,
    /// Limits the attempts of the client's own policy.
    pub(crate) max_attempts: Option<u32>,
    /// What identifies the user of a log-in, which has no other credentials: it is not sent again once it is refused.
    pub(crate) log_in: Option<[&'a str; 3]>,
}

impl CallControl<'_> {
    /// Makes a call once the run allows it, and records in the journal that it is being sent.
    ///
    /// # Errors
    /// Those of the call. Without it, and with nothing sent, if the run is shut down, its deadline passes, or the
    /// journal cannot be written.
    pub async fn admit<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let place = match self.shutdown {
            None => self.place().await,
            Some(shutdown) => tokio::select! {
                biased;
                () = shutdown.requested() => Err(stopped()),
                place = self.place() => place,
            },
        };
        let _place = place.map_err(Error::before_sending)?;
        call.await
    }

    /// Waits for a place among the calls in flight, and records that the call is about to be sent.
    async fn place(&self) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let Some(admission) = self.admission else { return Ok(None) };
        let place = match self.options.and_then(|options| options.deadline) {
            None => admission.place().await,
            Some(deadline) => {
                timeout_at(Instant::from_std(deadline), admission.place()).await.map_err(|_| out_of_time())?
            }
        };
        admission.sending().await?;
        Ok(place)
    }
}

impl fmt::Debug for CallControl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallControl").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The error of a call that was not sent because of a shutdown.
pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "not sent: the run was stopped")
}

/// The error of a call whose time was over before it could be sent.
pub(super) fn out_of_time() -> Error {
    let what = "not sent: calls are limited, and the time was over before this one could be sent";
    Error::new(ErrorKind::Throttled, what).with_help("Allow more time, or make fewer calls.")
}

/// The last steps before an attempt is sent.
pub(crate) trait Admission: Sync {
    /// Waits for a place among the calls in flight. It is kept until the response.
    fn place(&self) -> Step<'_, Option<SemaphorePermit<'_>>>;

    /// Records that an attempt is about to be sent. If that fails, it is not sent.
    fn sending(&self) -> Step<'_, Result<(), Error>>;

    /// Records that the service did not process the attempt, and that there will be another one.
    fn not_processed<'a>(&'a self, error: &'a Error) -> Step<'a, ()>;
}
