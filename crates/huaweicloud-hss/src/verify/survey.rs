//! The class of each server of a queue, and the age of its data.

use std::collections::{BTreeSet, HashMap};
use std::time::SystemTime;

use futures_util::{Stream, stream};

use crate::assets::AssetKind;
use crate::client::Client;
use crate::client::hosts::HostPager;
use crate::error::Error;
use crate::types::host::{Host, HostFilter};
use crate::types::queue::Queue;

use super::bulk::{CallBudget, Inventory, ListRead};
use super::coverage::Coverage;
use super::selection::HostSelection;
use super::witness::Witness;

/// The kinds that are read for servers without one of the usual accounts.
const OTHER_KINDS: [AssetKind; 4] =
    [AssetKind::KernelModules, AssetKind::WebServices, AssetKind::Databases, AssetKind::Software];

/// What is known about one server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostCoverage {
    /// Its id.
    pub host_id: String,
    /// Its name.
    pub host_name: Option<String>,
    /// Whether a scan can refresh it.
    pub coverage: Coverage,
    /// The state of its agent, as the service reports it.
    pub agent_status: Option<String>,
    /// The state of its protection, as the service reports it.
    pub protect_status: Option<String>,
    /// Its edition, as the service reports it.
    pub edition: Option<String>,
    /// The newest time of its assets, of those that were read.
    pub seen_at: Option<SystemTime>,
    /// The asset with that time.
    pub witness: Option<Witness>,
}

impl HostCoverage {
    fn set_newest(&mut self, newest: Option<&(SystemTime, Witness)>) {
        self.seen_at = newest.map(|(at, _)| *at);
        self.witness = newest.map(|(_, witness)| witness.clone());
    }
}

/// Fetches the coverage of servers page by page. [`Client::coverage`] returns one.
#[derive(Clone, Debug)]
pub struct CoverageSurvey {
    inventory: Inventory,
    selection: HostSelection,
    without_times: bool,
    are_accounts_read: bool,
    /// The newest time of each server.
    newest: HashMap<Box<str>, (SystemTime, Witness)>,
    hosts: HostPager,
    /// Listed servers without a time, until others were read for them.
    held: Vec<HostCoverage>,
    /// The selected ids that were not listed yet.
    unlisted: BTreeSet<Box<str>>,
    is_finished: bool,
}

impl Client {
    /// Examines servers of a queue: whether a scan can refresh them, and how old their data is.
    ///
    /// The times come from few calls for all servers: accounts that almost every server has, and the most common kernel
    /// modules, web services, databases and software for servers without them. A list that is cut leaves some servers
    /// without a time.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use huaweicloud_hss::Queue;
    /// use huaweicloud_hss::verify::HostSelection;
    ///
    /// let survey = client.coverage(Queue::new("p".parse()?), HostSelection::all());
    /// let mut pages = pin!(survey.into_stream());
    /// while let Some(page) = pages.try_next().await? {
    ///     for host in page {
    ///         println!("{} {} {:?}", host.host_id, host.coverage, host.seen_at);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn coverage(&self, queue: Queue, selection: HostSelection) -> CoverageSurvey {
        let Queue { project_id, enterprise_project, .. } = queue.clone();
        let hosts = self.hosts(project_id, enterprise_project, HostFilter::default());
        let unlisted = selection.ids().map(Box::from).collect();
        let inventory = Inventory { client: self.clone(), queue };
        CoverageSurvey {
            inventory,
            selection,
            without_times: false,
            are_accounts_read: false,
            newest: HashMap::new(),
            hosts,
            held: Vec::new(),
            unlisted,
            is_finished: false,
        }
    }
}

impl CoverageSurvey {
    /// Leaves out the times, which saves the calls that read them.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        self.without_times = true;
        self
    }

    /// Fetches the next page; `None` after the last. Selected ids that the service does not list come last, as
    /// [`Coverage::Unknown`].
    ///
    /// # Errors
    /// As [`HostPager::next_page`], and any error of a call that reads the inventory.
    pub async fn next_page(&mut self) -> Result<Option<Vec<HostCoverage>>, Error> {
        let read_times = !self.without_times;
        if read_times && !self.are_accounts_read {
            for name in Witness::ACCOUNTS {
                self.read(&Witness::new(AssetKind::Accounts, name)).await?;
            }
            self.are_accounts_read = true;
        }
        while let Some(page) = self.hosts.next_page().await? {
            let mut rows = Vec::with_capacity(page.len());
            for host in page.into_iter().filter(|host| self.selection.contains(host)) {
                let row = self.row(host);
                self.unlisted.remove(&*row.host_id);
                let is_held = read_times && row.seen_at.is_none() && !row.coverage.is_gap();
                if is_held { self.held.push(row) } else { rows.push(row) }
            }
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        if self.is_finished {
            return Ok(None);
        }
        self.read_others().await?;
        self.is_finished = true;
        let mut rest = std::mem::take(&mut self.held);
        for row in &mut rest {
            row.set_newest(self.newest.get(&*row.host_id));
        }
        let unlisted = std::mem::take(&mut self.unlisted).into_iter();
        rest.extend(unlisted.map(|id| self.row(Host { host_id: Some(id.into()), ..Host::default() })));
        Ok((!rest.is_empty()).then_some(rest))
    }

    /// Returns a stream of the pages, which ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<HostCoverage>, Error>> + Send {
        stream::try_unfold(self, |mut survey| async move {
            let page = survey.next_page().await?;
            Ok(page.map(|page| (page, survey)))
        })
    }

    /// Reads other witnesses for the servers that have none.
    async fn read_others(&mut self) -> Result<(), Error> {
        if self.held.is_empty() {
            return Ok(());
        }
        let mut budget = CallBudget::of((self.newest.len() + self.held.len()) as u64);
        let mut candidates = self.inventory.common(&OTHER_KINDS).await?;
        budget.spend(candidates.calls);
        while let Some((_, witness)) = candidates.next(self.missing(), &budget) {
            budget.spend(self.read(&witness).await?.calls);
        }
        Ok(())
    }

    /// Returns how many servers still have no time.
    fn missing(&self) -> u64 {
        self.held.iter().filter(|row| !self.newest.contains_key(&*row.host_id)).count() as u64
    }

    /// Reads a witness, and keeps the times that are newer than those before.
    async fn read(&mut self, witness: &Witness) -> Result<ListRead, Error> {
        let Self { inventory, newest, .. } = self;
        inventory
            .times(witness, |id, at| match newest.get_mut(id) {
                Some(known) if known.0 >= at => {}
                Some(known) => *known = (at, witness.clone()),
                None => drop(newest.insert(Box::from(id), (at, witness.clone()))),
            })
            .await
    }

    fn row(&self, host: Host) -> HostCoverage {
        let mut row = HostCoverage {
            coverage: Coverage::of(&host),
            host_id: host.host_id.unwrap_or_default(),
            host_name: host.host_name,
            agent_status: host.agent_status,
            protect_status: host.protect_status,
            edition: host.version,
            seen_at: None,
            witness: None,
        };
        row.set_newest(self.newest.get(&*row.host_id));
        row
    }
}
