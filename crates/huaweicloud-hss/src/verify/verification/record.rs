//! What a journal keeps of a verification: the times before the scan, and the verdicts.

use std::collections::BTreeMap;

use crate::assets::WitnessStrength;
use crate::client::Client;
use crate::error::Error;
use crate::fleet::{BaselineEntry, Journal, QueueReport, RunReport, VerdictEntry};
use crate::response::outcome::CallOutcome;
use crate::verify::coverage::Coverage;
use crate::verify::selection::HostSelection;
use crate::verify::times::{Times, milliseconds, moment};
use crate::verify::verdict::{Decision, Verdict};
use crate::verify::witness::{Source, Witness};

use super::{HostVerdict, Read, Verification};

/// How many servers a line of a journal has.
const HOSTS_PER_LINE: usize = 5_000;

impl Verification {
    /// Reads the servers of a run from its journal, with what is known of them: times before the scan, and which of them
    /// are proved to be scanned. `queue` is the index in [`RunReport::queues`].
    ///
    /// # Errors
    /// As [`Verification::since`], and [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an index that
    /// the report does not have.
    pub async fn of_run(client: &Client, run: &RunReport, queue: usize) -> Result<Self, Error> {
        let report =
            run.queues.get(queue).ok_or_else(|| Error::invalid_input(format!("the journal has no queue {queue}")))?;
        let selection = HostSelection::from_iter(report.records.iter().map(|record| &record.selector));
        let mut verification = Self::load(client, report.queue.clone(), &selection).await?;
        if let Some(proof) = run.proofs.get(queue) {
            proof.baseline.iter().for_each(|entry| verification.restore_baseline(entry));
            verification.restore_verdicts(&proof.verdicts);
        }
        verification.set_ordered_by(report);
        Ok(verification)
    }

    /// Records which servers a run ordered: those of calls that were accepted, or may have been.
    pub fn set_ordered_by(&mut self, report: &QueueReport) {
        for record in &report.records {
            if matches!(record.outcome, CallOutcome::Accepted | CallOutcome::Unknown | CallOutcome::Unrecognised) {
                self.set_ordered(&record.selector, record.server_time);
            }
        }
    }

    /// Writes the times before the scan to a journal. Returns whether they are on disk.
    pub async fn record_baseline(&self, journal: &Journal, queue: usize) -> bool {
        for Read { witness, before, .. } in &self.reads {
            let Some(times) = before else { continue };
            let mut hosts = times.iter().map(|(host, time)| (self.subjects[host].id.clone(), time)).peekable();
            // A list without servers is recorded as well.
            loop {
                let times_of_line: Vec<_> = hosts.by_ref().take(HOSTS_PER_LINE).collect();
                let (witness, is_complete) = (Source::Asset(witness.clone()).to_string(), times.is_complete);
                if !journal.add_baseline(BaselineEntry { queue, witness, is_complete, times: times_of_line }).await {
                    return false;
                }
                if hosts.peek().is_none() {
                    break;
                }
            }
        }
        true
    }

    fn restore_baseline(&mut self, entry: &BaselineEntry) {
        // A name that this release does not know proves nothing.
        let Ok(Source::Asset(witness)) = entry.witness.parse() else { return };
        self.has_reads = true;
        let known = self.reads.iter().position(|read| read.witness == witness);
        let position = known.unwrap_or(self.reads.len());
        if known.is_none() {
            self.reads.push(Read { witness, before: None, after: None });
        }
        let hosts = self.subjects.len();
        let times = self.reads[position].before.get_or_insert_with(|| Times::new(hosts));
        times.is_complete = entry.is_complete;
        for (id, time) in &entry.times {
            if let (Some(host), Some(at)) = (self.index.get(id), moment(*time)) {
                times.set(*host, at);
            }
        }
    }

    fn restore_verdicts(&mut self, verdicts: &BTreeMap<Box<str>, VerdictEntry>) {
        for (id, entry) in verdicts {
            if let (Some(host), Some(verdict)) = (self.index.get(id), restored(entry)) {
                let HostVerdict { verdict, at, source, strength, is_compared, .. } = verdict;
                if verdict == Verdict::Scanned {
                    self.subjects[*host].proof = Some(Decision { verdict, at, source, strength, is_compared });
                }
            }
        }
    }
}

impl HostVerdict {
    /// Writes verdicts to a journal. `queue` is the index in [`RunReport::queues`]. Returns whether they are on disk.
    pub async fn record(verdicts: &[Self], journal: &Journal, queue: usize) -> bool {
        for hosts in verdicts.chunks(HOSTS_PER_LINE) {
            if !journal.add_verdicts(queue, hosts.iter().map(Self::entry).collect()).await {
                return false;
            }
        }
        true
    }

    fn entry(&self) -> VerdictEntry {
        VerdictEntry {
            id: self.host_id.as_str().into(),
            name: self.host_name.as_deref().map(Box::from),
            verdict: self.verdict.as_str().into(),
            coverage: self.coverage.as_str().into(),
            ordered_at_ms: milliseconds(self.ordered_at),
            seen_at_ms: self.at.map(milliseconds),
            source: self.source.as_ref().map(|source| source.to_string().into()),
            is_compared: self.is_compared,
        }
    }
}

impl RunReport {
    /// Returns the last verdict about each server of a queue, if the run was verified. `queue` is the index in
    /// [`RunReport::queues`].
    pub fn verdicts(&self, queue: usize) -> impl Iterator<Item = HostVerdict> {
        self.proofs.get(queue).into_iter().flat_map(|proof| proof.verdicts.values()).filter_map(restored)
    }
}

/// Returns the verdict of an entry, unless a name in it is unknown.
fn restored(entry: &VerdictEntry) -> Option<HostVerdict> {
    let source: Option<Source> = entry.source.as_deref().map(str::parse).transpose().ok()?;
    let strength = match &source {
        None => WitnessStrength::None,
        Some(Source::Asset(Witness { kind, .. })) => kind.witness_strength(),
        Some(Source::Collection(_)) => WitnessStrength::Strong,
    };
    Some(HostVerdict {
        host_id: entry.id.to_string(),
        host_name: entry.name.as_deref().map(str::to_owned),
        coverage: Coverage::ALL.into_iter().find(|coverage| coverage.as_str() == &*entry.coverage)?,
        ordered_at: moment(entry.ordered_at_ms)?,
        verdict: Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == &*entry.verdict)?,
        at: entry.seen_at_ms.and_then(moment),
        source,
        strength,
        is_compared: entry.is_compared,
    })
}
