//! Remembers the URLs that were read: a lane asks for the same one at each of its calls, and reading it is a twentieth of a call.
//!
//! Each thread has a memory of its own, with one place for all URLs of the same hash. What is kept of a URL is its reading alone, so it
//! never grows old; a URL that is not written as it is read back is read each time.

use std::cell::RefCell;

use url::Url;

/// How many URLs a thread remembers.
const PLACES: usize = 64;

thread_local! {
    static READ: RefCell<[Option<Url>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

/// The URL that this text is; nothing if it is none.
pub(crate) fn read(text: &str) -> Option<Url> {
    let hash = text.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    READ.with_borrow_mut(|read| {
        let place = read.get_mut(hash % PLACES)?;
        if place.as_ref().is_none_or(|known| known.as_str() != text) {
            *place = Some(Url::parse(text).ok()?);
        }
        place.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_as_ever_the_first_time_and_the_next() {
        let many = (0..1000).map(|number| format!("https://hss.example.com/v5/p{number}/asset/assign-task"));
        let odd = ["HTTP://EXAMPLE.com:80/a/../b", "http://127.0.0.1:8080/v5/%E4%B8%BB/x?a=b", "http://[::1]/"];
        let texts: Vec<String> = many.chain(odd.map(str::to_owned)).collect();
        for _ in 0..3 {
            for text in &texts {
                assert_eq!(read(text), Url::parse(text).ok(), "{text}");
            }
        }
        for text in ["", "/v5", "http://", "https://a b/"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
