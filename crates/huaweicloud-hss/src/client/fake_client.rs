//! An in-memory fake of the client, for tests without a socket.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::scan_api::{ApiFuture, ScanApi};
use crate::error::Error;
use crate::response::outcome::ScanOutcome;
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::queue::Queue;
use crate::types::scan::{ScanRequest, ScanResponse, StatusResponse};

/// A fake of a client that needs no socket: it returns the responses that were set, and records its calls.
///
/// Responses and errors are returned in the order in which they were set. With none left it accepts each scan whose
/// queue is free, and reports the queue as pending to one status call. Input outside its bounds is an error as with a
/// client. Clones share everything.
///
/// ```
/// use huaweicloud_hss::{Error, ErrorKind, FakeClient, ScanApi as _, ScanOutcome, Queue, ScanRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), huaweicloud_hss::Error> {
/// let lost = Error::new(ErrorKind::Ambiguous, "the connection broke");
/// let fake = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued).with_scan_error(lost);
/// let request = ScanRequest::all_hosts(Queue::new("p".parse()?));
/// assert_eq!(fake.scan(&request).await?.outcome, ScanOutcome::AlreadyQueued);
/// assert!(fake.scan(&request).await.unwrap_err().may_have_taken_effect());
/// assert_eq!((fake.scans().len(), fake.remaining()), (2, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct FakeClient {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    scans: Vec<ScanRequest>,
    statuses: Vec<Queue>,
    next_scans: VecDeque<Result<NextScan, Error>>,
    next_statuses: VecDeque<Result<StatusResponse, Error>>,
    list_errors: VecDeque<Error>,
    hosts: Vec<Host>,
    groups: Vec<HostGroup>,
    latency: Duration,
    /// How many more status calls find the queue pending.
    pending: HashMap<Queue, u32>,
}

/// What the next scan returns.
enum NextScan {
    /// A response with this outcome and the text of the service.
    Outcome(ScanOutcome),
    Response(ScanResponse),
}

impl FakeClient {
    /// Creates a fake that accepts each scan.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the outcome of the next scan.
    #[must_use]
    pub fn with_scan(self, outcome: ScanOutcome) -> Self {
        self.state().next_scans.push_back(Ok(NextScan::Outcome(outcome)));
        self
    }

    /// Sets the whole response to the next scan.
    #[must_use]
    pub fn with_scan_response(self, response: ScanResponse) -> Self {
        self.state().next_scans.push_back(Ok(NextScan::Response(response)));
        self
    }

    /// Sets the error of the next scan. [`Ambiguous`](crate::ErrorKind::Ambiguous) and
    /// [`InvalidResponse`](crate::ErrorKind::InvalidResponse) mean that it may have taken effect.
    #[must_use]
    pub fn with_scan_error(self, error: Error) -> Self {
        self.state().next_scans.push_back(Err(sent(error.with_mutating(true))));
        self
    }

    /// Sets the response to the next status call.
    #[must_use]
    pub fn with_status(self, pending: bool) -> Self {
        self.with_status_response(StatusResponse::new(pending))
    }

    /// Sets the whole response to the next status call.
    #[must_use]
    pub fn with_status_response(self, response: StatusResponse) -> Self {
        self.state().next_statuses.push_back(Ok(response));
        self
    }

    /// Sets the error of the next status call.
    #[must_use]
    pub fn with_status_error(self, error: Error) -> Self {
        self.state().next_statuses.push_back(Err(sent(error)));
        self
    }

    /// Sets the error of the next list of servers or groups.
    #[must_use]
    pub fn with_list_error(self, error: Error) -> Self {
        self.state().list_errors.push_back(sent(error));
        self
    }

    /// Sets how long each call takes, on the clock of tokio, which tests can pause. With
    /// [`Duration::MAX`], no call ends.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        self.state().latency = latency;
        self
    }

    /// Adds servers to each project. A list contains those that match its filter.
    #[must_use]
    pub fn with_hosts(self, hosts: impl IntoIterator<Item = Host>) -> Self {
        self.state().hosts.extend(hosts);
        self
    }

    /// Adds server groups to each project.
    #[must_use]
    pub fn with_host_groups(self, groups: impl IntoIterator<Item = HostGroup>) -> Self {
        self.state().groups.extend(groups);
        self
    }

    /// Returns the scans that were requested within their bounds, in order.
    #[must_use]
    pub fn scans(&self) -> Vec<ScanRequest> {
        self.state().scans.clone()
    }

    /// Returns the queues of the status calls, in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<Queue> {
        self.state().statuses.clone()
    }

    /// Returns how many of the responses that were set have not been used.
    #[must_use]
    pub fn remaining(&self) -> usize {
        let state = self.state();
        state.next_scans.len() + state.next_statuses.len() + state.list_errors.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond_to_scan(&self, request: &ScanRequest) -> Result<ScanResponse, Error> {
        request.check()?;
        let mut state = self.state();
        state.scans.push(request.clone());
        let outcome = match state.next_scans.pop_front().transpose()? {
            Some(NextScan::Response(response)) => return Ok(response),
            Some(NextScan::Outcome(outcome)) => outcome,
            None if state.pending.contains_key(&request.queue) => ScanOutcome::AlreadyQueued,
            None => {
                state.pending.insert(request.queue.clone(), 1);
                ScanOutcome::Accepted { processed: request.selector.target_count() }
            }
        };
        let queue = format!("{}-{}", request.queue.project_id.as_str(), request.queue.enterprise_project.as_str());
        let message = match &outcome {
            ScanOutcome::Accepted { processed } => format!("{queue} processed {processed} tasks successfully."),
            ScanOutcome::AlreadyQueued => format!("Current project {queue} is already in the task queue."),
            ScanOutcome::Refused { code, .. } => code.clone(),
            ScanOutcome::Unrecognised => "something else".to_owned(),
        };
        Ok(ScanResponse::new(outcome, message))
    }

    fn respond_to_status(&self, queue: &Queue) -> Result<StatusResponse, Error> {
        let mut state = self.state();
        state.statuses.push(queue.clone());
        if let Some(response) = state.next_statuses.pop_front() {
            return response;
        }
        let pending = match state.pending.remove(queue) {
            Some(left) if left > 0 => {
                state.pending.insert(queue.clone(), left - 1);
                true
            }
            _ => false,
        };
        Ok(StatusResponse::new(pending))
    }

    /// Waits as long as a call takes.
    async fn wait(&self) {
        let latency = self.state().latency;
        if !latency.is_zero() {
            sleep(latency).await;
        }
    }

    fn list<T>(&self, items: impl FnOnce(&State) -> Vec<T>) -> Result<Vec<T>, Error> {
        let mut state = self.state();
        match state.list_errors.pop_front() {
            Some(error) => Err(error),
            None => Ok(items(&state)),
        }
    }
}

impl ScanApi for FakeClient {
    fn scan<'a>(&'a self, request: &'a ScanRequest) -> ApiFuture<'a, ScanResponse> {
        Box::pin(async move {
            let response = self.respond_to_scan(request);
            self.wait().await;
            response
        })
    }

    fn status<'a>(&'a self, queue: &'a Queue) -> ApiFuture<'a, StatusResponse> {
        Box::pin(async move {
            let response = self.respond_to_status(queue);
            self.wait().await;
            response
        })
    }

    fn list_hosts<'a>(
        &'a self,
        _: &'a ProjectId,
        _: &'a EnterpriseProject,
        filter: &'a HostFilter,
    ) -> ApiFuture<'a, Vec<Host>> {
        Box::pin(async move {
            filter.check()?;
            self.wait().await;
            self.list(|state| state.hosts.iter().filter(|host| filter.matches(host)).cloned().collect())
        })
    }

    fn list_host_groups<'a>(&'a self, _: &'a ProjectId, _: &'a EnterpriseProject) -> ApiFuture<'a, Vec<HostGroup>> {
        Box::pin(async move {
            self.wait().await;
            self.list(|state| state.groups.clone())
        })
    }
}

/// Counts an attempt of a call, unless the error has its own number.
fn sent(error: Error) -> Error {
    if error.attempts() == 0 { error.with_attempts(1) } else { error }
}

impl fmt::Debug for FakeClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("FakeClient")
            .field("scans", &state.scans)
            .field("statuses", &state.statuses)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn queue(project: &str) -> Queue {
        Queue::new(project.parse::<ProjectId>().unwrap())
    }

    #[tokio::test]
    async fn a_queue_is_pending_for_one_status_call() {
        let fake = FakeClient::new();
        let request = ScanRequest::hosts(queue("p"), ["a", "b"]);
        let reply = fake.scan(&request).await.unwrap();
        assert_eq!(reply.outcome, ScanOutcome::Accepted { processed: 2 });
        assert_eq!(ScanOutcome::parse(&reply.message, "p"), reply.outcome);
        let again = fake.scan(&request).await.unwrap();
        assert_eq!(
            (again.outcome.clone(), ScanOutcome::parse(&again.message, "p")),
            (ScanOutcome::AlreadyQueued, again.outcome)
        );
        assert!(fake.scan(&ScanRequest::all_hosts(queue("q"))).await.unwrap().outcome != ScanOutcome::AlreadyQueued);
        let asked = [fake.status(&queue("p")).await, fake.status(&queue("p")).await];
        assert_eq!(asked.map(|reply| reply.unwrap().pending), [true, false]);
        assert!(matches!(fake.scan(&request).await.unwrap().outcome, ScanOutcome::Accepted { .. }));
        assert_eq!((fake.scans().len(), fake.statuses()), (4, vec![queue("p"), queue("p")]));
    }

    #[tokio::test]
    async fn responses_are_returned_as_they_were_set() {
        let fake = FakeClient::new()
            .with_scan(ScanOutcome::Unrecognised)
            .with_scan_error(Error::new(ErrorKind::Ambiguous, "the connection broke"))
            .with_status(true)
            .with_status_error(Error::new(ErrorKind::Throttled, "too many"));
        let request = ScanRequest::all_hosts(queue("p"));
        assert_eq!(fake.remaining(), 4);
        assert_eq!(fake.scan(&request).await.unwrap().outcome, ScanOutcome::Unrecognised);
        let broken = fake.scan(&request).await.unwrap_err();
        assert!(broken.may_have_taken_effect() && broken.to_string().contains("the connection broke"));
        assert!(fake.status(&queue("p")).await.unwrap().pending);
        assert_eq!(fake.status(&queue("p")).await.unwrap_err().kind(), ErrorKind::Throttled);
        assert_eq!(fake.remaining(), 0);
    }

    #[tokio::test]
    async fn each_method_fails_as_the_service_does() {
        let denied = || {
            Error::new(ErrorKind::Permission, "denied")
                .with_http_status(403)
                .with_code("HSS.0013")
                .with_message("no")
                .with_request_id("r-1")
                .with_retry_after(Duration::from_secs(7))
        };
        let unreadable = Error::new(ErrorKind::InvalidResponse, "a web page");
        let fake = FakeClient::new()
            .with_scan_error(denied())
            .with_scan_error(unreadable)
            .with_status_error(denied())
            .with_list_error(denied())
            .with_list_error(denied());
        let (request, all) = (ScanRequest::all_hosts(queue("p")), EnterpriseProject::all());
        let project = &request.queue.project_id;
        let errors = [
            fake.scan(&request).await.unwrap_err(),
            fake.status(&request.queue).await.unwrap_err(),
            fake.list_hosts(project, &all, &HostFilter::default()).await.unwrap_err(),
            fake.list_host_groups(project, &all).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.http_status(), error.code(), error.message()), (Some(403), Some("HSS.0013"), Some("no")));
            assert_eq!((error.request_id(), error.attempts()), (Some("r-1"), 1));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        }
        assert!(fake.scan(&request).await.unwrap_err().may_have_taken_effect());
        assert_eq!(fake.remaining(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn latency_passes_on_the_clock_of_tokio() {
        let response = ScanResponse::new(ScanOutcome::Accepted { processed: 9 }, "own text");
        let fake = FakeClient::new().with_scan_response(response.clone()).with_latency(Duration::from_secs(90));
        let request = ScanRequest::all_hosts(queue("p"));
        let limit = Duration::from_secs(60);
        assert!(tokio::time::timeout(limit, fake.status(&request.queue)).await.is_err());
        assert_eq!(fake.scan(&request).await.unwrap(), response);
        let hangs = fake.with_latency(Duration::MAX);
        assert!(tokio::time::timeout(1000 * limit, hangs.scan(&request)).await.is_err());
        assert_eq!(hangs.scans().len(), 2, "the service received it");
    }

    #[tokio::test]
    async fn every_way_to_hold_an_implementation_is_one() {
        let fake = FakeClient::new();
        let services: [Box<dyn ScanApi>; 3] =
            [Box::new(fake.clone()), Box::new(Arc::new(fake.clone())), Box::new(&fake)];
        for (number, service) in services.iter().enumerate() {
            let request = ScanRequest::all_hosts(queue(&number.to_string()));
            assert!(matches!(service.scan(&request).await.unwrap().outcome, ScanOutcome::Accepted { .. }));
        }
        assert_eq!(fake.scans().len(), 3);
    }

    #[tokio::test]
    async fn its_hosts_and_groups_are_listed() {
        let host = |id: &str, agent: &str| Host {
            host_id: Some(id.to_owned()),
            agent_status: Some(agent.to_owned()),
            ..Host::default()
        };
        let group = HostGroup { group_id: Some("g".to_owned()), ..HostGroup::default() };
        let fake = FakeClient::new().with_hosts([host("a", "online"), host("b", "offline")]).with_host_groups([group]);
        let (project, all) = ("p".parse().unwrap(), EnterpriseProject::all());
        let mut filter = HostFilter::default();
        assert_eq!(fake.list_hosts(&project, &all, &filter).await.unwrap().len(), 2);
        filter.agent_status = Some(crate::AgentStatus::Offline);
        let [offline] = &fake.list_hosts(&project, &all, &filter).await.unwrap()[..] else { panic!("not one") };
        assert_eq!(offline.host_id.as_deref(), Some("b"));
        assert_eq!(fake.list_host_groups(&project, &all).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn input_is_checked_as_by_a_client() {
        let fake = FakeClient::new();
        let ids = (0..201).map(|id| id.to_string());
        let too_many = ScanRequest::hosts(queue("p"), ids);
        let none = ScanRequest::hosts(queue("p"), [""; 0]);
        for request in [
            too_many,
            none,
            ScanRequest::hosts(queue("p"), ["a", ""]),
            ScanRequest::server_groups(queue("p"), ["\"g\""]),
        ] {
            let error = fake.scan(&request).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string()),
                (ErrorKind::InvalidInput, request.check().unwrap_err().to_string())
            );
        }
        assert!(fake.scans().is_empty(), "a client would have sent nothing");
    }
}
