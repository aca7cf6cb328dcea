//! The rounds of a verification: each reads the lists that may still prove something, then single servers.

use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep_until};

use crate::assets::WitnessStrength;
use crate::error::{Error, ErrorKind};
use crate::types::queue::Category;
use crate::verify::bulk::HOSTS_PER_CALL;
use crate::verify::collect::CollectKind;
use crate::verify::verdict::Verdict;
use crate::verify::witness::Source;

use super::{HostVerdict, Moment, Verification, VerifyOptions};

/// The longest time that a verification can take. The clock cannot represent every moment.
const MAX_WITHIN: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Verification {
    /// Waits for the next round, makes it, and returns the verdicts that it proved; `None` after the last round. The
    /// first round begins at once, the last one when the time of the options is over or everything is proved.
    ///
    /// It may be dropped while it waits or reads, and called again.
    ///
    /// # Errors
    /// Any error of a call in the last round. In earlier ones, an error that may pass ends the round only.
    pub async fn next_round(&mut self, options: &VerifyOptions) -> Result<Option<Vec<HostVerdict>>, Error> {
        if self.rounds.is_finished {
            return Ok(None);
        }
        let end = *self.rounds.end.get_or_insert_with(|| Instant::now() + options.within.min(MAX_WITHIN));
        let delay = match self.rounds.next {
            Some((moment, delay)) => {
                sleep_until(moment.min(end)).await;
                delay
            }
            None => options.first_delay,
        };
        let is_last = Instant::now() >= end;
        let before: Vec<bool> = self.subjects.iter().map(|subject| subject.proof.is_some()).collect();
        let result = self.round(options, is_last).await;
        self.rounds.is_finished = is_last || self.open().next().is_none();
        // A round may take long: the time between two rounds is at least as long.
        self.rounds.next = Some((Instant::now() + delay, (delay + delay / 2).min(options.max_delay)));
        match result {
            Err(error) if !self.rounds.is_finished && may_pass(&error) => {
                tracing::warn!(%error, "a round of the verification is incomplete");
            }
            other => other?,
        }
        let is_new = |host: &usize| self.subjects[*host].proof.is_some() && !before[*host];
        Ok(Some((0..self.subjects.len()).filter(is_new).filter_map(|host| self.verdict(host)).collect()))
    }

    /// Returns how long it is until the next round; `None` after the last.
    #[must_use]
    pub fn next_round_in(&self) -> Option<Duration> {
        let (moment, _) = self.rounds.next.filter(|_| !self.rounds.is_finished)?;
        let moment = self.rounds.end.map_or(moment, |end| moment.min(end));
        Some(moment.saturating_duration_since(Instant::now()))
    }

    /// Returns a stream of the verdicts: those that are proved after the round that proves them, and the others at the
    /// end. It ends after the first error.
    pub fn into_stream(self, options: VerifyOptions) -> impl Stream<Item = Result<Vec<HostVerdict>, Error>> + Send {
        stream::try_unfold(Some(self), move |verification| {
            let options = options.clone();
            async move {
                let Some(mut verification) = verification else { return Ok(None) };
                if let Some(proved) = verification.next_round(&options).await? {
                    return Ok(Some((proved, Some(verification))));
                }
                let rest = verification.verdicts().filter(|host| host.verdict != Verdict::Scanned).collect();
                Ok(Some((rest, None)))
            }
        })
    }

    async fn round(&mut self, options: &VerifyOptions, is_last: bool) -> Result<(), Error> {
        if !self.has_reads {
            self.choose(Moment::After).await?;
        } else {
            self.reread(options).await?;
        }
        self.read_collections(options, is_last).await
    }

    /// Reads again the lists that may prove something about servers that are left.
    async fn reread(&mut self, options: &VerifyOptions) -> Result<(), Error> {
        let mut order: Vec<usize> = (0..self.reads.len()).collect();
        order.sort_by_key(|read| std::cmp::Reverse(self.reads[*read].witness.strength()));
        for read in order {
            if self.is_worth_reading(read, options) {
                let witness = self.reads[read].witness.clone();
                self.reads[read].after = Some(self.times(&witness).await?.0);
                self.settle();
            }
        }
        Ok(())
    }

    fn is_worth_reading(&self, read: usize, options: &VerifyOptions) -> bool {
        let read = &self.reads[read];
        let is_strong = read.witness.strength() == WitnessStrength::Strong;
        let gains = |host: &usize| read.may_have(*host) && (is_strong || !self.is_refreshed(*host));
        let hosts = self.open().filter(gains).count() as u64;
        // Few servers are read one by one, if that costs less than a long list.
        let rows = read.before.as_ref().or(read.after.as_ref()).map_or(0, |times| times.iter().count() as u64);
        let status_left = options.max_status_calls.saturating_sub(self.status_calls);
        let by_status = self.has_collections() && hosts <= status_left && hosts < rows.div_ceil(HOSTS_PER_CALL);
        hosts > 0 && !by_status
    }

    fn is_refreshed(&self, host: usize) -> bool {
        let ordered_at = self.subjects[host].ordered_at;
        ordered_at.is_some_and(|at| self.decision(host, at).verdict == Verdict::Refreshed)
    }

    /// Returns whether single servers have a status: nothing is documented about containers.
    fn has_collections(&self) -> bool {
        self.inventory.queue.category == Category::Host
    }

    /// Reads the status of single servers about which the lists prove nothing: those that nothing is known of first. All
    /// rounds but the last use half of the calls that are left at most.
    async fn read_collections(&mut self, options: &VerifyOptions, is_last: bool) -> Result<(), Error> {
        let left = options.max_status_calls.saturating_sub(self.status_calls);
        let budget = if is_last { left } else { left.div_ceil(2) };
        if !self.has_collections() || budget == 0 {
            return Ok(());
        }
        let rank = |host: usize| match self.subjects[host].ordered_at.map(|at| self.decision(host, at).verdict) {
            Some(Verdict::NoWitness) => 0,
            Some(Verdict::Refreshed) => 2,
            _ => 1,
        };
        let mut hosts: Vec<(i32, usize)> = self.open().map(|host| (rank(host), host)).collect();
        hosts.sort_unstable();
        for (_, host) in hosts.into_iter().take(usize::try_from(budget).unwrap_or(usize::MAX)) {
            let subject = &self.subjects[host];
            let kind = if subject.is_linux { CollectKind::KernelModules } else { CollectKind::Packages };
            self.status_calls += 1;
            match self.inventory.client.collection(&self.inventory.queue, &subject.id, kind).await {
                Ok(collection) => _ = self.collections.insert(host, (kind, collection)),
                Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::InvalidResponse) => {
                    tracing::warn!(host_id = %subject.id, source = %Source::Collection(kind), %error, "no status");
                }
                Err(error) => {
                    self.settle();
                    return Err(error);
                }
            }
        }
        self.settle();
        Ok(())
    }
}

/// Returns whether the same call may succeed later.
fn may_pass(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable)
}
