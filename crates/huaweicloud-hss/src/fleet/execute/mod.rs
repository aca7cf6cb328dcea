//! Executes queue plans: the requests of one queue sequentially, any number of queues concurrently.
//!
//! The service accepts no call while a scan of the same queue is pending. If this run started that scan, it waits until
//! no scan is pending and sends the call again; for a scan of another client it does so only on request. How long a
//! queue stays busy is not documented, so the responses alone decide.

mod admission;
mod event;
mod start;
#[cfg(test)]
mod tests;
mod wait;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::scan_api::ScanApi;
use crate::error::{Error, ErrorKind};
use crate::http::call_options::CallOptions;
use crate::http::executor::CallControl;
use crate::http::executor::shutdown::{ShutdownHandle, ShutdownSignal};
use crate::response::outcome::{CallOutcome, ScanOutcome};
use crate::types::queue::Queue;
use crate::types::region::Region;
use crate::types::scan::{ScanRequest, ScanResponse, StatusResponse};

use super::journal::CallIndex;
use super::options::FleetOptions;
use super::poll::{PollInterval, PollTimer};
use super::queue_plan::QueuePlan;
use super::record::CallRecord;
use super::report::{QueueReport, ScanCompletion};

use admission::{NO_JOURNAL, ScanAdmission, StatusAdmission};
pub use event::Event;
use start::{Starts, in_turn};
use wait::{WaitResult, from_now};

/// How long the call in flight may still take after a shutdown was requested.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// How often one poll is attempted. After that, the next poll follows.
const POLL_ATTEMPTS: u32 = 4;

/// How long after the deadline of a wait the response to its last status request may still arrive.
const FINAL_POLL_GRACE: Duration = Duration::from_secs(2);

/// Why a call was not sent after a shutdown was requested.
const SHUT_DOWN: &str = "not sent: the run was stopped";

/// Why a call was not sent when the time of the run was over.
const DEADLINE_PASSED: &str = "not sent: the deadline of the run has passed";

/// Why a call was not sent when an earlier one could not be.
const UNREACHABLE: &str = "not sent: the service cannot be reached";

/// Executes plans concurrently, each with the client of its region, and returns their reports in the order of the
/// plans. Tests can use a [`FakeClient`](crate::FakeClient) in place of a client.
///
/// All queues make progress together; [`FleetOptions::with_concurrency`] limits the calls in flight. `on_event` is
/// called for each event of each queue, in order.
///
/// # Cancellation
/// [`ShutdownHandle::request`] ends a run with a report. A dropped future ends it without one: calls in flight may have
/// taken effect, which is logged and, with a journal, recorded as unknown.
///
/// ```no_run
/// use huaweicloud_hss::fleet::{FleetOptions, QueuePlan, ShutdownSignal, Totals, execute_all};
///
/// # async fn example(client: huaweicloud_hss::Client, plans: Vec<QueuePlan>) {
/// let plans = plans.into_iter().map(|plan| (plan, client.clone()));
/// let reports = execute_all(plans, &FleetOptions::default(), &ShutdownSignal::never(), |_region, queue, event| {
///     println!("{queue}: {event:?}");
/// })
/// .await;
/// println!("{} of {} accepted", Totals::from_reports(&reports).accepted, Totals::from_reports(&reports).total());
/// # }
/// ```
pub async fn execute_all(
    plans: impl IntoIterator<Item = (QueuePlan, impl ScanApi)>,
    options: &FleetOptions,
    shutdown: &ShutdownSignal,
    on_event: impl FnMut(Option<&Region>, &Queue, Event<'_>),
) -> Vec<QueueReport> {
    let on_event = &Mutex::new(on_event);
    let mut unreachable: HashMap<String, ShutdownHandle> = HashMap::new();
    let mut starts = Starts::new(options);
    let queues = plans.into_iter().map(|(plan, client)| {
        let endpoint = client.endpoint().to_owned();
        let turns = starts.turns(&endpoint, client.limits_id());
        let halt = unreachable.entry(endpoint).or_insert_with(|| shutdown.child()).clone();
        in_turn(turns, plan, move |plan, mut turn| async move {
            let (region, queue) = (plan.region.clone(), plan.queue.clone());
            let on_queue_event = |event: Event<'_>| {
                turn.end_at(&event);
                let mut on_event = on_event.lock().unwrap_or_else(PoisonError::into_inner);
                on_event(region.as_ref(), &queue, event);
            };
            plan.execute_until(&client, options, shutdown, halt, on_queue_event).await
        })
    });
    join_all(queues).await
}

impl QueuePlan {
    /// Sends every request and returns the report: [`QueueReport::totals`] add up to [`QueuePlan::target_count`],
    /// whatever happens.
    ///
    /// Rejected credentials, a missing permission and an unreachable service end the queue's run: the remaining
    /// requests are not sent. With a journal, nothing is sent of a plan that is not one of the journal's, or that was
    /// executed with it before.
    /// In [`execute_all`], an unreachable service ends the run of all queues at its endpoint.
    ///
    /// # Cancellation
    /// As with [`execute_all`].
    pub async fn execute(
        self,
        client: &impl ScanApi,
        options: &FleetOptions,
        shutdown: &ShutdownSignal,
        on_event: impl FnMut(Event<'_>),
    ) -> QueueReport {
        self.execute_until(client, options, shutdown, shutdown.child(), on_event).await
    }

    /// Does the same as [`QueuePlan::execute`], but sends no further call once `halt` is requested, and requests it when
    /// the service cannot be reached.
    async fn execute_until(
        self,
        client: &dyn ScanApi,
        options: &FleetOptions,
        shutdown: &ShutdownSignal,
        halt: ShutdownHandle,
        mut on_event: impl FnMut(Event<'_>),
    ) -> QueueReport {
        let journal = options.journal.as_deref();
        let taken = journal.map(|journal| journal.take(&self, client.endpoint())).transpose();
        let (number, mut halted) = taken.map_or_else(|why| (None, Some(why)), |number| (number, None));
        let Self { region, queue, requests, duplicates, mut already_done, maybe_sent } = self;
        // A scan of an earlier run may still be pending.
        let filled_queue = !already_done.is_empty();
        let timer = PollTimer::new(options.scan_duration.clone());
        let mut executor = QueueExecutor { client, options, shutdown, halt, filled_queue, timer };
        let mut records = Vec::with_capacity(requests.len());
        let mut cancelled = false;
        for (call, selector) in requests.into_iter().enumerate() {
            if let Some(record) = already_done.remove(&call) {
                on_event(Event::CallFinished(&record));
                records.push(record);
                continue;
            }
            halted = halted.or_else(|| executor.reason_to_halt());
            // Without a journal, the number is not used.
            let index = CallIndex { queue: number.unwrap_or_default(), call };
            let mut record = match halted {
                Some(why) => CallRecord::not_sent(selector, why),
                None => {
                    let request = ScanRequest { queue: queue.clone(), selector };
                    let record = executor.call(index, request, &mut on_event).await;
                    if let Some(journal) = journal {
                        // A failure is noticed before the next call.
                        journal.call_done(index, &record).await;
                    }
                    record
                }
            };
            if maybe_sent.contains(&call) {
                record = record.after_ambiguous_attempt();
            }
            halted = halted.or(match record.error {
                Some(ErrorKind::Credentials | ErrorKind::Permission) => Some("not sent: an earlier call was denied"),
                Some(ErrorKind::Unreachable) => {
                    executor.halt.request();
                    Some(UNREACHABLE)
                }
                _ => None,
            });
            cancelled |= shutdown.is_requested() && record.outcome != CallOutcome::Accepted;
            on_event(Event::CallFinished(&record));
            records.push(record);
        }
        let started_a_scan = records.iter().any(|record| record.outcome == CallOutcome::Accepted);
        let completion = if options.wait && started_a_scan {
            on_event(Event::AwaitingScanEnd);
            let end = executor.end_of_wait();
            match Box::pin(executor.until_free(&queue, end, None, &mut on_event)).await {
                WaitResult::Free => ScanCompletion::Finished,
                WaitResult::NotSeenPending => ScanCompletion::NotSeenPending,
                WaitResult::TimedOut => ScanCompletion::TimedOut,
                WaitResult::Cancelled => ScanCompletion::Cancelled,
                WaitResult::Failed(error) => ScanCompletion::Failed(error),
            }
        } else {
            ScanCompletion::NotTracked
        };
        if let (Some(journal), Some(number)) = (journal, number) {
            journal.scan_completion(number, &completion).await;
        }
        cancelled |= matches!(completion, ScanCompletion::Cancelled);
        on_event(Event::QueueFinished);
        QueueReport { region, queue, duplicates, records, completion, cancelled }
    }
}

/// Sends the calls of one queue.
struct QueueExecutor<'a> {
    client: &'a dyn ScanApi,
    options: &'a FleetOptions,
    shutdown: &'a ShutdownSignal,
    /// Requested by a shutdown, or when the service cannot be reached: no further call is sent.
    halt: ShutdownHandle,
    /// Whether a pending scan may have been started by this run.
    filled_queue: bool,
    timer: PollTimer,
}

impl QueueExecutor<'_> {
    /// Returns why no further call may be sent, if there is a reason.
    fn reason_to_halt(&self) -> Option<&'static str> {
        let journal_failed = || self.options.journal.as_ref().is_some_and(|journal| journal.has_failed());
        if self.shutdown.is_requested() {
            Some(SHUT_DOWN)
        } else if self.halt.signal().is_requested() {
            Some(UNREACHABLE)
        } else if self.deadline().is_some_and(|deadline| deadline < Instant::now()) {
            Some(DEADLINE_PASSED)
        } else {
            journal_failed().then_some(NO_JOURNAL)
        }
    }

    /// Returns the moment after which no call starts.
    fn deadline(&self) -> Option<Instant> {
        self.options.deadline.map(Instant::from_std)
    }

    /// Returns when a wait that begins now ends.
    fn end_of_wait(&self) -> Instant {
        let end = from_now(self.options.wait_timeout);
        self.deadline().map_or(end, |deadline| end.min(deadline))
    }

    /// Sends one call, again whenever the queue was busy, until it has its final outcome.
    async fn call(
        &mut self,
        index: CallIndex,
        request: ScanRequest,
        on_event: &mut impl FnMut(Event<'_>),
    ) -> CallRecord {
        let started = Instant::now();
        let mut attempts = 0;
        // Whether an attempt may have taken effect although a later one was not accepted.
        let mut maybe_sent = false;
        let mut deadline = None;
        // The delay before the next poll, once the queue was reported free and the call was still not taken.
        let mut delay_when_free: Option<Duration> = None;
        // The last response to a call that is to be sent again: the outcome if it cannot be.
        let mut last = None;
        loop {
            let result = match (self.send(index, &request).await, last.take()) {
                (Err(error), Some(response)) if error.is_before_sending() => {
                    return CallRecord::new(request.selector, Ok(response), attempts, started.elapsed());
                }
                (Err(error), None) if error.kind() == ErrorKind::Cancelled => {
                    let why = self.reason_to_halt().unwrap_or(SHUT_DOWN);
                    return CallRecord::not_sent(request.selector, why);
                }
                (result, _) => result,
            };
            attempts += match &result {
                Ok(response) => response.meta.attempts,
                Err(error) => error.attempts(),
            };
            maybe_sent |= result.as_ref().is_ok_and(|response| response.meta.earlier_attempt_ambiguous);
            self.filled_queue |= maybe_sent;
            let busy = matches!(&result, Ok(ScanResponse { outcome: ScanOutcome::AlreadyQueued, .. }));
            if busy {
                self.timer.queue_busy(Instant::now());
            }
            let mut poll_error = None;
            if busy && (self.filled_queue || self.options.wait) {
                let deadline = *deadline.get_or_insert_with(|| self.end_of_wait());
                on_event(Event::QueueBusy(&request.selector));
                if let (Some(journal), Ok(response)) = (&self.options.journal, &result) {
                    // Not taken: a run that is killed while it waits may send the call again.
                    let (selector, response) = (request.selector.clone(), response.clone());
                    let record = CallRecord::new(selector, Ok(response), attempts, started.elapsed());
                    journal.call_done(index, &record).await;
                }
                // The service may report a queue as free and still not take the call: then there is a delay before each
                // poll, and an end.
                let interval = &self.options.poll_interval;
                let not_before = delay_when_free.map(|delay| Instant::now() + PollInterval::jitter(delay));
                delay_when_free = Some(delay_when_free.map_or(interval.initial, |delay| interval.grow(delay)));
                let in_time = not_before.is_none_or(|moment| moment < deadline);
                match Box::pin(self.until_free(&request.queue, deadline, not_before, on_event)).await {
                    WaitResult::Free if in_time && !self.shutdown.is_requested() => {
                        last = result.ok();
                        continue;
                    }
                    WaitResult::Failed(error) => poll_error = Some(error),
                    WaitResult::Free | WaitResult::NotSeenPending | WaitResult::TimedOut | WaitResult::Cancelled => {}
                }
            }
            let mut record = CallRecord::new(request.selector, result, attempts, started.elapsed());
            if let Some(error) = poll_error {
                record.message = format!("{} Polling the queue status failed: {error}", record.message);
                record.error = Some(error.kind());
            }
            if maybe_sent {
                record = record.after_ambiguous_attempt();
            }
            self.filled_queue |= matches!(record.outcome, CallOutcome::Accepted | CallOutcome::Unknown);
            if record.outcome == CallOutcome::Accepted {
                self.timer.scan_accepted(Instant::now());
            }
            return record;
        }
    }

    /// Sends a call once. After a shutdown was requested, the call in flight gets a little time; then its outcome is
    /// unknown. One that is not in flight yet is not sent.
    async fn send(&self, index: CallIndex, request: &ScanRequest) -> Result<ScanResponse, Error> {
        let options = self.call_options(self.options.deadline);
        let admission = ScanAdmission { options: self.options, index, selector: &request.selector };
        let control = CallControl {
            options: Some(&options),
            shutdown: Some(self.halt.signal()),
            admission: Some(&admission),
            ..CallControl::default()
        };
        let given_up = async {
            self.shutdown.requested().await;
            tokio::select! {
                () = self.shutdown.forced() => {}
                () = sleep(SHUTDOWN_GRACE) => {}
            }
        };
        tokio::select! {
            biased;
            result = self.client.scan_in_run(request, &control) => result,
            () = given_up => Err(Error::new(ErrorKind::Ambiguous, "stopped before the response arrived")
                .with_help("The request may have taken effect: check the scan status before you retry.")
                .with_attempts(1)),
        }
    }

    /// Returns the limits in time of a call: how long it waits for its turn is up to the run.
    fn call_options(&self, deadline: Option<std::time::Instant>) -> CallOptions {
        let options = CallOptions::default();
        deadline.map_or(options.clone(), |deadline| options.with_deadline(deadline))
    }

    /// Reads the status once, and waits for the response until shortly after the deadline. Returns `None` if it cannot
    /// be sent by then.
    async fn poll(&self, queue: &Queue, deadline: Instant) -> Option<Result<StatusResponse, Error>> {
        let end = deadline.max(Instant::now()) + FINAL_POLL_GRACE;
        let turn = timeout_at(end, self.options.polls.turn(self.client.endpoint())).await.ok()?;
        let options = CallOptions::default().with_deadline(end.into_std());
        let admission = StatusAdmission(&self.options.places);
        let control = CallControl {
            options: Some(&options),
            admission: Some(&admission),
            max_attempts: Some(POLL_ATTEMPTS),
            ..CallControl::default()
        };
        let response = timeout_at(end, self.client.status_in_run(queue, &control)).await;
        let response = response.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Unavailable, "no response arrived before the wait timed out")
                .with_help("Check the scan status later."))
        });
        turn.end(response.as_ref().is_ok_and(|status| !status.pending), &self.options.poll_interval);
        Some(response).filter(|response| {
            !response.as_ref().is_err_and(|error| error.is_before_sending() && error.kind() == ErrorKind::Throttled)
        })
    }

    /// Polls until no scan is pending, not before a moment. If time runs out while the status cannot be read, that is a
    /// failure.
    async fn until_free(
        &mut self,
        queue: &Queue,
        deadline: Instant,
        not_before: Option<Instant>,
        on_event: &mut impl FnMut(Event<'_>),
    ) -> WaitResult {
        let interval = &self.options.poll_interval;
        let (first, mut delay) = self.timer.start(interval);
        let mut next = first.max(not_before);
        // When the queue was first reported free although an accepted scan may not have been reported as pending yet.
        let mut free_at: Option<Instant> = None;
        loop {
            if let Some(next) = next {
                tokio::select! {
                    biased;
                    () = self.shutdown.requested() => return WaitResult::Cancelled,
                    () = self.timer.wait_until(next.min(deadline)) => {}
                }
            }
            // The poll at the deadline is the last: the scan may have ended during this very delay.
            let last = next.is_some() && Instant::now() >= deadline;
            let response = tokio::select! {
                biased;
                () = self.shutdown.requested() => return WaitResult::Cancelled,
                response = self.poll(queue, deadline) => response,
            };
            let Some(response) = response else { return WaitResult::TimedOut };
            let now = Instant::now();
            match response {
                Ok(status) if !status.pending => match self.timer.pending_until(self.options.pending_grace) {
                    Some(until) if now < until && !last => free_at = free_at.or(Some(now)),
                    // How long a scan is pending may have been learnt since.
                    Some(until) if free_at.unwrap_or(now) < until => return WaitResult::NotSeenPending,
                    _ => {
                        self.timer.queue_free(now);
                        return WaitResult::Free;
                    }
                },
                Ok(_) if last => return WaitResult::TimedOut,
                Ok(_) => self.timer.queue_busy(now),
                // Reading the status changes nothing: after a transient error it is tried again until time runs out.
                Err(error) if !last && now < deadline && is_transient(error.kind()) => {
                    on_event(Event::StatusPollFailed(&error));
                }
                Err(error) => return WaitResult::Failed(error),
            }
            let after_delay = now + PollInterval::jitter(delay);
            let pending_until = self.timer.pending_until(self.options.pending_grace).filter(|until| *until > now);
            next = Some(pending_until.map_or(after_delay, |until| until.min(after_delay)));
            delay = interval.grow(delay);
        }
    }
}

fn is_transient(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable)
}
