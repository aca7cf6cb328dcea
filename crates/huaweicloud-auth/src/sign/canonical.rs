//! The canonical form of a request: what both sides hash, however the URL was written.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use zeroize::Zeroizing;

use super::headers::SignedHeader;
use super::request::Request;

/// Everything but `A-Za-z0-9-_.~`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same, but for the slashes between segments.
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Returns method, path, query, headers, names of the headers and payload hash, joined by line feeds.
///
/// It may contain a security token, so it is wiped, and never grows, which would leave a copy behind.
pub(super) fn canonical_request(
    request: &Request<'_>,
    query: &str,
    headers: &[SignedHeader<'_>],
    names: &str,
    payload_hash: &str,
) -> Zeroizing<String> {
    let method = request.method.to_ascii_uppercase();
    let path = canonical_path(request.path);
    let header_lines = headers.iter().map(|header| header.name.len() + header.value.len() + 2);
    let bytes = [method.len(), path.len(), query.len(), header_lines.sum(), names.len(), payload_hash.len(), 5];
    let mut out = Zeroizing::new(String::with_capacity(bytes.iter().sum()));
    for line in [method.as_str(), &path, query] {
        out.push_str(line);
        out.push('\n');
    }
    for header in headers {
        for part in [&header.name, ":", header.value, "\n"] {
            out.push_str(part);
        }
    }
    for part in ["\n", names, "\n", payload_hash] {
        out.push_str(part);
    }
    out
}

fn canonical_path(raw: &str) -> String {
    let mut path = encoded(&decoded(raw.as_bytes()), PATH);
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// Returns a query in the form that is signed: pairs sorted by decoded key and value, everything but `A-Za-z0-9-_.~`
/// percent-encoded, a key without value written `key=`.
///
/// The input is a query as URL libraries write it: `+` and `%20` both mean a space, and empty pairs are dropped.
/// A canonical query is returned unchanged.
///
/// ```
/// use huaweicloud_auth::sign::canonical_query;
/// assert_eq!(canonical_query("b=x+y&a&b=%7e"), "a=&b=x%20y&b=~");
/// ```
#[must_use]
pub fn canonical_query(raw: &str) -> String {
    let decoded = |text: &str| decoded(text.replace('+', " ").as_bytes());
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = raw
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", encoded(key, QUERY), encoded(value, QUERY))).collect();
    pairs.join("&")
}

/// Decodes percent-encoding; a percent sign without two hex digits stands for itself.
fn decoded(raw: &[u8]) -> Vec<u8> {
    percent_decode(raw).collect()
}

fn encoded(bytes: &[u8], set: &'static AsciiSet) -> String {
    percent_encode(bytes, set).to_string()
}
