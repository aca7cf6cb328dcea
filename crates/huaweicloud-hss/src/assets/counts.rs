//! How common each asset of a kind is.

use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::generated::assets::bounds;
use crate::http::call_options::CallOptions;
use crate::http::pagination::Pager;
use crate::types::queue::Queue;

use super::asset::Fields;
use super::calls::{self, Source};
use super::filter::check_category;
use super::kind::AssetKind;
use super::list::List;

/// How often an asset was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetCount {
    /// The name of the asset, as [`AssetFilter::name`](super::AssetFilter::name) takes it. Ports have none.
    pub name: Option<String>,
    /// The port number. It has one row for each protocol.
    pub port: Option<u16>,
    /// How many servers or containers have it. The service does not document the unit for packages, web frameworks and
    /// websites, and counts each process and each open port.
    pub count: u64,
}

/// Fetches counts page by page. [`Client::asset_counts`] returns one.
#[derive(Clone, Debug)]
pub struct AssetCountPager {
    source: Source,
    list: List,
}

impl Client {
    /// Lists how common each asset of a kind is, in pages of at most 200.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use huaweicloud_hss::Queue;
    /// use huaweicloud_hss::assets::AssetKind;
    ///
    /// let mut counts = client.asset_counts(Queue::new("p".parse()?), AssetKind::KernelModules);
    /// while let Some(page) = counts.next_page().await? {
    ///     println!("{page:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn asset_counts(&self, queue: Queue, kind: AssetKind) -> AssetCountPager {
        AssetCountPager::new(Source { client: self.clone(), queue, kind, options: None })
    }
}

impl AssetCountPager {
    pub(super) fn new(source: Source) -> Self {
        let limits = (bounds::list_app_statistics::LIMIT.max(), bounds::list_app_statistics::OFFSET.max());
        let list = List::new(Pager::new("names", limits.0, limits.1), calls::largest_count_total(source.kind));
        Self { source, list }
    }

    /// Sets the limits in time of the call for each page.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.source.options = Some(options);
        self
    }

    /// Fetches the next page, of 1 to 200 rows; `None` after the last.
    ///
    /// # Errors
    /// As [`AssetPager::next_page`](super::AssetPager::next_page).
    pub async fn next_page(&mut self) -> Result<Option<Vec<AssetCount>>, Error> {
        let Self { source, list } = self;
        check_category(source.kind, &source.queue)?;
        let page = list.next_page(|request| calls::counts(source, request)).await?;
        Ok(page.map(|rows| rows.into_iter().map(|row| AssetCount::from_row(row.fields)).collect()))
    }
}

/// How the rows of the different kinds name an asset.
const NAMES: [&str; 6] = ["name", "app_name", "user_name", "file_name", "path", "domain"];

impl AssetCount {
    fn from_row(mut row: Fields) -> Self {
        let name = NAMES.iter().find_map(|name| match row.remove(*name)? {
            Value::String(text) => Some(text),
            _ => None,
        });
        let number = |field: &str| row.get(field).and_then(Value::as_u64);
        let port = number("port").and_then(|port| port.try_into().ok());
        Self { name, port, count: number("num").unwrap_or(0) }
    }
}
