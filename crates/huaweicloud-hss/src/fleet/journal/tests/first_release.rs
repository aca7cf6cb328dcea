//! The journals of the first release can be read and resumed.

use super::*;

/// A journal that the first release wrote: a run with every outcome, and a resumed run that was killed during two
/// calls.
pub(super) const VERSION_2: &str = include_str!("../../../../testdata/journal-version-2.jsonl");

/// The plans of that journal.
pub(super) fn version_2_plans() -> Vec<QueuePlan> {
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
    Journal::resume(file.path(), &mut plans, &identity(), retry_ambiguous).unwrap();
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
fn entries_are_written_as_the_first_release_wrote_them_but_with_a_checksum() {
    for line in VERSION_2.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), line);
    }
    let mut header = Vec::new();
    let length = header::write_plan_header(&mut header, &mut Seal::new(), &version_2_plans(), &identity()).unwrap();
    let header = String::from_utf8(header).unwrap();
    assert_eq!((header.len() as u64, header.lines().count()), (length, 11));
    for (written, golden) in header.lines().zip(VERSION_2.lines()).skip(1) {
        assert_eq!(written.split(",\"checksum\"").next().unwrap(), golden.strip_suffix('}').unwrap());
    }
}

#[tokio::test]
async fn a_journal_of_the_first_release_keeps_its_format_when_it_is_resumed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), VERSION_2).unwrap();
    let journal = Journal::resume(file.path(), &mut version_2_plans(), &identity(), true).unwrap();
    assert!(journal.call_sending(CallIndex { queue: 1, call: 0 }).await);
    drop(journal);
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.starts_with(VERSION_2) && !text.contains("checksum"), "{text}");
    assert_eq!(RunReport::read(file.path()).unwrap().resume_count, 2);
}

#[test]
fn a_report_can_be_serialised_and_lists_every_host() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), VERSION_2).unwrap();
    let report = RunReport::read(file.path()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    let again: RunReport = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), json);
    for (before, after) in report.queues.iter().zip(&again.queues) {
        assert_eq!((&before.queue, &before.region, &before.records), (&after.queue, &after.region, &after.records));
    }
    assert_eq!(json["queues"][0]["records"][1]["ids"], serde_json::json!(["h1", "h2"]));
    let failed = ScanCompletion::Failed(Error::new(ErrorKind::Permission, "no"));
    let json = serde_json::json!({ "failed": { "kind": "permission", "message": "no" } });
    assert_eq!(serde_json::to_value(&failed).unwrap(), json);
    assert!(matches!(serde_json::from_value(json), Ok(ScanCompletion::Failed(error)) if error.to_string() == "no"));
    let hosts: Vec<(&str, &str, CallOutcome)> =
        report.hosts().map(|(queue, id, outcome)| (queue.project_id.as_str(), id, outcome)).collect();
    assert_eq!(
        hosts,
        [
            ("p1", "h1", CallOutcome::Unknown),
            ("p1", "h2", CallOutcome::Unknown),
            ("p3", "h3", CallOutcome::Unknown),
            ("p4", "h4", CallOutcome::Unrecognised),
        ]
    );
}
