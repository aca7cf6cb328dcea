//! Fetches a list page by page, and checks that it is complete.
//!
//! A list with a total is complete if as many different rows were received as the largest total that any page reported:
//! servers that appear while the list is read are no error, but servers that disappear are, because the rows after them
//! move to offsets that were read before. A list without a total (IAM) is complete if no page announces another one
//! that is missing, and no row is repeated.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};

use futures_util::{FutureExt as _, Stream, TryStreamExt as _, stream};

use crate::error::{Error, ErrorKind};

/// The progress of fetching a list.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    /// What the list contains, in the plural.
    noun: &'static str,
    limit: u64,
    max_offset: u64,
    /// How many records have been fetched. The services count records, not pages, in `offset`.
    offset: u64,
    number: u32,
    /// The largest total of any page.
    total: Option<u64>,
    seen: SeenIds,
    /// How many different records have been received.
    received: u64,
    is_finished: bool,
    /// Whether the last page of a list without a total announced another one.
    is_next_announced: bool,
    /// What is wrong with a list without a total.
    flaw: Option<&'static str>,
}

/// The page to fetch next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// How many records to skip.
    pub(crate) offset: i32,
    /// How many records to return at most.
    pub(crate) limit: i32,
    /// The number of the page, from 1.
    pub(crate) number: u32,
}

/// A page that was fetched.
#[derive(Debug)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    end: End,
}

/// Where a list ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// After this many records over all pages.
    Total(u64),
    /// After this page, unless it is full or announces a next one.
    Next { is_announced: bool },
}

impl<T> Page<T> {
    /// A page of a list with a total.
    pub(crate) fn with_total(items: Option<Vec<T>>, total: i32) -> Self {
        let total = u64::try_from(total).unwrap_or(0);
        Self { items: items.unwrap_or_default(), end: End::Total(total) }
    }

    /// A page of a list without a total.
    pub(crate) fn without_total(items: Vec<T>, has_next: bool) -> Self {
        Self { items, end: End::Next { is_announced: has_next } }
    }
}

/// Returns the rows of a list as a stream, which ends after the first error. `next_page` fetches a page with the pager
/// and returns both.
pub(crate) fn stream_of_rows<P, T, F>(
    pager: P,
    mut next_page: impl FnMut(P) -> F,
) -> impl Stream<Item = Result<T, Error>>
where
    F: Future<Output = (Result<Option<Vec<T>>, Error>, P)>,
{
    let pages = stream::try_unfold(pager, move |pager| {
        next_page(pager)
            .map(|(page, pager)| Ok::<_, Error>(page?.map(|page| (stream::iter(page.into_iter().map(Ok)), pager))))
    });
    pages.try_flatten()
}

/// A row of a list.
pub(crate) trait Listed {
    /// Returns the id of the row, if it has one.
    fn id(&self) -> Option<&str>;
}

/// The hashes of the ids of a list: eight bytes each, because a list may have two million rows.
#[derive(Clone, Default)]
pub(crate) struct SeenIds {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl SeenIds {
    /// Returns whether an id is new.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one(id))
    }
}

impl fmt::Debug for SeenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenIds").field("len", &self.hashes.len()).finish()
    }
}

impl Pager {
    /// Fetches pages of at most `limit` records, at offsets up to `max_offset`.
    pub(crate) fn new(noun: &'static str, limit: u64, max_offset: u64) -> Self {
        Self {
            noun,
            limit,
            max_offset,
            offset: 0,
            number: 0,
            total: None,
            seen: SeenIds::default(),
            received: 0,
            is_finished: false,
            is_next_announced: false,
            flaw: None,
        }
    }

    /// Returns how many records there are over all pages: the largest number that a page reported.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Fetches the next page; `None` after the last, or an error if the list is not complete. A page is never empty,
    /// and has no record that an earlier page had.
    pub(crate) async fn next_page<T: Listed, F>(
        &mut self,
        fetch: impl FnOnce(PageRequest) -> F,
    ) -> Result<Option<Vec<T>>, Error>
    where
        F: Future<Output = Result<Page<T>, Error>>,
    {
        if !self.is_finished {
            let page = fetch(self.request()?).await?;
            let items = self.accept(page);
            if !items.is_empty() {
                return Ok(Some(items));
            }
        }
        self.check_complete().map(|()| None)
    }

    fn request(&self) -> Result<PageRequest, Error> {
        if self.offset > self.max_offset {
            let what = format!("the list is longer than the {} records that the service returns", self.offset);
            return Err(Error::new(ErrorKind::Refused, what).with_help("Narrow it with a filter."));
        }
        let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        Ok(PageRequest { offset: number(self.offset), limit: number(self.limit), number: self.number + 1 })
    }

    /// Returns the new records of a page.
    fn accept<T: Listed>(&mut self, page: Page<T>) -> Vec<T> {
        let Page { mut items, end } = page;
        let fetched = items.len() as u64;
        items.retain(|item| item.id().is_none_or(|id| self.seen.insert(id)));
        let new = items.len() as u64;
        self.number += 1;
        self.offset += fetched;
        self.received += new;
        // The vendor's tools end at an empty page; the total, or a page that is not full, saves that request.
        let is_last = match end {
            End::Total(total) => {
                let total = self.total.map_or(total, |largest| largest.max(total));
                self.total = Some(total);
                self.offset >= total
            }
            End::Next { is_announced } => {
                // A service that has no pages returns all records each time.
                let is_unpaged = new == 0 && fetched == self.received && !self.is_next_announced;
                if new < fetched && !is_unpaged {
                    self.flaw = Some("some of them several times");
                } else if fetched == 0 && self.is_next_announced {
                    self.flaw = Some("then an empty page that was announced");
                }
                self.is_next_announced = is_announced;
                !is_announced && fetched < self.limit
            }
        };
        self.is_finished = items.is_empty() || is_last;
        items
    }

    fn check_complete(&self) -> Result<(), Error> {
        let Self { noun, received, total, .. } = self;
        let what = match *total {
            Some(total) if *received < total => {
                format!("the list is incomplete: received {received} of {total} {noun}")
            }
            Some(total) if *received > total => {
                format!("the list contradicts its total: received {received} {noun}, but the service reports {total}")
            }
            None => match self.flaw {
                Some(flaw) => format!("the list is incomplete: received {received} {noun}, {flaw}"),
                None => return Ok(()),
            },
            Some(_) => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidResponse, what).with_help(
            "It may have changed while it was read: try again. If this persists, contact Huawei Cloud support.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Listed for String {
        fn id(&self) -> Option<&str> {
            Some(self.as_str()).filter(|id| !id.is_empty())
        }
    }

    /// Reads a list from a service that returns these pages and then empty ones. Returns the rows, the error and the
    /// number of requests.
    fn read(mut pager: Pager, pages: Vec<Page<String>>) -> (Vec<String>, Option<String>, u32) {
        let mut pages = pages.into_iter();
        let (mut rows, mut requests, mut last) = (Vec::new(), 0, None);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        loop {
            let next = runtime.block_on(pager.next_page(|request| {
                requests += 1;
                assert_eq!(request.number, requests);
                let end = last.unwrap_or(End::Total(0));
                let page = pages.next().unwrap_or(Page { items: Vec::new(), end });
                last = Some(page.end);
                async move { Ok(page) }
            }));
            match next {
                Ok(Some(page)) => rows.extend(page),
                Ok(None) => return (rows, None, requests),
                Err(error) => return (rows, Some(error.to_string()), requests),
            }
        }
    }

    fn ids(ids: std::ops::Range<u32>) -> Vec<String> {
        ids.map(|id| id.to_string()).collect()
    }

    fn page(range: std::ops::Range<u32>, total: i32) -> Page<String> {
        Page::with_total(Some(ids(range)), total)
    }

    #[test]
    fn a_list_with_a_total_is_complete_or_an_error() {
        let incomplete =
            |received, total| Some(format!("the list is incomplete: received {received} of {total} servers"));
        let null = || Page::with_total(None, 450);
        for (name, pages, rows, problem, requests) in [
            ("empty", vec![page(0..0, 0)], 0, None, 1),
            ("three pages", vec![page(0..200, 450), page(200..400, 450), page(400..450, 450)], 450, None, 3),
            ("short pages", vec![page(0..7, 400), page(7..207, 400), page(207..400, 400)], 400, None, 3),
            ("pages are ignored", vec![page(0..450, 450)], 450, None, 1),
            ("a server appears", vec![page(0..200, 400), page(200..400, 401), page(400..401, 401)], 401, None, 3),
            ("empty second page", vec![page(0..200, 450), page(0..0, 450)], 200, incomplete(200, 450), 2),
            ("null in place of the second page", vec![page(0..200, 450), null()], 200, incomplete(200, 450), 2),
            ("null in place of the first page", vec![null()], 0, incomplete(0, 450), 1),
            ("the first page again", vec![page(0..200, 450), page(0..200, 450)], 200, incomplete(200, 450), 2),
            ("some rows again", vec![page(0..200, 400), page(100..300, 400)], 300, incomplete(300, 400), 2),
            ("the total shrinks", vec![page(0..200, 450), page(200..400, 400)], 400, incomplete(400, 450), 3),
            ("the total drops to zero", vec![page(0..200, 450), page(0..0, 0)], 200, incomplete(200, 450), 2),
            ("the total grows", vec![page(0..200, 400), page(200..400, 450)], 400, incomplete(400, 450), 3),
            (
                "a full page with the total 0",
                vec![page(0..200, 0)],
                200,
                Some("the list contradicts its total: received 200 servers, but the service reports 0".to_owned()),
                1,
            ),
        ] {
            let (received, error, made) = read(Pager::new("servers", 200, 2_000_000), pages);
            assert_eq!(received, ids(0..rows), "{name}");
            let expected = problem.map(|text| format!("{text}. It may have changed while it was read: try again. If this persists, contact Huawei Cloud support."));
            assert_eq!((error, made), (expected, requests), "{name}");
        }
    }

    #[test]
    fn a_list_without_a_total_is_complete_or_an_error() {
        let page = |range, next| Page::without_total(ids(range), next);
        for (name, pages, rows, is_complete, requests) in [
            ("one short page", vec![page(0..1, false)], 1, true, 1),
            ("full pages", vec![page(0..2, false), page(2..4, false), page(4..5, false)], 5, true, 3),
            ("the last page is full", vec![page(0..2, false), page(2..4, false)], 4, true, 3),
            ("the service has no pages", vec![page(0..2, false), page(0..2, false)], 2, true, 2),
            ("short pages with a link", vec![page(0..1, true), page(1..2, false)], 2, true, 2),
            ("nothing behind the link", vec![page(0..1, true), page(1..1, false)], 1, false, 2),
            ("the same page behind the link", vec![page(0..2, true), page(0..2, true)], 2, false, 2),
            ("the first page behind the link", vec![page(0..2, true), page(0..2, false)], 2, false, 2),
            ("some rows again", vec![page(0..2, false), page(1..3, false), page(3..4, false)], 4, false, 3),
        ] {
            let (received, error, made) = read(Pager::new("projects", 2, u64::MAX), pages);
            assert_eq!((received, error.is_none(), made), (ids(0..rows), is_complete, requests), "{name}: {error:?}");
            assert!(error.is_none_or(|error| error.starts_with("the list is incomplete: received")), "{name}");
        }
    }

    #[test]
    fn a_list_that_is_longer_than_the_largest_offset_is_an_error() {
        let (rows, error, requests) =
            read(Pager::new("servers", 200, 400), vec![page(0..200, 1000), page(200..401, 1000), page(401..601, 1000)]);
        let text = "the list is longer than the 401 records that the service returns. Narrow it with a filter.";
        assert_eq!((rows.len(), error.as_deref(), requests), (401, Some(text), 2));
    }

    proptest! {
        #[test]
        fn no_list_of_a_hostile_service_is_complete_with_fewer_rows_than_its_totals(
            pages in proptest::collection::vec((proptest::collection::vec(0..40_u32, 0..12), 0..40_i32), 1..8)
        ) {
            let largest = pages.iter().map(|(_, total)| *total as usize).max().unwrap_or(0);
            let sent: Vec<usize> = pages.iter().map(|(_, total)| *total as usize).collect();
            let pages = pages.into_iter().map(|(rows, total)| {
                Page::with_total(Some(rows.into_iter().map(|row| row.to_string()).collect()), total)
            });
            let (rows, error, requests) = read(Pager::new("servers", 12, 1000), pages.collect());
            let seen = sent.iter().take(requests as usize).max().copied().unwrap_or(largest);
            let distinct = rows.iter().collect::<HashSet<_>>().len();
            prop_assert_eq!(distinct, rows.len(), "no row is returned twice");
            prop_assert_eq!(error.is_none(), distinct == seen);
        }
    }
}
