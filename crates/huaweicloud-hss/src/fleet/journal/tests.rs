//! What a journal keeps, drops and refuses, and that it reads the journals of earlier releases.

use super::*;
use crate::fleet::{PlanBuilder, QueueReport, Target, Totals};
use crate::types::id_list::IdList;
use crate::types::queue::{Category, Queue};
use crate::types::selector::Selector;

/// The plan of one queue with three calls.
fn plans() -> Vec<QueuePlan> {
    let mut builder = PlanBuilder::default();
    for target in [Target::AllHosts, Target::Host("h"), Target::ServerGroup("g")] {
        builder.add(None, Queue::new("p".parse().unwrap()), target).unwrap();
    }
    builder.build()
}

fn index(call: usize) -> CallIndex {
    CallIndex { queue: 0, call }
}

fn record(outcome: CallOutcome) -> CallRecord {
    CallRecord { outcome, attempts: 1, ..CallRecord::not_sent(Selector::AllHosts, "m") }
}

fn already_done(path: &Path, retry_ambiguous: bool) -> Vec<(usize, CallOutcome)> {
    let mut plans = plans();
    Journal::resume(path, &mut plans, retry_ambiguous).unwrap();
    plans[0].already_done.iter().map(|(call, record)| (*call, record.outcome)).collect()
}

#[tokio::test]
async fn accepted_calls_are_kept_and_calls_that_may_have_been_sent_are_kept_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans()).unwrap();
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
    drop(Journal::create(file.path(), &plans()).unwrap());
    assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn an_incomplete_last_line_is_dropped_wherever_it_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans()).unwrap();
    assert!(
        journal.call_sending(index(0)).await
            && journal.call_done(index(0), &record(CallOutcome::Accepted)).await
            && journal.call_sending(index(1)).await
    );
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut plans = plans();
        let journal = Journal::resume(&path, &mut plans, false).unwrap();
        assert!(journal.call_sending(index(2)).await);
        drop(journal);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<Entry>(line).is_ok()), "cut at {cut}: {text}");
    }
}

#[test]
fn a_file_that_is_not_a_journal_of_these_targets_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut plans = plans();
    let resume = |plans: &mut [QueuePlan]| Journal::resume(&path, plans, false).map(drop).unwrap_err().to_string();
    assert!(resume(&mut plans).contains("cannot be opened"));
    for (text, part) in [
        ("hello", "line 1 is not a journal entry"),
        ("hello\n", "line 1 is not a journal entry"),
        ("{\"sending\":{\"lane\":0,\"call\":0}}\n", "line 1 is not a journal entry"),
        ("{\"plan\":{\"version\":9,\"hash\":\"\",\"calls\":0}}\n", "another version"),
        ("{\"plan\":{\"version\":1,\"hash\":\"\",\"calls\":0}}\n", "another version"),
        ("{\"plan\":{\"version\":2,\"hash\":\"\",\"lanes\":0,\"calls\":0,\"at_ms\":0}}\n", "different targets"),
    ] {
        std::fs::write(&path, text).unwrap();
        assert!(resume(&mut plans).contains(part), "{text:?}: {}", resume(&mut plans));
    }
    std::fs::remove_file(&path).unwrap();
    let journal = Journal::create(&path, &plans).unwrap();
    assert!(resume(&mut plans).contains("it is in use by another run"));
    drop(journal);
    assert!(Journal::create(&path, &plans).unwrap_err().to_string().contains("the file already exists"));
    plans[0].requests.swap(0, 1);
    assert!(resume(&mut plans).contains("different targets"));
}

#[tokio::test]
async fn a_report_contains_every_call_of_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans()).unwrap();
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
    Journal::resume(&path, &mut plans(), false).unwrap();
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
fn a_report_of_a_file_that_is_not_a_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    drop(Journal::create(&path, &plans()).unwrap());
    let whole = std::fs::read_to_string(&path).unwrap();
    let error = |text: &str| {
        std::fs::write(&path, text).unwrap();
        RunReport::read(&path).unwrap_err().to_string()
    };
    let first_lines = |count: usize| whole.lines().take(count).map(|line| format!("{line}\n")).collect::<String>();
    assert!(error("hello\n").contains("line 1 is not a journal entry"));
    assert!(error(&first_lines(3)).contains("the run has not sent anything"));
    for (from, to, line) in [("\"lane\":0", "\"lane\":7", 2), ("\"call\":0", "\"call\":1", 3), ("all_hosts", "all", 3)]
    {
        assert!(error(&whole.replacen(from, to, 1)).contains(&format!("line {line} is not a journal entry")), "{from}");
    }
    assert!(error(&format!("{whole}{{\"sending\":{{\"lane\":0,\"call\":3,\"at_ms\":0}}}}\n")).contains("line 7"));
}

/// A journal that the first release wrote: a run with every outcome, and a resumed run that was killed during two
/// calls.
const VERSION_2: &str = include_str!("../../../testdata/journal-version-2.jsonl");

/// The plans of that journal.
fn version_2_plans() -> Vec<QueuePlan> {
    let mut builder = PlanBuilder::default();
    for (project, enterprise_project, category, target) in [
        ("p1", None, Category::Host, Target::AllHosts),
        ("p1", None, Category::Host, Target::Host("h1")),
        ("p1", None, Category::Host, Target::Host("h2")),
        ("p1", None, Category::Host, Target::Host("h2")),
        ("p2", Some("ep-1"), Category::Container, Target::ServerGroup("g1")),
        ("p3", None, Category::Host, Target::Host("h3")),
        ("p3", None, Category::Host, Target::ServerGroup("g3")),
        ("p4", Some("all_granted_eps"), Category::Host, Target::Host("h4")),
    ] {
        let mut queue = Queue::new(project.parse().unwrap()).with_category(category);
        if let Some(enterprise_project) = enterprise_project {
            queue = queue.with_enterprise_project(enterprise_project.parse().unwrap());
        }
        builder.add(Some("cn-north-4".parse().unwrap()), queue, target).unwrap();
    }
    builder.build()
}

/// Resumes from these lines, and returns the calls that are not sent again.
fn resumed(lines: &str, retry_ambiguous: bool) -> Vec<(usize, usize, CallOutcome)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines).unwrap();
    let mut plans = version_2_plans();
    Journal::resume(file.path(), &mut plans, retry_ambiguous).unwrap();
    let done = plans
        .iter()
        .enumerate()
        .flat_map(|(queue, plan)| plan.already_done.iter().map(move |(call, record)| (queue, *call, record.outcome)));
    done.collect()
}

#[test]
fn a_journal_of_the_first_release_can_be_resumed() {
    let (accepted, unknown, unrecognised) =
        ((0, 0, CallOutcome::Accepted), CallOutcome::Unknown, CallOutcome::Unrecognised);
    let kept_back = [accepted, (0, 1, unknown), (1, 0, unknown), (2, 0, unknown), (3, 0, unrecognised)];
    assert_eq!(resumed(VERSION_2, false), kept_back);
    assert_eq!(resumed(VERSION_2, true), [accepted]);
    let first_run = &VERSION_2[..VERSION_2.rfind("{\"run\"").unwrap()];
    assert_eq!(resumed(first_run, false), [accepted, (2, 0, unknown), (3, 0, unrecognised)]);
}

#[test]
fn a_journal_of_the_first_release_can_be_reported() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), VERSION_2).unwrap();
    let report = RunReport::read(file.path()).unwrap();
    assert_eq!(report.resume_count, 1);
    assert_eq!(
        Totals::from_reports(&report.queues),
        Totals { accepted: 1, already_queued: 1, unrecognised: 1, unknown: 4, ..Totals::default() }
    );
    assert!(matches!(report.queues[0].completion, ScanCompletion::TimedOut));
    assert_eq!((report.queues[0].duplicates, report.queues[1].queue.category), (1, Category::Container));
    let accepted = &report.queues[0].records[0];
    assert_eq!((accepted.processed, accepted.http_status, accepted.attempts), (Some(100), Some(200), 1));
    assert_eq!((accepted.elapsed.as_millis(), accepted.selector.clone()), (12, Selector::AllHosts));
    let broken = &report.queues[2].records[0];
    assert_eq!((broken.error, broken.selector.ids().get(0)), (Some(ErrorKind::Ambiguous), Some("h3")));
}

#[test]
fn entries_are_written_as_the_first_release_wrote_them() {
    for line in VERSION_2.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        assert_eq!(entry.to_line().unwrap(), format!("{line}\n").into_bytes());
    }
    let mut header = Vec::new();
    header::write_plan_header(&mut header, &version_2_plans()).unwrap();
    let header = String::from_utf8(header).unwrap();
    let lines = header.lines().zip(VERSION_2.lines());
    let without_time = |line: &str| line.split(",\"at_ms\"").next().unwrap().to_owned();
    lines.for_each(|(written, golden)| assert_eq!(without_time(written), without_time(golden)));
    assert_eq!(header.lines().count(), 11);
}
