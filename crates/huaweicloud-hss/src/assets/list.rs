//! A list of the inventory: complete, or an error.

use std::future::Future;

use crate::error::{Error, ErrorKind};
use crate::generated::bounds::Bounds;
use crate::http::pagination::{Page, PageRequest, Pager};

use super::asset::Row;

/// A list whose total the service may cap.
#[derive(Clone, Debug)]
pub(super) struct List {
    pager: Pager,
    largest_total: Option<Bounds>,
}

impl List {
    pub(super) fn new(pager: Pager, largest_total: Option<Bounds>) -> Self {
        Self { pager, largest_total }
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.pager.total()
    }

    /// Fetches the next page; `None` after the last, or an error if the list may be incomplete.
    pub(super) async fn next_page<F>(&mut self, fetch: impl FnOnce(PageRequest) -> F) -> Result<Option<Vec<Row>>, Error>
    where
        F: Future<Output = Result<Page<Row>, Error>>,
    {
        let page = self.pager.next_page(fetch).await?;
        let total = self.pager.total();
        match self.largest_total {
            Some(bounds) if page.is_none() && total >= Some(bounds.max()) => Err(cut(bounds.max())),
            _ => Ok(page),
        }
    }
}

/// The error for a list with the largest total that the service documents.
fn cut(total: u64) -> Error {
    let what = format!("the list may be cut: its total is {total}, the largest one that the service returns");
    Error::new(ErrorKind::Refused, what).with_help("Narrow it with a filter.")
}
