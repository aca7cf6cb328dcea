//! Damaged, foreign, replaced and endless journals are refused, and what a crash cut off is dropped.

use super::first_release::{VERSION_2, version_2_plans};
use super::*;
#[cfg(feature = "assets")]
use crate::fleet::journal::entry::{BaselineEntry, VerdictEntry};

#[tokio::test]
async fn an_incomplete_last_line_is_dropped_wherever_it_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, &plans(), &identity()).unwrap();
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
        let journal = Journal::resume(&path, &mut plans, &identity(), false).unwrap();
        assert!(journal.call_sending(index(2)).await);
        drop(journal);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(RunReport::read(&path).is_ok(), "cut at {cut}: {text}");
    }
}

#[test]
fn a_file_that_is_not_a_journal_of_these_targets_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut plans = plans();
    let resume =
        |plans: &mut [QueuePlan]| Journal::resume(&path, plans, &identity(), false).map(drop).unwrap_err().to_string();
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
    let journal = Journal::create(&path, &plans, &identity()).unwrap();
    assert!(resume(&mut plans).contains("it is in use by another run"));
    drop(journal);
    assert!(Journal::create(&path, &plans, &identity()).unwrap_err().to_string().contains("the file already exists"));
    plans[0].requests.swap(0, 1);
    assert!(resume(&mut plans).contains("different targets"));
    assert!(resume(&mut [plans[0].clone(), plans[0].clone()]).contains("different targets"));
    std::fs::remove_file(&path).unwrap();
    assert!(resume(&mut [plans[0].clone(), plans[0].clone()]).contains("two plans for project p"));
}

#[test]
fn a_report_of_a_file_that_is_not_a_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let error = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = RunReport::read(&path).unwrap_err().to_string();
        let resumed = Journal::resume(&path, &mut version_2_plans(), &identity(), false);
        assert_eq!(text.lines().count() > 11, resumed.is_err(), "{text}");
        error
    };
    let first_lines = |count: usize| VERSION_2.lines().take(count).map(|line| format!("{line}\n")).collect::<String>();
    assert!(error(&first_lines(3)).contains("the run has not sent anything"));
    for (from, to, what) in [
        ("\"lane\":0", "\"lane\":7", "line 2 does not fit to the plan"),
        ("\"call\":0", "\"call\":1", "line 3 does not fit to the plan"),
        ("all_hosts", "all", "line 3 does not fit to the plan"),
        ("h1", "h9", "line 12 follows a plan that does not match its hash"),
        ("\"lanes\":4", "\"lanes\":3", "line 12 follows a plan that does not match its hash"),
        ("{\"run\"", "{\"walk\"", "line 12 is not a journal entry"),
        ("{\"run\":{\"at_ms\":1795656010583}}\n", "", "line 12 comes before the end of the plan"),
    ] {
        assert!(
            error(&VERSION_2.replacen(from, to, 1)).contains(what),
            "{from}: {}",
            error(&VERSION_2.replacen(from, to, 1))
        );
    }
    for (line, what) in [
        (r#"{"sending":{"lane":0,"call":2,"at_ms":0}}"#, "does not fit to the plan"),
        (r#"{"followed":{"lane":4,"scan":"ended","at_ms":0}}"#, "does not fit to the plan"),
        (r#"{"call":{"lane":3,"call":1,"selector":"all_hosts"}}"#, "is outside the plan"),
        (VERSION_2.lines().next().unwrap(), "is not a journal entry"),
    ] {
        let number = VERSION_2.lines().count() + 1;
        assert!(error(&format!("{VERSION_2}{line}\n")).contains(&format!("line {number} {what}")), "{line}");
    }
}

/// A journal with several entries, and its file.
pub(super) async fn written(folder: &Path) -> (PathBuf, Vec<u8>) {
    let path = folder.join("journal");
    let journal = Journal::create(&path, &plans(), &identity()).unwrap();
    #[cfg(feature = "assets")]
    write_proof(&journal).await;
    for (call, outcome) in [(0, CallOutcome::Accepted), (1, CallOutcome::Refused)] {
        assert!(journal.call_sending(index(call)).await && journal.call_done(index(call), &record(outcome)).await);
    }
    drop(journal);
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

/// Writes the times of two servers before the scan, and a verdict about one.
#[cfg(feature = "assets")]
async fn write_proof(journal: &Journal) {
    let baseline = BaselineEntry {
        queue: 0,
        witness: "kernel-modules ext4".to_owned(),
        is_complete: true,
        times: vec![("a".into(), 1_700_000_000_000), ("b".into(), 1_700_000_000_001)],
    };
    let verdict = VerdictEntry {
        id: "a".into(),
        name: None,
        verdict: "scanned".into(),
        coverage: "coverable".into(),
        ordered_at_ms: 1_700_000_001_000,
        seen_at_ms: Some(1_700_000_002_000),
        source: Some("kernel-modules ext4".into()),
        is_compared: true,
    };
    assert!(journal.add_baseline(baseline).await && journal.add_verdicts(0, vec![verdict]).await);
}

#[tokio::test]
async fn a_flipped_bit_is_noticed_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (path, whole) = written(folder.path()).await;
    for position in 0..whole.len() {
        let bit = position * 5 % 8;
        let mut damaged = whole.clone();
        damaged[position] ^= 1 << bit;
        std::fs::write(&path, &damaged).unwrap();
        match RunReport::read(&path) {
            Err(error) => {
                let line = whole[..position].iter().filter(|byte| **byte == b'\n').count() + 1;
                let text = error.to_string();
                assert!(
                    text.contains(&format!("line {line} ")) || line == 1 && text.contains("another version"),
                    "bit {bit} of byte {position}: {text}"
                );
            }
            // Without its line end, the last line is one that a crash cut off.
            Ok(report) => {
                assert_eq!(position, whole.len() - 1, "bit {bit}");
                let records = &report.queues[0].records;
                assert_eq!((records[0].outcome, records[1].outcome), (CallOutcome::Accepted, CallOutcome::Unknown));
            }
        }
        let resumed = Journal::resume(&path, &mut plans(), &identity(), false);
        assert_eq!(resumed.is_err(), position != whole.len() - 1, "bit {bit} of byte {position}");
    }
}

#[tokio::test]
async fn foreign_missing_and_moved_lines_are_noticed() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, whole) = written(folder.path()).await;
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let error = |lines: &[&[u8]]| {
        std::fs::write(&path, lines.concat()).unwrap();
        RunReport::read(&path).unwrap_err().to_string()
    };
    for missing in 0..lines.len() - 1 {
        let mut lines = lines.clone();
        lines.remove(missing);
        let line = format!("line {} ", missing + 1);
        assert!(error(&lines).contains(&line), "line {missing} is missing: {}", error(&lines));
    }
    let last = lines.len() - 1;
    let damaged = |line: usize| format!("line {} is damaged or belongs to another journal", line + 1);
    let mut moved = lines.clone();
    moved.swap(last - 1, last);
    assert!(error(&moved).contains(&damaged(last - 1)), "{}", error(&moved));
    // The same plan, but another run.
    std::thread::sleep(std::time::Duration::from_millis(2));
    let (_, foreign) = written(other.path()).await;
    let foreign: Vec<&[u8]> = foreign.split_inclusive(|byte| *byte == b'\n').collect();
    let mut mixed = lines.clone();
    mixed[last] = foreign[last];
    assert!(error(&mixed).contains(&damaged(last)), "{}", error(&mixed));
}

#[test]
fn an_endless_line_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // A hole, as the rest of a file may become one in a crash.
    std::fs::write(file.path(), header::PREFIX).unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let error = RunReport::read(file.path()).unwrap_err().to_string();
    assert!(error.contains("line 1 is not a journal entry"), "{error}");
    assert!(Journal::resume(file.path(), &mut plans(), &identity(), false).is_err());
    // What could not be read is not written either.
    let mut plan = plans().remove(0);
    plan.requests = vec![Selector::Hosts(IdList::from_iter(["x".repeat(9 << 20)]))];
    let empty = tempfile::NamedTempFile::new().unwrap();
    let error = Journal::create(empty.path(), &[plan], &identity()).unwrap_err().to_string();
    assert!(error.contains("the ids of a call are too long"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_device_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
        for error in [
            RunReport::read(path).map(drop),
            Journal::create(path, &plans(), &identity()).map(drop),
            Journal::resume(path, &mut plans(), &identity(), false).map(drop),
            Journal::plans(path).map(drop),
        ] {
            assert!(error.unwrap_err().to_string().contains("it is not a regular file"), "{}", path.display());
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_that_is_emptied_replaced_or_deleted_is_noticed() {
    type Harm = fn(&Path);
    let harms: [(Harm, &str); 4] = [
        (|path| std::fs::write(path, "").unwrap(), "truncated"),
        (
            |path| {
                let other = path.with_extension("new");
                std::fs::copy(path, &other).unwrap();
                std::fs::rename(other, path).unwrap();
            },
            "replaced by another file",
        ),
        (|path| std::fs::rename(path, path.with_extension("old")).unwrap(), "moved or deleted"),
        (|path| std::fs::remove_file(path).unwrap(), "moved or deleted"),
    ];
    for (harm, what) in harms {
        for at_the_end in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            let journal = Journal::create(&path, &plans(), &identity()).unwrap();
            assert!(journal.call_sending(index(0)).await && journal.failure().is_none());
            harm(&path);
            if !at_the_end {
                assert!(!journal.call_done(index(0), &record(CallOutcome::Accepted)).await, "{what}");
            }
            assert!(journal.failure().unwrap().contains(what), "{what}: {:?}", journal.failure());
        }
    }
}

#[tokio::test]
async fn a_call_that_was_never_about_to_be_sent_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = written(folder.path()).await;
    let journal = Journal::resume(&path, &mut plans(), &identity(), false).unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    assert!(length > before.len() as u64);
    assert!(journal.call_done(index(2), &record(CallOutcome::NotSent)).await);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), length);
    assert!(journal.call_sending(index(2)).await && journal.call_done(index(2), &record(CallOutcome::NotSent)).await);
    drop(journal);
    assert_eq!(RunReport::read(&path).unwrap().queues[0].records[2].outcome, CallOutcome::NotSent);
}
