//! Runs without a socket: with the fake client, and with an implementation of a program's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::client::fake_client::FakeClient;
use crate::client::scan_api::ApiFuture;
use crate::fleet::{Journal, RunIdentity, RunReport, Totals};
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::selector::Selector;

fn plan(project: &str, hosts: usize) -> QueuePlan {
    let ids = (0..hosts).map(|id| id.to_string()).collect();
    QueuePlan::new(Queue::new(project.parse().unwrap()), &Selector::Hosts(ids)).unwrap()
}

/// A service of the program's own, which only has the required methods.
struct Counting {
    inner: FakeClient,
    in_flight: AtomicUsize,
    most: AtomicUsize,
}

impl ScanApi for Counting {
    fn scan<'a>(&'a self, request: &'a ScanRequest) -> ApiFuture<'a, ScanResponse> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            let response = self.inner.scan(request).await;
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            response
        })
    }

    fn status<'a>(&'a self, queue: &'a Queue) -> ApiFuture<'a, StatusResponse> {
        self.inner.status(queue)
    }

    fn list_hosts<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
        filter: &'a HostFilter,
    ) -> ApiFuture<'a, Vec<Host>> {
        self.inner.list_hosts(project_id, enterprise_project, filter)
    }

    fn list_host_groups<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
    ) -> ApiFuture<'a, Vec<HostGroup>> {
        self.inner.list_host_groups(project_id, enterprise_project)
    }
}

#[tokio::test(start_paused = true)]
async fn any_implementation_can_execute_plans_within_the_limits_of_the_run() {
    let inner = FakeClient::new().with_latency(Duration::from_secs(1));
    let service = Counting { inner: inner.clone(), in_flight: AtomicUsize::new(0), most: AtomicUsize::new(0) };
    let plans: Vec<QueuePlan> = (0..6).map(|project| plan(&format!("p{project}"), 450)).collect();
    let options = FleetOptions::default().with_concurrency(2);
    let shared: &dyn ScanApi = &service;
    let plans = plans.into_iter().map(|plan| (plan, shared));
    let reports = execute_all(plans, &options, &ShutdownSignal::never(), |_, _, _| {}).await;
    assert_eq!(Totals::from_reports(&reports), Totals { accepted: 6 * 450, ..Totals::default() });
    assert_eq!(service.most.load(Ordering::Relaxed), 2, "calls in flight");
    assert_eq!(inner.scans().len(), 6 * (1 + 2 + 2), "each further call is sent again once its queue is free");
}

/// The clock runs: a paused one would pass by hours while the thread of the journal writes.
#[tokio::test]
async fn the_journal_records_the_calls_of_an_implementation() {
    let inner = FakeClient::new().with_scan_error(Error::new(ErrorKind::Ambiguous, "the connection broke"));
    let service = Counting { inner, in_flight: AtomicUsize::new(0), most: AtomicUsize::new(0) };
    let plans = vec![plan("p", 150), plan("q", 50)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = Journal::create(&path, &plans, &RunIdentity::default()).unwrap();
    let options = FleetOptions::default().with_concurrency(1).with_journal(journal);
    let plans = plans.into_iter().map(|plan| (plan, &service));
    execute_all(plans, &options, &ShutdownSignal::never(), |_, _, _| {}).await;
    let recorded = RunReport::read(&path).unwrap();
    let totals = Totals { accepted: 50, unknown: 150, ..Totals::default() };
    assert_eq!(Totals::from_reports(&recorded.queues), totals);
    assert!(recorded.times.iter().flatten().all(|times| times.sent_at.is_some()));
}

#[test]
fn runs_can_be_spawned() {
    fn spawnable<T: Send>(_: T) {}
    let (options, shutdown, fake) = (FleetOptions::default(), ShutdownSignal::never(), FakeClient::new());
    spawnable(plan("p", 1).execute(&fake, &options, &shutdown, |_| {}));
    let service: Box<dyn ScanApi> = Box::new(fake.clone());
    spawnable(execute_all([(plan("p", 1), service)], &options, &shutdown, |_, _, _| {}));
    spawnable(execute_all([(plan("p", 1), fake)], &options, &shutdown, |_, _, _| {}));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_and_a_deadline_keep_an_implementation_from_sending() {
    let fake = FakeClient::new();
    let (handle, shutdown) = ShutdownHandle::new();
    handle.request();
    let report = plan("p", 450).execute(&fake, &FleetOptions::default(), &shutdown, |_| {}).await;
    assert_eq!(report.totals(), Totals { not_sent: 450, ..Totals::default() });

    // The only place is taken by another queue until the deadline has passed.
    let slow = FakeClient::new().with_latency(Duration::from_secs(100));
    let deadline = Instant::now() + Duration::from_secs(10);
    let options = FleetOptions::default().with_concurrency(1).with_deadline(deadline.into_std());
    let plans = [plan("p", 1), plan("q", 1)].map(|plan| (plan, slow.clone()));
    let reports = execute_all(plans, &options, &ShutdownSignal::never(), |_, _, _| {}).await;
    assert_eq!(Totals::from_reports(&reports), Totals { accepted: 1, not_sent: 1, ..Totals::default() });
    assert_eq!((fake.scans().len(), slow.scans().len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn errors_of_an_implementation_end_a_run_as_those_of_a_client_do() {
    for (kind, first, rest) in [
        (ErrorKind::Unreachable, CallOutcome::NotSent, CallOutcome::NotSent),
        (ErrorKind::Permission, CallOutcome::Refused, CallOutcome::NotSent),
        (ErrorKind::Refused, CallOutcome::Refused, CallOutcome::Accepted),
        (ErrorKind::InvalidResponse, CallOutcome::Unrecognised, CallOutcome::Accepted),
        (ErrorKind::Ambiguous, CallOutcome::Unknown, CallOutcome::Accepted),
    ] {
        let fake = FakeClient::new().with_scan_error(Error::new(kind, "x"));
        let report = plan("p", 201).execute(&fake, &FleetOptions::default(), &ShutdownSignal::never(), |_| {}).await;
        let outcomes: Vec<CallOutcome> = report.records.iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, [first, rest], "{kind}");
    }
}
