//! The canonical form of a request: what both sides hash, however the URL was written.

use sha2::{Digest, Sha256};

use super::{Line, Request};

/// Takes the canonical request piece by piece; it goes straight into the hash, so that a security token is not copied.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Method, path, query, headers, names of the headers and payload hash, joined by line breaks (facts, section 4).
pub(super) fn write(
    out: &mut impl Sink,
    request: &Request<'_>,
    query: &str,
    lines: &[Line<'_>],
    names: &str,
    payload: &[u8],
) {
    out.put(request.method.to_ascii_uppercase().as_bytes());
    out.put(b"\n");
    if put_encoded(out, request.path.as_bytes(), Part::Path) != Some(b'/') {
        out.put(b"/");
    }
    out.put(b"\n");
    out.put(query.as_bytes());
    out.put(b"\n");
    for line in lines {
        out.put(line.name.as_bytes());
        out.put(b":");
        out.put(line.value.as_bytes());
        out.put(b"\n");
    }
    out.put(b"\n");
    out.put(names.as_bytes());
    out.put(b"\n");
    out.put(payload);
}

/// A query in the form that is signed: pairs sorted by decoded key and value, everything but `A-Za-z0-9-_.~`
/// percent-encoded, a key without value written `key=`.
///
/// The input is a query as URL libraries write it; `+` and `%20` both stand for a space, and empty pairs are dropped.
/// The result is its own canonical form.
///
/// ```
/// use huaweicloud_auth::sign::canonical_query;
/// assert_eq!(canonical_query("b=x+y&a&b=%7e"), "a=&b=x%20y&b=~");
/// ```
#[must_use]
pub fn canonical_query(raw: &str) -> String {
    let mut pairs: Vec<(&[u8], &[u8])> = raw
        .as_bytes()
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[pair.len()..]),
        })
        .collect();
    pairs.sort_by(|a, b| decoded(a.0).cmp(decoded(b.0)).then_with(|| decoded(a.1).cmp(decoded(b.1))));
    let mut out = Text(String::with_capacity(raw.len() + 16));
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            out.put(b"&");
        }
        put_encoded(&mut out, key, Part::Query);
        out.put(b"=");
        put_encoded(&mut out, value, Part::Query);
    }
    out.0
}

/// A sink for the ASCII that encoding makes.
struct Text(String);

impl Sink for Text {
    fn put(&mut self, bytes: &[u8]) {
        // Only ASCII is put in, so nothing is ever left out.
        self.0.push_str(std::str::from_utf8(bytes).unwrap_or_default());
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Slashes stay, `+` is itself.
    Path,
    /// `+` is a space.
    Query,
}

/// Decodes and encodes again in one pass; returns the last decoded byte.
fn put_encoded(out: &mut impl Sink, mut raw: &[u8], part: Part) -> Option<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let stays = |byte: u8| STAYS[usize::from(byte)] || (part == Part::Path && byte == b'/');
    let mut last = None;
    while !raw.is_empty() {
        let run = raw.iter().position(|byte| !stays(*byte)).unwrap_or(raw.len());
        if run > 0 {
            out.put(&raw[..run]);
            last = Some(raw[run - 1]);
            raw = &raw[run..];
        }
        let Some((byte, rest)) = decode_one(raw, part) else { break };
        if stays(byte) {
            out.put(&[byte]);
        } else {
            out.put(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        last = Some(byte);
        raw = rest;
    }
    last
}

/// A part of a query, decoded.
fn decoded(mut raw: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (byte, rest) = decode_one(raw, Part::Query)?;
        raw = rest;
        Some(byte)
    })
}

/// The first byte that the text stands for, and what follows; a percent sign without two hex digits is itself.
fn decode_one(raw: &[u8], part: Part) -> Option<(u8, &[u8])> {
    match raw {
        [] => None,
        [b'%', high, low, rest @ ..] => match (hex_digit(*high), hex_digit(*low)) {
            (Some(high), Some(low)) => Some((high << 4 | low, rest)),
            _ => Some((b'%', &raw[1..])),
        },
        [b'+', rest @ ..] if part == Part::Query => Some((b' ', rest)),
        [byte, rest @ ..] => Some((*byte, rest)),
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The bytes that are written as they are.
const STAYS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    table
};
