//! `hss assets list`: prints what the last collections found, page by page.

use std::time::Duration;

use huaweicloud_hss::assets::{Asset, AssetFilter, AssetKind, AssetPager};
use huaweicloud_hss::{Category, Client, Error, ErrorKind, Queue};

use crate::cli::{AssetsListArgs, Kinds, OutputFormat, Via};
use crate::connect;
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::render::print_pages;
use crate::targets::QueueSpec;

use super::columns::{COLUMNS, FIELDS, cells, fields};
use super::filter::Filter;

/// How long the service may take to write a file.
const EXPORT_WAIT: Duration = Duration::from_secs(30 * 60);

pub(crate) async fn list(args: AssetsListArgs) -> Result<ExitStatus, CliError> {
    let filter = Filter::new(&args);
    if args.via == Via::Export && args.host.is_some() {
        return Err(CliError::usage("exports have no ids of servers: use --host-name in place of --host"));
    }
    let kinds = kinds(&args.kinds, args.queue.category.into(), &filter)?;
    let connection = connect::connect(
        &[QueueSpec::default()],
        &args.queue,
        &args.list.service.connection,
        args.list.service.emulator,
    )
    .await?;
    let (client, queue) = connection.only_queue()?;
    let format = args.list.output.format;
    let columns: &[&str] = if format == OutputFormat::Csv { &FIELDS } else { &COLUMNS };
    let mut lists = AssetLists::new(client.clone(), queue.clone(), kinds, &filter).via(args.via);
    let row = |asset: &Asset| {
        filter.matches(asset).then(|| if format == OutputFormat::Csv { fields(asset) } else { cells(asset) })
    };
    print_pages(format, columns, async || lists.next_page().await, row).await?;
    Ok(lists.exit_status())
}

/// Returns the kinds to list, each once. Of `all`, those that cannot match are left out.
fn kinds(given: &[Kinds], category: Category, filter: &Filter) -> Result<Vec<AssetKind>, CliError> {
    let mut kinds = Vec::new();
    let mut left_out = Vec::new();
    for given in given {
        match *given {
            Kinds::One(kind) => match filter.excludes(kind) {
                Some(reason) => return Err(CliError::usage(format!("{kind} have {reason}"))),
                None => kinds.push(kind),
            },
            Kinds::All => {
                let is_listed = |kind: &AssetKind| category == Category::Host || kind.is_in_containers();
                let (some, others): (Vec<_>, Vec<_>) =
                    AssetKind::ALL.into_iter().partition(|kind| is_listed(kind) && filter.excludes(*kind).is_none());
                kinds.extend(some);
                left_out.extend(others);
            }
        }
    }
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|kind| kind.name()).collect();
        output::message(&format!("note: the filters match none of these kinds: {}", names.join(", ")));
    }
    let mut seen = Vec::new();
    kinds.retain(|kind| {
        !seen.contains(kind) && {
            seen.push(*kind);
            true
        }
    });
    Ok(kinds)
}

/// The lists of several kinds, one after the other.
pub(super) struct AssetLists {
    /// Those that are left, the next one last.
    pagers: Vec<(AssetKind, AssetPager)>,
    client: Client,
    queue: Queue,
    via: Via,
    has_several: bool,
    incomplete: Vec<AssetKind>,
}

impl AssetLists {
    pub(super) fn new(client: Client, queue: Queue, kinds: Vec<AssetKind>, filter: &Filter) -> Self {
        let has_several = kinds.len() > 1;
        let pager = |kind: AssetKind| (kind, client.assets(queue.clone(), kind, filter.for_service(kind)));
        let pagers = kinds.into_iter().rev().map(pager).collect();
        Self { pagers, client, queue, via: Via::List, has_several, incomplete: Vec::new() }
    }

    /// Sets how the lists are read.
    fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    /// Fetches the next page; `None` after the last page of the last list. Of several lists, one that is incomplete does
    /// not end the others.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<Asset>>, Error> {
        while let Some((kind, pager)) = self.pagers.last_mut() {
            let page = match self.via {
                Via::List => pager.next_page().await,
                Via::Export => exported(&self.client, &self.queue, *kind).await.map(Some),
            };
            match page {
                Ok(Some(page)) => {
                    if self.via == Via::Export {
                        self.pagers.pop();
                    }
                    return Ok(Some(page));
                }
                Ok(None) => {}
                Err(error) if self.has_several && is_of_one_list(&error) => {
                    output::message(&format!("error: {kind}: {error}"));
                    self.incomplete.push(*kind);
                }
                Err(error) => return Err(error),
            }
            self.pagers.pop();
        }
        Ok(None)
    }

    /// Reports which lists are incomplete.
    pub(super) fn exit_status(&self) -> ExitStatus {
        if self.incomplete.is_empty() {
            return ExitStatus::Ok;
        }
        let names: Vec<_> = self.incomplete.iter().map(|kind| kind.name()).collect();
        output::message(&format!("error: incomplete: {}. All others are complete.", names.join(", ")));
        ExitStatus::Partial
    }
}

/// Returns every asset of a kind, and an error if there are not as many as the list of the kind has.
async fn exported(client: &Client, queue: &Queue, kind: AssetKind) -> Result<Vec<Asset>, Error> {
    let assets = client.export_assets(queue, kind, EXPORT_WAIT).await?.assets()?;
    if !kind.is_listed_by_name() {
        let mut list = client.assets(queue.clone(), kind, AssetFilter::default());
        list.next_page().await?;
        // A list that is too long for one has no total.
        if let Some(total) = list.total()
            && total != assets.len() as u64
        {
            let what = format!("the export of {kind} has {} rows, but the list has {total}", assets.len());
            return Err(Error::new(ErrorKind::InvalidResponse, what));
        }
    }
    Ok(assets)
}

/// Returns whether an error concerns one list, so that others may be complete.
fn is_of_one_list(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::InvalidResponse)
}
