//! How far a list is that comes in pages. The service counts records, not pages, in `offset`.

use crate::error::{Error, ErrorKind};
use crate::generated::bounds::Bounds;

/// How far a list was fetched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    offset: u64,
    /// How many records there are, as the last page said.
    pub(crate) total: Option<u64>,
    ended: bool,
}

impl Pages {
    /// Offset and limit of the next page, as large as the limit allows; `None` after the last.
    pub(crate) fn next(&self, offset: Bounds, limit: Bounds) -> Result<Option<(i32, i32)>, Error> {
        if self.ended {
            return Ok(None);
        }
        if self.offset > offset.max() {
            let what = format!("the list is longer than the {} records that the service gives out", self.offset);
            return Err(Error::new(ErrorKind::Refused, what).with_help("Narrow it with a filter."));
        }
        let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        Ok(Some((number(self.offset), number(limit.max()))))
    }

    /// Takes in a page, and gives it back unless it is empty.
    pub(crate) fn take<T>(&mut self, page: Option<Vec<T>>, total: i32) -> Option<Vec<T>> {
        let page = page.unwrap_or_default();
        self.offset += page.len() as u64;
        let total = u64::try_from(total).unwrap_or(0);
        self.total = Some(total);
        // The vendor's own tools end at an empty page; the total saves asking for it.
        self.ended = page.is_empty() || self.offset >= total;
        Some(page).filter(|page| !page.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFSET: Bounds = Bounds::value("offset", 0, 400);
    const LIMIT: Bounds = Bounds::value("limit", 10, 200);

    #[test]
    fn a_list_ends_at_its_total_or_at_an_empty_page() {
        let mut pages = Pages::default();
        assert_eq!(pages.next(OFFSET, LIMIT).unwrap(), Some((0, 200)));
        assert_eq!(pages.take(Some(vec![(); 200]), 201).map(|page| page.len()), Some(200));
        assert_eq!(pages.next(OFFSET, LIMIT).unwrap(), Some((200, 200)));
        assert_eq!(pages.take(Some(vec![()]), 201).map(|page| page.len()), Some(1));
        assert_eq!(pages.next(OFFSET, LIMIT).unwrap(), None);
        for page in [None, Some(Vec::<()>::new())] {
            let mut pages = Pages::default();
            assert_eq!(pages.take(page, 9), None);
            assert_eq!(pages.next(OFFSET, LIMIT).unwrap(), None);
        }
    }

    #[test]
    fn short_pages_leave_nothing_out_and_a_list_without_end_is_given_up() {
        let mut pages = Pages::default();
        pages.take(Some(vec![(); 7]), 1000);
        assert_eq!(pages.next(OFFSET, LIMIT).unwrap(), Some((7, 200)));
        pages.take(Some(vec![(); 200]), 1000);
        pages.take(Some(vec![(); 194]), 1000);
        let error = pages.next(OFFSET, LIMIT).unwrap_err().to_string();
        assert_eq!(
            error,
            "the list is longer than the 401 records that the service gives out. Narrow it with a filter."
        );
    }
}
