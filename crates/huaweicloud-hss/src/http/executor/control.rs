//! What a caller adds to a call: its own limits in time, and steps just before an attempt is sent.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::SemaphorePermit;

use crate::error::Error;
use crate::http::call_options::CallOptions;
use crate::http::executor::shutdown::ShutdownSignal;

/// A step of an [`Admission`].
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a caller adds to a call.
#[derive(Clone, Copy, Default)]
pub(crate) struct CallControl<'a> {
    /// Replaces the options of the client.
    pub(crate) options: Option<&'a CallOptions>,
    /// After it, no attempt begins; the response to an attempt that has begun is still waited for.
    pub(crate) shutdown: Option<&'a ShutdownSignal>,
    pub(crate) admission: Option<&'a dyn Admission>,
    /// What identifies the user of a log-in, which has no other credentials: it is not sent again once it is refused.
    pub(crate) log_in: Option<[&'a str; 3]>,
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
