//! A trait with one method per call, which [`Client`] implements, and an in-memory double of it for tests without a socket.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::client::Client;
use crate::client::hosts::{Host, HostFilter, HostGroup};
use crate::error::{Error, ErrorKind};
use crate::response::outcome::ScanOutcome;
use crate::types::queue::{EnterpriseProject, ProjectId, Queue};
use crate::types::scan::{ResponseMeta, ScanRequest, ScanResponse, StatusResponse};

/// The calls about scans. Write what uses them over `impl ScanApi`, and a test can hand it a [`FakeClient`] in place of a [`Client`].
///
/// ```
/// use huaweicloud_hss::{Error, FakeClient, ProjectId, Queue, ScanApi, ScanOutcome, ScanRequest};
///
/// /// The program's own code: whether a scan of everything was taken.
/// async fn nightly(service: &impl ScanApi, queue: Queue) -> Result<bool, Error> {
///     let reply = service.scan(&ScanRequest::all_hosts(queue)).await?;
///     Ok(matches!(reply.outcome, ScanOutcome::Accepted { .. }))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let queue = Queue::new("p".parse::<ProjectId>()?);
/// let double = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued);
/// assert!(!nightly(&double, queue.clone()).await?);
/// assert!(nightly(&double, queue).await?);
/// assert_eq!(double.scans().len(), 2);
/// # Ok(())
/// # }
/// ```
pub trait ScanApi {
    /// Starts a scan: see [`Client::scan`].
    fn scan(&self, request: &ScanRequest) -> impl Future<Output = Result<ScanResponse, Error>> + Send;

    /// Asks whether a scan is pending: see [`Client::status`].
    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send;

    /// Lists servers, all pages of them: see [`Client::hosts`].
    fn list_hosts(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        filter: &HostFilter,
    ) -> impl Future<Output = Result<Vec<Host>, Error>> + Send;

    /// Lists server groups, all pages of them: see [`Client::host_groups`].
    fn list_host_groups(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
    ) -> impl Future<Output = Result<Vec<HostGroup>, Error>> + Send;
}

impl ScanApi for Client {
    fn scan(&self, request: &ScanRequest) -> impl Future<Output = Result<ScanResponse, Error>> + Send {
        Client::scan(self, request)
    }

    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send {
        Client::status(self, queue)
    }

    async fn list_hosts(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        filter: &HostFilter,
    ) -> Result<Vec<Host>, Error> {
        let mut pages = self.hosts(project_id.clone(), enterprise_project.clone(), filter.clone());
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    async fn list_host_groups(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
    ) -> Result<Vec<HostGroup>, Error> {
        let mut pages = self.host_groups(project_id.clone(), enterprise_project.clone());
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

/// A stand-in for a client without a socket and without time: it answers as it was told, and remembers what it was asked.
///
/// Answers are given in the order in which they were set. With none left it takes every scan whose queue is free, keeps the queue busy
/// for one question, and answers what is out of its limits as a client does. Clones share all of it.
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
    /// How many more questions find the queue busy.
    busy: HashMap<Queue, u32>,
}

impl FakeClient {
    /// A double that takes every scan.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next scan is answered so.
    #[must_use]
    pub fn with_scan(self, outcome: ScanOutcome) -> Self {
        self.state().next_scans.push_back(Ok(outcome));
        self
    }

    /// The next scan fails so. [`ErrorKind::Ambiguous`] is a call that may have been sent.
    #[must_use]
    pub fn with_scan_error(self, kind: ErrorKind, text: &str) -> Self {
        self.state().next_scans.push_back(Err(Error::new(kind, text).with_attempts(1)));
        self
    }

    /// The next question is answered so.
    #[must_use]
    pub fn with_status(self, pending: bool) -> Self {
        self.state().next_statuses.push_back(Ok(pending));
        self
    }

    /// The next question fails so.
    #[must_use]
    pub fn with_status_error(self, kind: ErrorKind, text: &str) -> Self {
        self.state().next_statuses.push_back(Err(Error::new(kind, text).with_attempts(1)));
        self
    }

    /// Has these servers in every project, and lists those that a filter matches.
    #[must_use]
    pub fn with_hosts(self, hosts: impl IntoIterator<Item = Host>) -> Self {
        self.state().hosts.extend(hosts);
        self
    }

    /// Has these server groups in every project.
    #[must_use]
    pub fn with_host_groups(self, groups: impl IntoIterator<Item = HostGroup>) -> Self {
        self.state().groups.extend(groups);
        self
    }

    /// The scans that were asked for and within their limits, in order.
    #[must_use]
    pub fn scans(&self) -> Vec<ScanRequest> {
        self.state().scans.clone()
    }

    /// The queues that were asked about, in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<Queue> {
        self.state().statuses.clone()
    }

    /// How many answers that were set are still to be given: none, when a test went all its way.
    #[must_use]
    pub fn remaining(&self) -> usize {
        let state = self.state();
        state.next_scans.len() + state.next_statuses.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer_scan(&self, request: &ScanRequest) -> Result<ScanResponse, Error> {
        request.selector.body()?;
        let mut state = self.state();
        state.scans.push(request.clone());
        let outcome = match state.next_scans.pop_front() {
            Some(answer) => answer?,
            None if state.busy.contains_key(&request.queue) => ScanOutcome::AlreadyQueued,
            None => {
                state.busy.insert(request.queue.clone(), 1);
                ScanOutcome::Accepted { processed: request.selector.weight() }
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

    fn answer_status(&self, queue: &Queue) -> Result<StatusResponse, Error> {
        let mut state = self.state();
        state.statuses.push(queue.clone());
        let pending = match state.next_statuses.pop_front() {
            Some(answer) => answer?,
            None => match state.busy.remove(queue) {
                Some(left) if left > 0 => {
                    state.busy.insert(queue.clone(), left - 1);
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
        std::future::ready(self.answer_scan(request))
    }

    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send {
        std::future::ready(self.answer_status(queue))
    }

    async fn list_hosts(&self, _: &ProjectId, _: &EnterpriseProject, filter: &HostFilter) -> Result<Vec<Host>, Error> {
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
    async fn a_queue_is_busy_for_one_question() {
        let double = FakeClient::new();
        let request = ScanRequest::hosts(queue("p"), ["a", "b"]);
        let reply = double.scan(&request).await.unwrap();
        assert_eq!(reply.outcome, ScanOutcome::Accepted { processed: 2 });
        assert_eq!(ScanOutcome::parse(&reply.message, "p"), reply.outcome);
        let again = double.scan(&request).await.unwrap();
        assert_eq!(
            (again.outcome.clone(), ScanOutcome::parse(&again.message, "p")),
            (ScanOutcome::AlreadyQueued, again.outcome)
        );
        assert!(double.scan(&ScanRequest::all_hosts(queue("q"))).await.unwrap().outcome != ScanOutcome::AlreadyQueued);
        let asked = [double.status(&queue("p")).await, double.status(&queue("p")).await];
        assert_eq!(asked.map(|reply| reply.unwrap().pending), [true, false]);
        assert!(matches!(double.scan(&request).await.unwrap().outcome, ScanOutcome::Accepted { .. }));
        assert_eq!((double.scans().len(), double.statuses()), (4, vec![queue("p"), queue("p")]));
    }

    #[tokio::test]
    async fn answers_are_given_as_they_were_set() {
        let double = FakeClient::new()
            .with_scan(ScanOutcome::Unrecognised)
            .with_scan_error(ErrorKind::Ambiguous, "the connection broke")
            .with_status(true)
            .with_status_error(ErrorKind::Throttled, "too many");
        let request = ScanRequest::all_hosts(queue("p"));
        assert_eq!(double.remaining(), 4);
        assert_eq!(double.scan(&request).await.unwrap().outcome, ScanOutcome::Unrecognised);
        let broken = double.scan(&request).await.unwrap_err();
        assert!(broken.may_have_taken_effect() && broken.to_string().contains("the connection broke"));
        assert!(double.status(&queue("p")).await.unwrap().pending);
        assert_eq!(double.status(&queue("p")).await.unwrap_err().kind(), ErrorKind::Throttled);
        assert_eq!(double.remaining(), 0);
    }

    #[tokio::test]
    async fn what_it_has_is_listed() {
        let host = |id: &str, agent: &str| Host {
            host_id: Some(id.to_owned()),
            agent_status: Some(agent.to_owned()),
            ..Host::default()
        };
        let group = HostGroup { group_id: Some("g".to_owned()), ..HostGroup::default() };
        let double =
            FakeClient::new().with_hosts([host("a", "online"), host("b", "offline")]).with_host_groups([group]);
        let (project, all) = ("p".parse().unwrap(), EnterpriseProject::all());
        let mut filter = HostFilter::default();
        assert_eq!(double.list_hosts(&project, &all, &filter).await.unwrap().len(), 2);
        filter.agent_status = Some(crate::AgentStatus::Offline);
        let [offline] = &double.list_hosts(&project, &all, &filter).await.unwrap()[..] else { panic!("not one") };
        assert_eq!(offline.host_id.as_deref(), Some("b"));
        assert_eq!(double.list_host_groups(&project, &all).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn limits_hold_as_with_a_client() {
        let double = FakeClient::new();
        let ids = (0..201).map(|id| id.to_string());
        let error = double.scan(&ScanRequest::hosts(queue("p"), ids)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(double.scans().is_empty(), "a client would have sent nothing");
    }
}
