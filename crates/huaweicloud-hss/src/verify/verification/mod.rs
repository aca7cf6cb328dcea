//! Finds out which servers a scan reached: reads times before it, reads them again after it, and decides.

mod estimate;
mod progress;
#[cfg(feature = "fleet")]
mod record;
mod rounds;
mod subject;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use crate::assets::{AssetKind, WitnessStrength};
use crate::client::Client;
use crate::error::Error;
use crate::types::host::{Host, HostFilter};
use crate::types::queue::Queue;
use crate::types::selector::Selector;

use super::bulk::{CallBudget, HOSTS_PER_CALL, Inventory};
use super::collect::{CollectKind, Collection};
use super::selection::HostSelection;
use super::times::Times;
use super::verdict::{Before, Decision, Sighting, Verdict, decide};
use super::witness::{Source, Witness};
pub use estimate::VerificationEstimate;
use progress::Rounds;
pub use subject::HostVerdict;
use subject::Subject;

/// The kinds that move only when a server is scanned, except on Mondays: those that most servers have first. Later ones
/// are counted and read only for servers that have none of the earlier ones.
const STRONG: [&[AssetKind]; 3] = [
    &[AssetKind::KernelModules],
    &[AssetKind::WebServices, AssetKind::Databases, AssetKind::WebApps],
    &[AssetKind::Packages],
];

/// How a verification is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// For how long to read again what is not proved. Zero reads once.
    pub within: Duration,
    /// How many calls for single servers may be made, where lists prove nothing.
    pub max_status_calls: u64,
    /// The time until the second round. Each time is half as long again as the one before.
    pub first_delay: Duration,
    /// The longest time between two rounds.
    pub max_delay: Duration,
}

impl VerifyOptions {
    /// The default number of calls for single servers.
    pub const DEFAULT_STATUS_CALLS: u64 = 100;
}

impl Default for VerifyOptions {
    /// Reads once, with at most 100 calls for single servers.
    fn default() -> Self {
        Self {
            within: Duration::ZERO,
            max_status_calls: Self::DEFAULT_STATUS_CALLS,
            first_delay: Duration::from_secs(30),
            max_delay: Duration::from_secs(600),
        }
    }
}

/// A witness, and its times on the servers before the scan and after it.
#[derive(Clone, Debug)]
struct Read {
    witness: Witness,
    before: Option<Times>,
    after: Option<Times>,
}

impl Read {
    fn sighting(&self, host: usize) -> Sighting {
        let before = match &self.before {
            None => Before::Unread,
            Some(times) => match times.get(host) {
                Some(at) => Before::At(at),
                None if times.is_complete => Before::Absent,
                None => Before::Unread,
            },
        };
        Sighting {
            source: Source::Asset(self.witness.clone()),
            strength: self.witness.strength(),
            before,
            after: self.after.as_ref().and_then(|times| times.get(host)),
        }
    }

    /// Returns whether a list may have a time of a server.
    fn may_have(&self, host: usize) -> bool {
        let known = [&self.before, &self.after].into_iter().flatten();
        let is_open = self.before.as_ref().or(self.after.as_ref()).is_none_or(|times| !times.is_complete);
        is_open || known.into_iter().any(|times| times.get(host).is_some())
    }
}

/// When a list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

/// The verification of the servers of one queue.
///
/// ```no_run
/// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
/// use huaweicloud_hss::verify::{HostSelection, Verification, VerifyOptions};
/// use huaweicloud_hss::{Queue, ScanRequest};
///
/// let queue = Queue::new("p".parse()?);
/// let request = ScanRequest::all_hosts(queue.clone());
/// let mut verification = Verification::before_scan(&client, queue, HostSelection::all()).await?;
/// let response = client.scan(&request).await?;
/// // Wait here until no scan is pending.
/// verification.set_ordered(&request.selector, response.meta.server_time);
/// while verification.next_round(&VerifyOptions::default()).await?.is_some() {}
/// for host in verification.verdicts() {
///     println!("{} {}", host.host_id, host.verdict);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verification {
    inventory: Inventory,
    /// How many servers the queue has.
    listed: u64,
    subjects: Vec<Subject>,
    index: HashMap<Box<str>, usize>,
    reads: Vec<Read>,
    /// Whether it is decided which witnesses are read.
    has_reads: bool,
    collections: HashMap<usize, (CollectKind, Collection)>,
    status_calls: u64,
    /// By the clock of this machine, for responses without a time.
    loaded_at: SystemTime,
    rounds: Rounds,
}

impl Verification {
    /// Lists servers and reads their times, to compare them with those after a scan.
    ///
    /// # Errors
    /// Any error of a call. A list of the inventory that is cut is none: it proves less.
    pub async fn before_scan(client: &Client, queue: Queue, selection: HostSelection) -> Result<Self, Error> {
        let mut verification = Self::load(client, queue, &selection).await?;
        verification.choose(Moment::Before).await?;
        Ok(verification)
    }

    /// Lists servers, whose times are compared with that of an order only.
    ///
    /// This proves less than [`Verification::before_scan`]: a server whose clock is ahead may pass as scanned.
    ///
    /// # Errors
    /// Any error of a call.
    pub async fn since(
        client: &Client,
        queue: Queue,
        selection: HostSelection,
        ordered_at: SystemTime,
    ) -> Result<Self, Error> {
        let mut verification = Self::load(client, queue, &selection).await?;
        for subject in &mut verification.subjects {
            subject.set_ordered(ordered_at);
        }
        Ok(verification)
    }

    /// Lists the servers.
    pub(super) async fn load(client: &Client, queue: Queue, selection: &HostSelection) -> Result<Self, Error> {
        let Queue { project_id, enterprise_project, .. } = queue.clone();
        let loaded_at = crate::http::clock::Clock::System.now();
        let mut subjects = Vec::new();
        let mut index = HashMap::new();
        let mut add = |host: Host| {
            index.insert(Box::from(host.host_id.as_deref().unwrap_or_default()), subjects.len());
            subjects.push(Subject::new(host));
        };
        let mut unlisted: BTreeSet<&str> = selection.ids().collect();
        let mut pages = client.hosts(project_id, enterprise_project, HostFilter::default());
        let mut listed = 0;
        while let Some(page) = pages.next_page().await? {
            listed += page.len() as u64;
            for host in page.into_iter().filter(|host| selection.contains(host)) {
                if let Some(id) = host.host_id.as_deref().filter(|id| !id.is_empty()) {
                    unlisted.remove(id);
                    add(host);
                }
            }
        }
        unlisted.into_iter().for_each(|id| add(Host { host_id: Some(id.to_owned()), ..Host::default() }));
        Ok(Self {
            inventory: Inventory { client: client.clone(), queue },
            listed,
            subjects,
            index,
            reads: Vec::new(),
            has_reads: false,
            collections: HashMap::new(),
            status_calls: 0,
            loaded_at,
            rounds: Rounds::default(),
        })
    }

    /// Records that a scan of a call's servers was ordered, at the time of the service, if it is known. Only servers that
    /// were ordered are verified. Of several orders, the first counts.
    pub fn set_ordered(&mut self, selector: &Selector, at: Option<SystemTime>) {
        let at = at.unwrap_or(self.loaded_at);
        match selector {
            Selector::AllHosts => self.subjects.iter_mut().for_each(|subject| subject.set_ordered(at)),
            Selector::Hosts(ids) => {
                for host in ids.iter().filter_map(|id| self.index.get(id)) {
                    self.subjects[*host].set_ordered(at);
                }
            }
            Selector::ServerGroups(_) => {
                let groups = HostSelection::from_iter([selector]);
                let of_group = |subject: &&mut Subject| groups.contains_group(subject.group_id.as_deref());
                self.subjects.iter_mut().filter(of_group).for_each(|subject| subject.set_ordered(at));
            }
        }
    }

    /// Returns the verdict about each server that was ordered, as far as it is known.
    pub fn verdicts(&self) -> impl Iterator<Item = HostVerdict> {
        (0..self.subjects.len()).filter_map(|host| self.verdict(host))
    }

    /// Returns how many of the selected servers a scan cannot refresh.
    #[must_use]
    pub fn not_coverable(&self) -> u64 {
        self.subjects.iter().filter(|subject| subject.coverage.is_gap()).count() as u64
    }

    /// Returns how many servers that a scan can refresh, or may refresh, are not proved to be scanned.
    #[must_use]
    pub fn unproved(&self) -> u64 {
        self.open().count() as u64
    }

    /// Returns how many calls for single servers were made.
    #[must_use]
    pub fn status_calls(&self) -> u64 {
        self.status_calls
    }

    fn verdict(&self, host: usize) -> Option<HostVerdict> {
        let subject = self.subjects.get(host)?;
        let ordered_at = subject.ordered_at?;
        Some(HostVerdict::new(subject, ordered_at, self.decision(host, ordered_at)))
    }

    fn decision(&self, host: usize, ordered_at: SystemTime) -> Decision {
        let subject = &self.subjects[host];
        if let Some(proof) = &subject.proof {
            return proof.clone();
        }
        let sightings: Vec<Sighting> = self.reads.iter().map(|read| read.sighting(host)).collect();
        let collection = self.collections.get(&host);
        let source = collection.map(|(kind, _)| Source::Collection(*kind));
        let collection = source.as_ref().zip(collection.map(|(_, collection)| collection));
        decide(ordered_at, subject.coverage, &sightings, collection)
    }

    /// Returns the servers that are to be proved and are not.
    fn open(&self) -> impl Iterator<Item = usize> {
        let is_open =
            |subject: &Subject| subject.ordered_at.is_some() && subject.proof.is_none() && !subject.coverage.is_gap();
        (0..self.subjects.len()).filter(move |host| is_open(&self.subjects[*host]))
    }

    /// Returns how many servers lack a time of at least this strength.
    fn missing(&self, moment: Moment, strength: WitnessStrength) -> u64 {
        let times = |read: &Read| match moment {
            Moment::Before => read.before.is_some(),
            Moment::After => read.after.is_some(),
        };
        let reads: Vec<&Read> =
            self.reads.iter().filter(|read| read.witness.strength() >= strength && times(read)).collect();
        let has_time = |host: usize| {
            let mut times = reads.iter().filter_map(|read| match moment {
                Moment::Before => read.before.as_ref(),
                Moment::After => read.after.as_ref(),
            });
            times.any(|times| times.get(host).is_some())
        };
        let lacks = |host: &usize| !has_time(*host);
        let count = match moment {
            Moment::After => self.open().filter(lacks).count(),
            Moment::Before => {
                let hosts = 0..self.subjects.len();
                hosts.filter(|host| !self.subjects[*host].coverage.is_gap()).filter(lacks).count()
            }
        };
        count as u64
    }

    /// Chooses the witnesses, and reads them: strong ones for as many servers as possible, accounts for all that are
    /// left, and software for those without any.
    ///
    /// All lists together cost at most one call for each 100 servers, and 100.
    async fn choose(&mut self, moment: Moment) -> Result<(), Error> {
        // An earlier attempt may have ended early.
        self.reads.clear();
        let servers = self.subjects.len() as u64;
        let mut budget = CallBudget::of(servers);
        for kinds in STRONG {
            self.cover(kinds, moment, WitnessStrength::Strong, &mut budget).await?;
        }
        self.settle();
        budget.add_list_of(servers);
        for name in Witness::ACCOUNTS {
            let may_prove = moment == Moment::Before || self.open().next().is_some();
            if may_prove && are_accounts_worth_reading(self.listed, servers) {
                budget.spend(self.add_read(Witness::new(AssetKind::Accounts, name), moment).await?);
            }
        }
        self.cover(&[AssetKind::Software], moment, WitnessStrength::Weak, &mut budget).await?;
        self.settle();
        self.has_reads = true;
        Ok(())
    }

    /// Reads the most common witnesses of these kinds for servers that lack one.
    async fn cover(
        &mut self,
        kinds: &[AssetKind],
        moment: Moment,
        strength: WitnessStrength,
        budget: &mut CallBudget,
    ) -> Result<(), Error> {
        if self.missing(moment, strength) == 0 {
            return Ok(());
        }
        let mut candidates = self.inventory.common(kinds).await?;
        budget.spend(candidates.calls);
        while let Some((_, witness)) = candidates.next(self.missing(moment, strength), budget) {
            budget.spend(self.add_read(witness, moment).await?);
        }
        Ok(())
    }

    /// Reads a witness, and returns the number of calls.
    async fn add_read(&mut self, witness: Witness, moment: Moment) -> Result<u64, Error> {
        let (times, calls) = self.times(&witness).await?;
        let (before, after) = match moment {
            Moment::Before => (Some(times), None),
            Moment::After => (None, Some(times)),
        };
        self.reads.push(Read { witness, before, after });
        Ok(calls)
    }

    /// Reads the times of a witness. Returns the number of calls, too.
    async fn times(&self, witness: &Witness) -> Result<(Times, u64), Error> {
        let Self { inventory, subjects, index, .. } = self;
        let mut times = Times::new(subjects.len());
        let read = inventory
            .times(witness, |id, at| {
                if let Some(host) = index.get(id) {
                    times.set(*host, at);
                }
            })
            .await?;
        times.is_complete = read.is_complete;
        Ok((times, read.calls))
    }

    /// Keeps what is proved: later times cannot disprove it.
    fn settle(&mut self) {
        for host in 0..self.subjects.len() {
            let subject = &self.subjects[host];
            let Some(ordered_at) = subject.ordered_at.filter(|_| subject.proof.is_none()) else { continue };
            let decision = self.decision(host, ordered_at);
            if decision.verdict == Verdict::Scanned {
                self.subjects[host].proof = Some(decision);
            }
        }
    }
}

/// Returns whether the list of an account costs at most a call for each selected server.
fn are_accounts_worth_reading(listed: u64, selected: u64) -> bool {
    listed.div_ceil(HOSTS_PER_CALL) <= selected
}
