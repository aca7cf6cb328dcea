//! What signing adds to a request.

use std::fmt;

/// A header to add to the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name, in lower case.
    pub name: &'static str,
    /// The value: visible ASCII and spaces.
    pub value: &'a str,
    /// Whether the value must not be logged.
    pub sensitive: bool,
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { ".." } else { self.value };
        write!(f, "{}: {value}", self.name)
    }
}

/// What signing adds to a request.
pub struct SignedRequest<'a> {
    pub(super) added: Vec<(&'static str, &'a str)>,
    pub(super) date: String,
    pub(super) authorization: String,
    pub(super) query: String,
}

impl SignedRequest<'_> {
    /// Returns all headers to add: X-Sdk-Date; X-Project-Id or X-Domain-Id, X-Security-Token and X-Sdk-Content-Sha256
    /// where they apply; and Authorization last.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        let date = ("x-sdk-date", self.date.as_str());
        let authorization = ("authorization", self.authorization.as_str());
        [date].into_iter().chain(self.added.iter().copied()).chain([authorization]).map(|(name, value)| Header {
            name,
            value,
            sensitive: matches!(name, "x-security-token" | "authorization"),
        })
    }

    /// Returns the query in canonical form: the one that was signed, and the best one to send. Empty if there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }
}

impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers()).finish()
    }
}
