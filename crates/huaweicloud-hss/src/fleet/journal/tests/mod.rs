//! What a journal keeps, and which plans, services and accounts it accepts.

mod damage;
mod first_release;

use super::*;
use crate::fleet::{PlanBuilder, QueueReport, Target, Totals};
use crate::types::id_list::IdList;
use crate::types::queue::{Category, Queue};
use crate::types::selector::Selector;
use crate::{AccessKey, Client, Secret};

/// The plan of one queue with three calls.
fn plans() -> Vec<QueuePlan> {
    let mut builder = PlanBuilder::default();
    for target in [Target::AllHosts, Target::Host("h"), Target::ServerGroup("g")] {
        builder.add(None, Queue::new("p".parse().unwrap()), target).unwrap();
    }
    builder.build()
}

fn client(endpoint: &str, access_key: &str) -> Client {
    let key = AccessKey::new(access_key, Secret::new("secret".to_owned()), None).unwrap();
    Client::builder().with_endpoint(endpoint).with_access_key(key).build().unwrap()
}

fn identity() -> RunIdentity {
    RunIdentity::new(&client(ENDPOINT, "KEY1"))
}

/// Where the calls of these tests would be sent.
const ENDPOINT: &str = "http://127.0.0.1:1";

fn index(call: usize) -> CallIndex {
    CallIndex { queue: 0, call }
}

fn record(outcome: CallOutcome) -> CallRecord {
    CallRecord { outcome, attempts: 1, ..CallRecord::not_sent(Selector::AllHosts, "m") }
}

fn already_done(path: &Path, retry_ambiguous: bool) -> Vec<(usize, CallOutcome)> {
    let mut plans = plans();
    Journal::resume(path, &mut plans, &identity(), retry_ambiguous).unwrap();
    plans[0].already_done.iter().map(|(call, record)| (*call, record.outcome)).collect()
}

#[tokio::test]
async fn accepted_calls_are_kept_and_calls_that_may_have_been_sent_are_kept_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans(), &identity()).unwrap();
    assert!(journal.call_sending(index(0)).await && journal.call_done(index(0), &record(CallOutcome::Accepted)).await);
    assert!(journal.call_sending(index(1)).await && journal.call_done(index(1), &record(CallOutcome::Refused)).await);
    assert!(journal.call_sending(index(2)).await);
    drop(journal);
    assert_eq!(already_done(&path, false), [(0, CallOutcome::Accepted), (2, CallOutcome::Unknown)]);
    assert_eq!(already_done(&path, true), [(0, CallOutcome::Accepted)]);
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );
}

#[cfg(unix)]
#[test]
fn an_existing_file_becomes_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o666)).unwrap();
    drop(Journal::create(file.path(), &plans(), &identity()).unwrap());
    assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_report_contains_every_call_of_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans(), &identity()).unwrap();
    let report = || RunReport::read(&path).unwrap();
    assert_eq!(Totals::from_reports(&report().queues), Totals { not_sent: 3, ..Totals::default() });
    journal.call_sending(index(0)).await;
    // A report takes no lock: the run may be in progress.
    assert_eq!(Totals::from_reports(&report().queues), Totals { not_sent: 2, unknown: 1, ..Totals::default() });
    journal.call_done(index(0), &record(CallOutcome::Accepted)).await;
    journal.call_sending(index(1)).await;
    journal
        .call_done(index(1), &CallRecord { code: Some("HSS.0013".to_owned()), ..record(CallOutcome::Refused) })
        .await;
    journal.scan_completion(0, &ScanCompletion::Finished).await;
    drop(journal);
    Journal::resume(&path, &mut plans(), &identity(), false).unwrap();
    let report = report();
    assert_eq!(report.resume_count, 1);
    assert_eq!(
        Totals::from_reports(&report.queues),
        Totals { accepted: 1, refused: 1, not_sent: 1, ..Totals::default() }
    );
    let QueueReport { records, completion, .. } = &report.queues[0];
    assert!(matches!(completion, ScanCompletion::Finished));
    assert_eq!(
        (records[1].code.as_deref(), records[1].selector.clone()),
        (Some("HSS.0013"), Selector::Hosts(IdList::from_iter(["h"])))
    );
    let times = &report.times[0];
    assert!(
        times[0].sent_at.is_some()
            && times[0].responded_at >= times[0].sent_at
            && times[2] == CallTimestamps::default()
    );
}

#[test]
fn resuming_without_a_journal_creates_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    assert_eq!(Journal::plans(&path).unwrap(), None);
    drop(Journal::resume(&path, &mut plans(), &identity(), false).unwrap());
    assert_eq!(RunReport::read(&path).unwrap().resume_count, 0);
    assert_eq!(Journal::plans(&path).unwrap(), Some(plans()));
    drop(Journal::resume(&path, &mut plans(), &identity(), false).unwrap());
    assert_eq!(RunReport::read(&path).unwrap().resume_count, 1);
    std::fs::write(&path, header::PREFIX).unwrap();
    assert_eq!(Journal::plans(&path).unwrap(), None);
}

#[test]
fn another_service_or_account_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let token = |endpoint: &str| {
        Client::builder().with_endpoint(endpoint).with_token(Secret::new("geheim".to_owned())).build().unwrap()
    };
    let region = |id: &str| RunIdentity::default().with_region(id.parse().unwrap(), &client(ENDPOINT, "KEY1"));
    let other = "http://127.0.0.1:2";
    for (number, (began, resumed, named)) in [
        (identity(), identity(), None),
        (identity(), RunIdentity::new(&client(other, "KEY1")), Some([ENDPOINT, other])),
        (identity(), RunIdentity::new(&client(ENDPOINT, "KEY2")), Some(["access key KEY1", "access key KEY2"])),
        (identity(), RunIdentity::emulator(), Some([ENDPOINT, "the built-in emulator"])),
        (RunIdentity::emulator(), identity(), Some(["the built-in emulator", ENDPOINT])),
        (RunIdentity::emulator(), RunIdentity::emulator(), None),
        // A token does not name its account.
        (RunIdentity::new(&token(ENDPOINT)), identity(), None),
        (identity(), RunIdentity::new(&token(other)), Some([ENDPOINT, other])),
        (region("cn-north-4"), region("cn-north-4"), None),
        (identity(), identity().with_selection("name a*", &plans()), Some(["different", "targets"])),
        (
            identity().with_selection("name a*", &[]),
            identity().with_selection("name b*", &[]),
            Some(["different", "targets"]),
        ),
        (identity().with_selection("name a*", &[]), identity().with_selection("name a*", &[]), None),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(number.to_string());
        drop(Journal::create(&path, &plans(), &began).unwrap());
        assert!(!std::fs::read_to_string(&path).unwrap().contains("geheim"));
        let result = Journal::resume(&path, &mut plans(), &resumed, false);
        match named {
            None => drop(result.unwrap()),
            Some(named) => {
                let error = result.unwrap_err().to_string();
                assert!(named.iter().all(|name| error.contains(name)), "{number}: {error}");
            }
        }
    }
}

#[test]
fn each_plan_is_taken_once_and_only_as_it_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = PlanBuilder::default();
    for project in ["a", "b", "c"] {
        builder.add(None, Queue::new(project.parse().unwrap()), Target::Host("h")).unwrap();
    }
    let plans = builder.build();
    let journal = Journal::create(&folder.path().join("journal"), &plans[..2], &identity()).unwrap();
    assert_eq!(journal.take(&plans[1], ENDPOINT), Ok(1), "in any order");
    assert!(journal.take(&plans[1], ENDPOINT).unwrap_err().contains("already executed"));
    assert!(journal.take(&plans[2], ENDPOINT).unwrap_err().contains("no plan for this queue"));
    assert!(journal.take(&plans[0], "http://127.0.0.1:2").unwrap_err().contains("another endpoint"));
    let mut changed = plans[0].clone();
    changed.requests.push(Selector::AllHosts);
    assert!(journal.take(&changed, ENDPOINT).unwrap_err().contains("another plan for this queue"));
    let mut done = plans[0].clone();
    done.already_done.insert(0, record(CallOutcome::Accepted));
    assert!(journal.take(&done, ENDPOINT).unwrap_err().contains("another plan for this queue"));
    assert_eq!(journal.take(&plans[0], ENDPOINT), Ok(0));
}

#[tokio::test]
async fn a_call_that_was_sent_again_after_an_unknown_outcome_stays_unknown_unless_it_is_accepted() {
    for (second, expected) in
        [(CallOutcome::Accepted, CallOutcome::Accepted), (CallOutcome::Refused, CallOutcome::Unknown)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::create(&path, &plans(), &identity()).unwrap();
        assert!(journal.call_sending(index(0)).await);
        drop(journal);
        let mut plans = plans();
        let journal = Journal::resume(&path, &mut plans, &identity(), true).unwrap();
        assert_eq!(plans[0].maybe_sent.iter().collect::<Vec<_>>(), [&0]);
        assert!(journal.call_sending(index(0)).await && journal.call_done(index(0), &record(second)).await);
        drop(journal);
        assert_eq!(RunReport::read(&path).unwrap().queues[0].records[0].outcome, expected);
        assert_eq!(already_done(&path, false), [(0, expected)]);
    }
}
