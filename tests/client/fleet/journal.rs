//! Journals of programs: whatever plans are executed with one, in whatever order, and wherever a run is killed, every
//! outcome is that of its own call.

use std::path::Path;
use std::sync::Arc;

use huaweicloud_hss::fleet::{
    FleetOptions, Journal, PlanBuilder, QueuePlan, QueueReport, RunIdentity, RunReport, ShutdownSignal, Target, Totals,
    execute_all,
};
use huaweicloud_hss::{Client, Queue};

use super::stand_in::StandIn;
use crate::client;

/// One host in each of these projects.
fn plans(projects: &[&str]) -> Vec<QueuePlan> {
    let mut builder = PlanBuilder::default();
    for project in projects {
        builder.add(None, Queue::new(project.parse().unwrap()), Target::Host(&format!("host-of-{project}"))).unwrap();
    }
    builder.build()
}

pub(super) fn with_journal(journal: Journal) -> FleetOptions {
    let mut options = FleetOptions::default();
    options.journal = Some(Arc::new(journal));
    options
}

pub(super) async fn execute(plans: Vec<QueuePlan>, client: &Client, options: &FleetOptions) -> Vec<QueueReport> {
    let plans = plans.into_iter().map(|plan| (plan, client.clone()));
    execute_all(plans, options, &ShutdownSignal::never(), |_, _, _| {}).await
}

/// Returns a folder for many journals, in memory if possible.
pub(super) fn quick_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn resume(path: &Path, plans: &mut [QueuePlan], client: &Client) -> FleetOptions {
    with_journal(Journal::resume(path, plans, &RunIdentity::new(client), false).unwrap())
}

#[tokio::test]
async fn some_plans_of_a_journal_can_be_executed_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let service = StandIn::start();
    let client = client(service.url());
    let mut all = plans(&["shop", "bank", "mail"]);
    let options = resume(&path, &mut all, &client);
    let some = vec![all[2].clone(), all[1].clone()];
    let reports = execute(some, &client, &options).await;
    assert_eq!(Totals::from_reports(&reports), Totals { accepted: 2, ..Totals::default() });
    drop(options);
    let outcomes: Vec<Totals> = RunReport::read(&path).unwrap().queues.iter().map(QueueReport::totals).collect();
    let accepted = Totals { accepted: 1, ..Totals::default() };
    assert_eq!(outcomes, [Totals { not_sent: 1, ..Totals::default() }, accepted, accepted]);

    // The rest, one plan after the other, in a loop.
    let mut all = plans(&["shop", "bank", "mail"]);
    let options = resume(&path, &mut all, &client);
    for plan in all {
        let report = plan.execute(&client, &options, &ShutdownSignal::never(), |_| {}).await;
        assert_eq!(report.totals(), accepted);
    }
    drop(options);
    assert_eq!(Totals::from_reports(&RunReport::read(&path).unwrap().queues).accepted, 3);
    assert!(["shop", "bank", "mail"].iter().all(|project| service.scans_of(&format!("host-of-{project}")) == 1));
}

#[tokio::test]
async fn plans_that_a_journal_does_not_have_are_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let service = StandIn::start();
    let client = client(service.url());
    let mut all = plans(&["shop", "bank"]);
    let options = resume(&path, &mut all, &client);
    let [shop, bank] = <[QueuePlan; 2]>::try_from(all).unwrap();
    // The same plan twice, one that was changed, and one of another queue.
    let mut changed = bank.clone();
    changed.requests.clone_from(&shop.requests);
    let other = plans(&["mail"]).remove(0);
    let reports = execute(vec![shop.clone(), shop, changed, other], &client, &options).await;
    let messages: Vec<&str> = reports.iter().map(|report| report.records[0].message.as_str()).collect();
    assert_eq!(
        messages[1..],
        [
            "not sent: the plan of this queue was already executed with this journal",
            "not sent: the journal has another plan for this queue",
            "not sent: the journal has no plan for this queue",
        ]
    );
    assert_eq!(Totals::from_reports(&reports), Totals { accepted: 1, not_sent: 3, ..Totals::default() });
    assert_eq!(service.scans(), 1);
    // Nor is anything sent to another service.
    let elsewhere = StandIn::start();
    let reports = execute(vec![bank], &crate::client(elsewhere.url()), &options).await;
    assert_eq!(reports[0].records[0].message, "not sent: the journal is for another endpoint");
    assert_eq!(elsewhere.scans(), 0);
    drop(options);
    let totals = Totals::from_reports(&RunReport::read(&path).unwrap().queues);
    assert_eq!(totals, Totals { accepted: 1, not_sent: 1, ..Totals::default() });
}
