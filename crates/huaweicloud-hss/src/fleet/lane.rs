//! Runs the calls of one queue, one after the other, and waits where the queue is busy.
//!
//! A call answered "already queued" was not taken. Where this run filled the queue itself, it waits until the service says that
//! no scan is pending and sends the call again; where somebody else did, only if asked to. How long a queue stays busy no
//! document says, so the answers alone decide.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::outcome::{CallOutcome, ScanOutcome};
use crate::queue::Queue;
use crate::scan::{ScanRequest, ScanResponse, Selector, StatusResponse};

use super::account::{CallRecord, QueueReport, ScanCompletion};
use super::journal::{Journal, Place};
use super::plan::QueuePlan;
use super::polling::{PollInterval, Seen, Shared};
use crate::shutdown::ShutdownSignal;

/// How long a call that is on its way may still take after stopping was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// How long after the deadline of a wait the answer to its last question may still come.
const LAST_ANSWER: Duration = Duration::from_secs(2);

/// Why a call was not sent after stopping was asked for.
const STOPPED: &str = "not sent: the run was stopped";

/// Why a call was not sent when the journal could not note it.
const NO_JOURNAL: &str = "not sent: the journal cannot be written";

/// How a lane is run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetOptions {
    /// Also wait for a queue that somebody else filled, and follow the lane's own scan to its end.
    pub wait: bool,
    /// The longest wait for one call's turn, and for the end of the last scan.
    pub wait_timeout: Duration,
    /// How often to ask.
    pub polling: PollInterval,
    /// How many calls, status questions included, are on their way at a time, over all lanes that share these options.
    slots: Arc<Semaphore>,
    /// What all lanes that share these options see of how long queues stay busy.
    shared: Shared,
    /// Where each call is noted before and after it is sent.
    pub journal: Option<Arc<Journal>>,
}

impl FleetOptions {
    /// How many calls are on their way at a time when nothing else is said.
    pub const DEFAULT_CONCURRENCY: usize = 8;

    /// At most so many calls on their way at a time, over all lanes. A lane that waits for its queue holds no place.
    #[must_use]
    pub fn with_concurrency(mut self, calls: usize) -> Self {
        self.slots = Arc::new(Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// A place among the calls on their way. The semaphore is never closed, so this always succeeds.
    async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.acquire().await.ok()
    }
}

impl Default for FleetOptions {
    /// Waits for its own scans only, 30 minutes at the longest; 8 calls on their way at a time.
    fn default() -> Self {
        Self {
            wait: false,
            wait_timeout: Duration::from_secs(30 * 60),
            polling: PollInterval::default(),
            slots: Arc::new(Semaphore::new(Self::DEFAULT_CONCURRENCY)),
            shared: Shared::default(),
            journal: None,
        }
    }
}

/// What a lane tells while it runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call has its final outcome.
    CallFinished(&'a CallRecord),
    /// A call found the queue busy, and is sent again when it is free.
    QueueBusy(&'a Selector),
    /// All calls are done; the lane's scan is followed to its end.
    AwaitingScanEnd,
    /// The lane has come to its end.
    QueueFinished,
    /// Asking whether a scan is pending failed; it is asked again.
    StatusPollFailed(&'a Error),
}

/// How waiting for a free queue ended.
enum Waited {
    Free,
    TimedOut,
    Stopped,
    Failed(Error),
}

/// A moment after this wait; one that the clock cannot hold is so far away that a century will do.
fn from_now(wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    Instant::now() + wait.min(CENTURY)
}

impl QueuePlan {
    /// Sends every request and returns the report: [`QueueReport::totals`] add up to [`QueuePlan::target_count`], whatever happens.
    ///
    /// Refused credentials, a missing permission and an unreachable service end the queue's run: the remaining requests are not sent.
    pub async fn execute(
        self,
        client: &Client,
        options: &FleetOptions,
        stop: &ShutdownSignal,
        tell: impl FnMut(Event<'_>),
    ) -> QueueReport {
        self.execute_numbered(0, client, options, stop, tell).await
    }

    /// Does the same as [`QueuePlan::execute`], for the queue with this number in a plan.
    pub(crate) async fn execute_numbered(
        mut self,
        number: usize,
        client: &Client,
        options: &FleetOptions,
        stop: &ShutdownSignal,
        mut tell: impl FnMut(Event<'_>),
    ) -> QueueReport {
        // An earlier run's scan may be pending still.
        let lane_filled_queue = !self.already_done.is_empty();
        let mut runner = Runner { client, options, stop, lane_filled_queue, seen: Seen::new(options.shared.clone()) };
        let mut records = Vec::with_capacity(self.requests.len());
        let mut halted: Option<&'static str> = None;
        let mut cancelled = false;
        for (call, selector) in std::mem::take(&mut self.requests).into_iter().enumerate() {
            if let Some(record) = self.already_done.remove(&call) {
                tell(Event::CallFinished(&record));
                records.push(record);
                continue;
            }
            if halted.is_none() && stop.is_requested() {
                halted = Some(STOPPED);
            }
            if halted.is_none() && options.journal.as_ref().is_some_and(|journal| journal.failure().is_some()) {
                halted = Some(NO_JOURNAL);
            }
            let place = Place { lane: number, call };
            let record = match halted {
                Some(why) => CallRecord::not_sent(selector, why),
                None => {
                    let request = ScanRequest { queue: self.queue.clone(), selector };
                    let record = runner.call(place, request, &mut tell).await;
                    if let Some(journal) = &options.journal {
                        // A failure is seen before the next call.
                        journal.done(place, &record).await;
                    }
                    record
                }
            };
            if halted.is_none() {
                halted = match record.error {
                    Some(ErrorKind::Credentials | ErrorKind::Permission) => {
                        Some("not sent: the call before was denied")
                    }
                    Some(ErrorKind::Unreachable) => Some("not sent: the service cannot be reached"),
                    _ => None,
                };
            }
            cancelled |= stop.is_requested() && record.outcome != CallOutcome::Accepted;
            tell(Event::CallFinished(&record));
            records.push(record);
        }
        let started_a_scan = records.iter().any(|record| record.outcome == CallOutcome::Accepted);
        let completion = if options.wait && started_a_scan {
            tell(Event::AwaitingScanEnd);
            match runner.until_free(&self.queue, from_now(options.wait_timeout), None, &mut tell).await {
                Waited::Free => ScanCompletion::Finished,
                Waited::TimedOut => ScanCompletion::TimedOut,
                Waited::Stopped => ScanCompletion::Cancelled,
                Waited::Failed(error) => ScanCompletion::Failed(error),
            }
        } else {
            ScanCompletion::NotTracked
        };
        if let Some(journal) = &options.journal {
            journal.followed(number, &completion).await;
        }
        cancelled |= matches!(completion, ScanCompletion::Cancelled);
        tell(Event::QueueFinished);
        let Self { region, queue, duplicates, .. } = self;
        QueueReport { region, queue, duplicates, records, completion, cancelled }
    }
}

struct Runner<'a> {
    client: &'a Client,
    options: &'a FleetOptions,
    stop: &'a ShutdownSignal,
    /// Whether a scan that is pending may be this lane's own.
    lane_filled_queue: bool,
    seen: Seen,
}

impl Runner<'_> {
    /// Sends one call, again where the queue was busy, until it has its final outcome.
    async fn call(&mut self, place: Place, request: ScanRequest, tell: &mut impl FnMut(Event<'_>)) -> CallRecord {
        let started = Instant::now();
        let mut attempts = 0;
        let mut deadline = None;
        // The pause before the next question, once the queue was called free and the call was still not taken.
        let mut refused: Option<Duration> = None;
        // What a call was last told that is to be sent again: its outcome, should there be no again.
        let mut last = None;
        loop {
            let result = match (self.send(place, &request).await, last.take()) {
                (Some(result), _) => result,
                (None, Some(reply)) => {
                    return CallRecord::new(request.selector, Ok(reply), attempts, started.elapsed());
                }
                (None, None) => {
                    let why = if self.stop.is_requested() { STOPPED } else { NO_JOURNAL };
                    return CallRecord::not_sent(request.selector, why);
                }
            };
            attempts += match &result {
                Ok(reply) => reply.meta.attempts,
                Err(error) => error.attempts(),
            };
            self.lane_filled_queue |= result.as_ref().is_ok_and(|reply| reply.meta.earlier_attempt_ambiguous);
            let busy = matches!(&result, Ok(ScanResponse { outcome: ScanOutcome::AlreadyQueued, .. }));
            if busy {
                self.seen.busy(Instant::now());
            }
            let mut why_not = None;
            if busy && (self.lane_filled_queue || self.options.wait) {
                let deadline = *deadline.get_or_insert_with(|| from_now(self.options.wait_timeout));
                tell(Event::QueueBusy(&request.selector));
                if let (Some(journal), Ok(reply)) = (&self.options.journal, &result) {
                    // Not taken: a run that is killed while it waits may send it again.
                    let busy =
                        CallRecord::new(request.selector.clone(), Ok(reply.clone()), attempts, started.elapsed());
                    journal.done(place, &busy).await;
                }
                // The service may say that a queue is free and still not take the call: then there is a pause before each question,
                // and an end.
                let polling = &self.options.polling;
                let not_before = refused.map(|pause| Instant::now() + PollInterval::jitter(pause));
                refused = Some(refused.map_or(polling.initial, |pause| polling.grow(pause)));
                let in_time = not_before.is_none_or(|moment| moment < deadline);
                match self.until_free(&request.queue, deadline, not_before, tell).await {
                    Waited::Free if in_time && !self.stop.is_requested() => {
                        last = result.ok();
                        continue;
                    }
                    Waited::Failed(error) => why_not = Some(error),
                    Waited::Free | Waited::TimedOut | Waited::Stopped => {}
                }
            }
            let mut record = CallRecord::new(request.selector, result, attempts, started.elapsed());
            if let Some(error) = why_not {
                record.message = format!("{} When the queue is free could not be asked: {error}", record.message);
                record.error = Some(error.kind());
            }
            self.lane_filled_queue |= matches!(record.outcome, CallOutcome::Accepted | CallOutcome::Unknown);
            if record.outcome == CallOutcome::Accepted {
                self.seen.accepted(Instant::now());
            }
            return record;
        }
    }

    /// Sends a call once. After stopping was asked for, the answer on its way gets a little time, then it is unknown.
    ///
    /// `None` when it was not sent: stopping was asked for before it had its place among those on their way, or the journal could
    /// not note it.
    async fn send(&self, place: Place, request: &ScanRequest) -> Option<Result<ScanResponse, Error>> {
        let _slot = tokio::select! {
            biased;
            () = self.stop.requested() => return None,
            slot = self.options.slot() => slot,
        };
        if let Some(journal) = &self.options.journal
            && !journal.sending(place).await
        {
            return None;
        }
        let given_up = async {
            self.stop.requested().await;
            tokio::select! {
                () = self.stop.forced() => {}
                () = sleep(GRACE) => {}
            }
        };
        Some(tokio::select! {
            biased;
            result = self.client.scan_unless_stopped(request, Some(self.stop)) => result,
            () = given_up => Err(Error::new(ErrorKind::Ambiguous, "stopped before the answer was there")
                .with_help("The request may have taken effect: ask for the status before sending it again.")
                .with_attempts(1)),
        })
    }

    /// Asks once whether a scan is pending, and waits for the answer until shortly after the deadline.
    async fn ask(&self, queue: &Queue, deadline: Instant) -> Result<StatusResponse, Error> {
        let answer = async {
            let _slot = self.options.slot().await;
            self.client.status(queue).await
        };
        let end = deadline.max(Instant::now()) + LAST_ANSWER;
        timeout_at(end, answer).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Unavailable, "no answer came before the time to wait was over")
                .with_help("Ask with `hss status`."))
        })
    }

    /// Asks until no scan is pending, at the earliest at a moment. Time that runs out while the status could not be asked for is a
    /// failure.
    async fn until_free(
        &mut self,
        queue: &Queue,
        deadline: Instant,
        not_before: Option<Instant>,
        tell: &mut impl FnMut(Event<'_>),
    ) -> Waited {
        let polling = &self.options.polling;
        let (planned, mut pause) = self.seen.plan(polling);
        let mut next = planned.max(not_before);
        loop {
            if let Some(next) = next {
                tokio::select! {
                    biased;
                    () = self.stop.requested() => return Waited::Stopped,
                    () = self.seen.wait_until(next.min(deadline)) => {}
                }
            }
            // The question at the deadline is the last: the scan may have ended in this very pause.
            let last = next.is_some() && Instant::now() >= deadline;
            let answer = tokio::select! {
                biased;
                () = self.stop.requested() => return Waited::Stopped,
                answer = self.ask(queue, deadline) => answer,
            };
            let now = Instant::now();
            match answer {
                Ok(reply) if !reply.pending => {
                    self.seen.free(now);
                    return Waited::Free;
                }
                Ok(_) if last => return Waited::TimedOut,
                Ok(_) => self.seen.busy(now),
                // The queue's state is only asked for: whatever may pass is asked again until time runs out.
                Err(error)
                    if !last
                        && now < deadline
                        && matches!(
                            error.kind(),
                            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable
                        ) =>
                {
                    tell(Event::StatusPollFailed(&error));
                }
                Err(error) => return Waited::Failed(error),
            }
            next = Some(now + PollInterval::jitter(pause));
            pause = polling.grow(pause);
        }
    }
}
