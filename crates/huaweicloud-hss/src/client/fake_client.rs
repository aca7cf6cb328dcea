//! An in-memory fake of the client, for tests without a socket.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::scan_api::ScanApi;
use crate::error::{Error, ErrorKind};
use crate::response::outcome::ScanOutcome;
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::queue::Queue;
use crate::types::scan::{ResponseMeta, ScanRequest, ScanResponse, StatusResponse};

/// A fake of a client that needs no socket and takes no time: it returns the responses that were set, and records its
/// calls.
///
/// Responses are returned in the order in which they were set. With none left it accepts each scan whose queue is free,
/// and reports the queue as pending to one status call. Input outside its bounds is an error as with a client. Clones
/// share everything.
///
/// ```
/// use huaweicloud_hss::{ErrorKind, FakeClient, ScanApi as _, ScanOutcome, Queue, ScanRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), huaweicloud_hss::Error> {
/// let fake = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued).with_scan_error(ErrorKind::Ambiguous, "timeout");
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
    next_scans: VecDeque<Result<ScanOutcome, Error>>,
    next_statuses: VecDeque<Result<bool, Error>>,
    hosts: Vec<Host>,
    groups: Vec<HostGroup>,
    /// How many more status calls find the queue pending.
    pending: HashMap<Queue, u32>,
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
        self.state().next_scans.push_back(Ok(outcome));
        self
    }

    /// Sets the error of the next scan. [`ErrorKind::Ambiguous`] and [`ErrorKind::InvalidResponse`] mean that it may
    /// have taken effect.
    #[must_use]
    pub fn with_scan_error(self, kind: ErrorKind, text: &str) -> Self {
        self.state().next_scans.push_back(Err(Error::new(kind, text).with_mutating(true).with_attempts(1)));
        self
    }

    /// Sets the response to the next status call.
    #[must_use]
    pub fn with_status(self, pending: bool) -> Self {
        self.state().next_statuses.push_back(Ok(pending));
        self
    }

    /// Sets the error of the next status call.
    #[must_use]
    pub fn with_status_error(self, kind: ErrorKind, text: &str) -> Self {
        self.state().next_statuses.push_back(Err(Error::new(kind, text).with_attempts(1)));
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
        state.next_scans.len() + state.next_statuses.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond_to_scan(&self, request: &ScanRequest) -> Result<ScanResponse, Error> {
        request.check()?;
        let mut state = self.state();
        state.scans.push(request.clone());
        let outcome = match state.next_scans.pop_front() {
            Some(response) => response?,
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
        Ok(ScanResponse { outcome, message, meta: meta() })
    }

    fn respond_to_status(&self, queue: &Queue) -> Result<StatusResponse, Error> {
        let mut state = self.state();
        state.statuses.push(queue.clone());
        let pending = match state.next_statuses.pop_front() {
            Some(response) => response?,
            None => match state.pending.remove(queue) {
                Some(left) if left > 0 => {
                    state.pending.insert(queue.clone(), left - 1);
                    true
                }
                _ => false,
            },
        };
        Ok(StatusResponse { pending, meta: meta() })
    }
}

impl ScanApi for FakeClient {
    fn scan(&self, request: &ScanRequest) -> impl Future<Output = Result<ScanResponse, Error>> + Send {
        std::future::ready(self.respond_to_scan(request))
    }

    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send {
        std::future::ready(self.respond_to_status(queue))
    }

    async fn list_hosts(&self, _: &ProjectId, _: &EnterpriseProject, filter: &HostFilter) -> Result<Vec<Host>, Error> {
        filter.check()?;
        Ok(self.state().hosts.iter().filter(|host| filter.matches(host)).cloned().collect())
    }

    async fn list_host_groups(&self, _: &ProjectId, _: &EnterpriseProject) -> Result<Vec<HostGroup>, Error> {
        Ok(self.state().groups.clone())
    }
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

fn meta() -> ResponseMeta {
    ResponseMeta {
        http_status: 200,
        request_id: None,
        attempts: 1,
        earlier_attempt_ambiguous: false,
        elapsed: Duration::ZERO,
        rate_limits: Vec::new(),
        server_time: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            .with_scan_error(ErrorKind::Ambiguous, "the connection broke")
            .with_status(true)
            .with_status_error(ErrorKind::Throttled, "too many");
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
