//! Reads the assets of a kind, page by page or as a stream.

use std::collections::{BTreeSet, HashSet, VecDeque};

use futures_util::Stream;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::generated::assets::bounds;
use crate::http::call_options::CallOptions;
use crate::http::pagination::{Pager, SeenIds, stream_of_rows};
use crate::types::queue::Queue;

use super::asset::{Asset, Row};
use super::calls::{self, Source};
use super::counts::{AssetCount, AssetCountPager};
use super::filter::{AssetFilter, check_category};
use super::kind::AssetKind;
use super::list::List;

/// Fetches the assets of a kind page by page. [`Client::assets`] returns one.
///
/// The service lists ports, packages, kernel modules and websites by number or name only. Without one in the filter, the
/// pager first fetches every number or name (they are kept in memory), and then the list of each. It does the same for
/// any list without a name that is longer than the 2,000,000 rows that the service returns. An asset that is in the lists
/// of several names is returned once.
#[derive(Clone, Debug)]
pub struct AssetPager {
    source: Source,
    filter: AssetFilter,
    /// The lists that are left, if they are known.
    filters: Option<VecDeque<AssetFilter>>,
    list: Option<(AssetFilter, List)>,
    /// What was in any of several lists.
    seen: SeenInLists,
    /// Whether a list that is too long is read name by name.
    is_split: bool,
    /// How many names the service counts but does not list.
    unlisted: u64,
}

impl Client {
    /// Lists the assets of a kind in the servers or containers of a queue, in pages of at most 200.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use huaweicloud_hss::Queue;
    /// use huaweicloud_hss::assets::{AssetFilter, AssetKind};
    ///
    /// let filter = AssetFilter::default().with_name("openssl");
    /// let mut software = client.assets(Queue::new("p".parse()?), AssetKind::Software, filter);
    /// while let Some(page) = software.next_page().await? {
    ///     for asset in page {
    ///         println!("{:?} {:?}", asset.host_name, asset.version);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn assets(&self, queue: Queue, kind: AssetKind, filter: AssetFilter) -> AssetPager {
        let is_known = match kind {
            AssetKind::Ports => filter.host_id.is_some() || filter.port.is_some(),
            _ => !kind.is_listed_by_name() || filter.name.is_some(),
        };
        let source = Source { client: self.clone(), queue, kind, options: None };
        let filters = is_known.then(|| VecDeque::from([filter.clone()]));
        AssetPager { source, filter, filters, list: None, seen: SeenInLists::default(), is_split: false, unlisted: 0 }
    }
}

/// Returns whether a kind that has one list can be filtered by the names that the service counts.
fn has_lists_by_name(kind: AssetKind) -> bool {
    match kind {
        AssetKind::Accounts
        | AssetKind::Software
        | AssetKind::AutoStart
        | AssetKind::WebServices
        | AssetKind::WebApps
        | AssetKind::Databases => true,
        // They always have a list for each name, or the filter is not the name.
        _ => false,
    }
}

impl AssetPager {
    /// Sets the limits in time of the call for each page.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.source.options = Some(options);
        self
    }

    /// Fetches the next page, of 1 to 200 assets; `None` after the last.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a filter or category that the service does not
    /// have for the kind (nothing is sent), any error of a call, and
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) for a response that is not a list.
    ///
    /// After the last page, an error instead of `None` if the list is or may be incomplete:
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) if fewer different assets were received than
    /// the service reported as the total, or if it counts assets that it does not list;
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the total is the largest one that the service returns, or
    /// beyond the records that it returns.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Asset>>, Error> {
        let kind = self.source.kind;
        check_category(kind, &self.source.queue)?;
        self.filter.check(kind)?;
        if self.filters.is_none() {
            // A part of a name would list an asset under several names.
            if self.filter.part_match == Some(true) {
                let what = format!("`part_match` needs a name: the service lists {} by name only", kind.noun());
                return Err(Error::invalid_input(what));
            }
            self.read_names().await?;
        }
        loop {
            if self.list.is_none() {
                let Some(filter) = self.filters.as_mut().and_then(VecDeque::pop_front) else { break };
                let limits = (bounds::list_users::LIMIT.max(), bounds::list_users::OFFSET.max());
                let pager = Pager::new(kind.noun(), limits.0, limits.1);
                let list = List::new(pager, calls::largest_total(kind, &filter));
                self.list = Some((filter, list));
            }
            let Some((filter, list)) = &mut self.list else { break };
            if let Some(rows) = list.next_page(|request| calls::assets(&self.source, filter, request)).await? {
                let can_split = !self.is_split && has_lists_by_name(kind) && filter.name.is_none();
                if can_split && list.total() > Some(bounds::list_users::OFFSET.max()) {
                    self.read_names().await?;
                    (self.is_split, self.list) = (true, None);
                    continue;
                }
                let seen = &mut self.seen;
                let assets: Vec<Asset> = rows.into_iter().filter_map(|row| seen.asset(kind, filter, row)).collect();
                if assets.is_empty() {
                    continue;
                }
                return Ok(Some(assets));
            }
            // The only list stays, so that its total can be asked for.
            if self.filters.as_ref().is_none_or(VecDeque::is_empty) {
                break;
            }
            self.list = None;
        }
        self.check_complete().map(|()| None)
    }

    /// Returns a stream of the assets, which fetches each page when its first asset is wanted, and ends after the first
    /// error.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use huaweicloud_hss::Queue;
    /// use huaweicloud_hss::assets::{AssetFilter, AssetKind};
    ///
    /// let ports = client.assets(Queue::new("p".parse()?), AssetKind::Ports, AssetFilter::default());
    /// let mut ports = pin!(ports.into_stream());
    /// while let Some(port) = ports.try_next().await? {
    ///     println!("{:?} {:?}", port.host_name, port.port);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<Asset, Error>> + Send {
        stream_of_rows(self, |mut pager| async move { (pager.next_page().await, pager) })
    }

    /// Returns the number of assets on all pages; `None` before the first page, and for a kind that is read name by
    /// name.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let (filter, list) = self.list.as_ref()?;
        list.total().filter(|_| *filter == self.filter)
    }

    /// Fetches the numbers or names, for the list of each.
    async fn read_names(&mut self) -> Result<(), Error> {
        let mut counts = AssetCountPager::new(self.source.clone());
        let (mut ports, mut names, mut unlisted) = (BTreeSet::new(), BTreeSet::new(), 0);
        while let Some(page) = counts.next_page().await? {
            for AssetCount { name, port, .. } in page {
                let filter = AssetFilter { name: name.clone(), port, ..AssetFilter::default() };
                match (name, port) {
                    _ if filter.check(self.source.kind).is_err() => unlisted += 1,
                    (_, Some(port)) => _ = ports.insert(port),
                    (Some(name), None) => _ = names.insert(name),
                    (None, None) => unlisted += 1,
                }
            }
        }
        let base = &self.filter;
        let ports = ports.into_iter().map(|port| AssetFilter { port: Some(port), ..base.clone() });
        let names = names.into_iter().map(|name| AssetFilter { name: Some(name), ..base.clone() });
        let filters: VecDeque<AssetFilter> = ports.chain(names).collect();
        self.seen.lists = filters.iter().cloned().collect();
        (self.filters, self.unlisted) = (Some(filters), unlisted);
        Ok(())
    }

    fn check_complete(&self) -> Result<(), Error> {
        let (noun, unlisted) = (self.source.kind.noun(), self.unlisted);
        if unlisted == 0 {
            return Ok(());
        }
        let what =
            format!("the list is incomplete: the service counts {unlisted} {noun} under names that it cannot list");
        Err(Error::new(ErrorKind::InvalidResponse, what).with_help("All others were received."))
    }
}

/// Finds assets that are in several lists: whether the service takes a number or name for a part of others is not
/// documented.
#[derive(Clone, Debug, Default)]
struct SeenInLists {
    /// The lists, if there are several.
    lists: HashSet<AssetFilter>,
    /// Packages are listed by the name of a file, which their rows do not have.
    packages: SeenIds,
}

impl SeenInLists {
    /// Returns the asset of a row, unless it has a list of its own or was in another one.
    fn asset(&mut self, kind: AssetKind, filter: &AssetFilter, row: Row) -> Option<Asset> {
        let Row { key, fields } = row;
        let asset = Asset::from_row(kind, fields);
        if self.lists.len() < 2 {
            return Some(asset);
        }
        let own = match kind {
            AssetKind::Packages => return self.packages.insert(&key).then_some(asset),
            AssetKind::Ports => AssetFilter { port: asset.port, ..filter.clone() },
            _ => AssetFilter { name: asset.name.clone(), ..filter.clone() },
        };
        let has_own_list = own != *filter && self.lists.contains(&own);
        (!has_own_list).then_some(asset)
    }
}
