//! What a journal keeps, drops and refuses.

use super::*;
use crate::fleet::{PlanBuilder, QueueReport, Target, Totals};
use crate::ids::IdList;
use crate::queue::Queue;
use crate::scan::Selector;

/// One lane of three calls.
fn lanes() -> Vec<QueuePlan> {
    let mut planner = PlanBuilder::default();
    for target in [Target::AllHosts, Target::Host("h"), Target::ServerGroup("g")] {
        planner.add(None, Queue::new("p".parse().unwrap()), target).unwrap();
    }
    planner.build()
}

fn place(call: usize) -> Place {
    Place { lane: 0, call }
}

fn record(outcome: CallOutcome) -> CallRecord {
    CallRecord { outcome, attempts: 1, ..CallRecord::not_sent(Selector::AllHosts, "m") }
}

fn earlier(path: &Path, retry_unknown: bool) -> Vec<(usize, CallOutcome)> {
    let mut lanes = lanes();
    Journal::resume(path, &mut lanes, retry_unknown).unwrap();
    lanes[0].already_done.iter().map(|(call, record)| (*call, record.outcome)).collect()
}

#[tokio::test]
async fn what_was_accepted_is_kept_and_what_may_have_been_sent_is_kept_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &lanes()).unwrap();
    assert!(journal.sending(place(0)).await && journal.done(place(0), &record(CallOutcome::Accepted)).await);
    assert!(journal.sending(place(1)).await && journal.done(place(1), &record(CallOutcome::Refused)).await);
    assert!(journal.sending(place(2)).await);
    drop(journal);
    assert_eq!(earlier(&path, false), [(0, CallOutcome::Accepted), (2, CallOutcome::Unknown)]);
    assert_eq!(earlier(&path, true), [(0, CallOutcome::Accepted)]);
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_was_open_to_others_is_no_more() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o666)).unwrap();
    drop(Journal::create(file.path(), &lanes()).unwrap());
    assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_torn_last_line_is_dropped_wherever_it_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &lanes()).unwrap();
    assert!(
        journal.sending(place(0)).await
            && journal.done(place(0), &record(CallOutcome::Accepted)).await
            && journal.sending(place(1)).await
    );
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut lanes = lanes();
        let journal = Journal::resume(&path, &mut lanes, false).unwrap();
        assert!(journal.sending(place(2)).await);
        drop(journal);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<Line>(line).is_ok()), "cut at {cut}: {text}");
    }
}

#[test]
fn what_is_no_journal_of_these_targets_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut lanes = lanes();
    let resume = |lanes: &mut [QueuePlan]| Journal::resume(&path, lanes, false).map(drop).unwrap_err().to_string();
    assert!(resume(&mut lanes).contains("cannot be opened"));
    for (text, part) in [
        ("hello", "line 1 is not a line of a journal"),
        ("hello\n", "line 1 is not a line of a journal"),
        ("{\"sending\":{\"lane\":0,\"call\":0}}\n", "line 1 is not a line of a journal"),
        ("{\"plan\":{\"version\":9,\"hash\":\"\",\"calls\":0}}\n", "another version"),
        ("{\"plan\":{\"version\":1,\"hash\":\"\",\"calls\":0}}\n", "another version"),
        ("{\"plan\":{\"version\":2,\"hash\":\"\",\"lanes\":0,\"calls\":0,\"at_ms\":0}}\n", "other targets"),
    ] {
        std::fs::write(&path, text).unwrap();
        assert!(resume(&mut lanes).contains(part), "{text:?}: {}", resume(&mut lanes));
    }
    std::fs::remove_file(&path).unwrap();
    let journal = Journal::create(&path, &lanes).unwrap();
    assert!(resume(&mut lanes).contains("another run is using it"));
    drop(journal);
    assert!(Journal::create(&path, &lanes).unwrap_err().to_string().contains("is there already"));
    lanes[0].requests.swap(0, 1);
    assert!(resume(&mut lanes).contains("other targets"));
}

#[tokio::test]
async fn a_report_accounts_for_every_call_of_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &lanes()).unwrap();
    let report = || RunReport::read(&path).unwrap();
    assert_eq!(Totals::from_reports(&report().queues), Totals { not_sent: 3, ..Totals::default() });
    journal.sending(place(0)).await;
    // A report takes no lock: the run may be going on.
    assert_eq!(Totals::from_reports(&report().queues), Totals { not_sent: 2, unknown: 1, ..Totals::default() });
    journal.done(place(0), &record(CallOutcome::Accepted)).await;
    journal.sending(place(1)).await;
    journal.done(place(1), &CallRecord { code: Some("HSS.0013".to_owned()), ..record(CallOutcome::Refused) }).await;
    journal.followed(0, &ScanCompletion::Finished).await;
    drop(journal);
    Journal::resume(&path, &mut lanes(), false).unwrap();
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
fn a_report_of_what_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    drop(Journal::create(&path, &lanes()).unwrap());
    let whole = std::fs::read_to_string(&path).unwrap();
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        RunReport::read(&path).unwrap_err().to_string()
    };
    let first_lines = |count: usize| whole.lines().take(count).map(|line| format!("{line}\n")).collect::<String>();
    assert!(told("hello\n").contains("line 1 is not a line of a journal"));
    assert!(told(&first_lines(3)).contains("its plan is not whole"));
    for (from, to, line) in [("\"lane\":0", "\"lane\":7", 2), ("\"call\":0", "\"call\":1", 3), ("all_hosts", "all", 3)]
    {
        assert!(told(&whole.replacen(from, to, 1)).contains(&format!("line {line} is not a line")), "{from}");
    }
    assert!(told(&format!("{whole}{{\"sending\":{{\"lane\":0,\"call\":3,\"at_ms\":0}}}}\n")).contains("line 7"));
}
