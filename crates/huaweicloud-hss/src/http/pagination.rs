//! Fetches a list page by page.

use std::future::Future;

use crate::error::{Error, ErrorKind};

/// The progress of fetching a list.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    limit: u64,
    max_offset: u64,
    /// How many records have been fetched. The services count records, not pages, in `offset`.
    offset: u64,
    number: u32,
    total: Option<u64>,
    first_id: Option<String>,
    is_complete: bool,
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
    pub(crate) items: Vec<T>,
    /// How many records there are over all pages, if the service returns that. Otherwise a page that is not full is the
    /// last one.
    pub(crate) total: Option<u64>,
    /// The id of the first item, to recognise a service that has no pages and returns the same records each time.
    pub(crate) first_id: Option<String>,
}

impl<T> Page<T> {
    /// A page of a list with a total.
    pub(crate) fn with_total(items: Option<Vec<T>>, total: i32) -> Self {
        Self { items: items.unwrap_or_default(), total: Some(u64::try_from(total).unwrap_or(0)), first_id: None }
    }
}

impl Pager {
    /// Fetches pages of at most `limit` records, at offsets up to `max_offset`.
    pub(crate) fn new(limit: u64, max_offset: u64) -> Self {
        Self { limit, max_offset, offset: 0, number: 0, total: None, first_id: None, is_complete: false }
    }

    /// Returns how many records there are over all pages, as of the last page.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Fetches the next page; `None` after the last. A page is never empty.
    pub(crate) async fn next_page<T, F>(
        &mut self,
        fetch: impl FnOnce(PageRequest) -> F,
    ) -> Result<Option<Vec<T>>, Error>
    where
        F: Future<Output = Result<Page<T>, Error>>,
    {
        let Some(request) = self.request()? else { return Ok(None) };
        let page = fetch(request).await?;
        Ok(self.accept(page))
    }

    /// Fetches all pages.
    pub(crate) async fn collect<T, F>(mut self, fetch: impl Fn(PageRequest) -> F) -> Result<Vec<T>, Error>
    where
        F: Future<Output = Result<Page<T>, Error>>,
    {
        let mut all = Vec::new();
        while let Some(page) = self.next_page(&fetch).await? {
            all.extend(page);
        }
        Ok(all)
    }

    fn request(&self) -> Result<Option<PageRequest>, Error> {
        if self.is_complete {
            return Ok(None);
        }
        if self.offset > self.max_offset {
            let what = format!("the list is longer than the {} records that the service returns", self.offset);
            return Err(Error::new(ErrorKind::Refused, what).with_help("Narrow it with a filter."));
        }
        let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        Ok(Some(PageRequest { offset: number(self.offset), limit: number(self.limit), number: self.number + 1 }))
    }

    fn accept<T>(&mut self, page: Page<T>) -> Option<Vec<T>> {
        let Page { items, total, first_id } = page;
        self.number += 1;
        self.offset += items.len() as u64;
        self.total = total;
        let is_repeated = first_id.is_some() && first_id == self.first_id;
        self.first_id = first_id;
        // The vendor's tools end at an empty page; the total, or a page that is not full, saves that request.
        let is_last = match total {
            Some(total) => self.offset >= total,
            None => (items.len() as u64) < self.limit,
        };
        self.is_complete = items.is_empty() || is_repeated || is_last;
        Some(items).filter(|items| !items.is_empty() && !is_repeated)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn pager() -> Pager {
        Pager::new(200, 400)
    }

    fn page(items: usize, total: i32) -> Page<()> {
        Page::with_total(Some(vec![(); items]), total)
    }

    fn next(pager: &Pager) -> Option<(i32, i32)> {
        pager.request().unwrap().map(|request| (request.offset, request.limit))
    }

    #[test]
    fn a_list_ends_at_its_total_or_at_an_empty_page() {
        let mut pager = pager();
        assert_eq!(next(&pager), Some((0, 200)));
        assert_eq!(pager.accept(page(200, 201)).map(|items| items.len()), Some(200));
        assert_eq!(next(&pager), Some((200, 200)));
        assert_eq!(pager.accept(page(1, 201)).map(|items| items.len()), Some(1));
        assert_eq!(next(&pager), None);
        for items in [None, Some(Vec::<()>::new())] {
            let mut pager = Pager::new(200, 400);
            assert_eq!(pager.accept(Page::with_total(items, 9)), None);
            assert_eq!(next(&pager), None);
        }
    }

    #[test]
    fn short_pages_skip_no_record_and_an_endless_list_is_an_error() {
        let mut pager = pager();
        pager.accept(page(7, 1000));
        assert_eq!(next(&pager), Some((7, 200)));
        pager.accept(page(200, 1000));
        pager.accept(page(194, 1000));
        let error = pager.request().unwrap_err().to_string();
        assert_eq!(error, "the list is longer than the 401 records that the service returns. Narrow it with a filter.");
    }

    #[tokio::test]
    async fn without_a_total_a_list_ends_at_a_page_that_is_not_full_or_is_repeated() {
        for (pages, expected, requests) in [
            (vec![vec![1, 2], vec![3, 4], vec![5]], vec![1, 2, 3, 4, 5], 3),
            (vec![vec![1, 2], vec![1, 2]], vec![1, 2], 2),
        ] {
            let numbers = RefCell::new(Vec::new());
            let fetch = |request: PageRequest| {
                numbers.borrow_mut().push(request.number);
                let items: Vec<i32> = pages[request.number as usize - 1].clone();
                let first_id = items.first().map(ToString::to_string);
                async move { Ok(Page { items, total: None, first_id }) }
            };
            assert_eq!(Pager::new(2, u64::MAX).collect(fetch).await.unwrap(), expected);
            assert_eq!(numbers.into_inner(), (1..=requests).collect::<Vec<u32>>());
        }
    }
}
