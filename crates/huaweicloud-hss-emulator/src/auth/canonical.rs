//! Builds the canonical form of a received request, which an AK/SK signature covers. It is written independently of the
//! client's.

use http::header::HOST;
use http::{HeaderMap, Method, Uri};

use crate::auth::hash::sha256;
use crate::auth::percent::{decode, encode};

/// With this value of `X-Sdk-Content-Sha256` the body is left out of the signature.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A request as it arrived.
#[derive(Clone, Copy)]
pub(crate) struct ReceivedRequest<'r> {
    pub(crate) method: &'r Method,
    pub(crate) uri: &'r Uri,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
    /// The decoded project of the path, if the path has one.
    pub(crate) project_id: Option<&'r str>,
}

impl ReceivedRequest<'_> {
    /// Returns the only value of a header, trimmed. The error is a sentence.
    pub(crate) fn header(&self, name: &str) -> Result<String, String> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            // A value that is not UTF-8 is changed here, so its signature does not verify.
            (Some(value), None) => Ok(String::from_utf8_lossy(value.as_bytes()).trim().to_owned()),
            (Some(_), Some(_)) => Err(format!("the header {name} is given more than once")),
            // Without a socket, only the URI of a request may name its host.
            (None, _) => match self.uri.authority().filter(|_| name == HOST.as_str()) {
                Some(authority) => Ok(authority.as_str().to_owned()),
                None => Err(format!("the header {name} is missing")),
            },
        }
    }
}

/// The parts of a canonical request.
pub(crate) struct CanonicalRequest {
    /// Method, path and query.
    head: String,
    /// A line for each signed header.
    headers: String,
    /// The list of signed headers, and the hash of the body.
    tail: String,
}

impl CanonicalRequest {
    /// Builds the canonical request with these signed headers. The error is a sentence.
    pub(crate) fn new(request: &ReceivedRequest<'_>, signed_headers: &str) -> Result<Self, String> {
        let names: Vec<&str> = signed_headers.split(';').collect();
        let lower = names.iter().all(|name| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase()));
        if !lower || !names.is_sorted_by(|one, next| one < next) {
            return Err("SignedHeaders is not a sorted list of lower-case names, each once".to_owned());
        }
        let mut headers = String::new();
        for name in &names {
            headers.push_str(&format!("{name}:{}\n", request.header(name)?));
        }
        let mut hash = sha256(request.body);
        if names.contains(&"x-sdk-content-sha256") {
            match request.header("x-sdk-content-sha256")? {
                value if value == UNSIGNED_PAYLOAD => hash = value,
                value if value != hash => return Err("X-Sdk-Content-Sha256 is not the hash of the body".to_owned()),
                _ => {}
            }
        }
        let head = format!("{}\n{}\n{}\n", request.method, path(request.uri)?, query(request.uri)?);
        Ok(Self { head, headers, tail: format!("\n{signed_headers}\n{hash}") })
    }

    /// Returns the text that is hashed and signed.
    pub(crate) fn text(&self) -> String {
        format!("{}{}{}", self.head, self.headers, self.tail)
    }

    /// Returns the text as the gateway repeats it in an error response: on one line, with the Authorization header
    /// among the others.
    pub(crate) fn echo(&self, authorization: &str) -> String {
        format!("{}authorization:{authorization}\n{}{}", self.head, self.headers, self.tail).replace('\n', "|")
    }
}

fn path(uri: &Uri) -> Result<String, String> {
    let path = decode(uri.path(), false).map_err(|why| format!("the path {why}"))?;
    let mut canonical = path.split('/').map(encode).collect::<Vec<_>>().join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    Ok(canonical)
}

fn query(uri: &Uri) -> Result<String, String> {
    let mut pairs = Vec::new();
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text| decode(text, true).map_err(|why| format!("the query {why}"));
        pairs.push((decoded(name)?, decoded(value)?));
    }
    pairs.sort();
    let texts = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    Ok(texts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, Request};

    use super::{CanonicalRequest, ReceivedRequest};

    fn canonical(uri: &str, headers: &[(&str, &str)], signed: &str, body: &[u8]) -> Result<CanonicalRequest, String> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let (method, headers): (Method, HeaderMap) = (head.method, head.headers);
        let arrived = ReceivedRequest { method: &method, uri: &head.uri, headers: &headers, body, project_id: None };
        CanonicalRequest::new(&arrived, signed)
    }

    #[test]
    fn paths_and_queries_are_decoded_sorted_and_encoded_again() {
        for (uri, path, query) in [
            ("/", "/", ""),
            ("/a", "/a/", ""),
            ("/a/?", "/a/", ""),
            ("/%61/b%2fc/~x", "/a/b/c/~x/", ""),
            ("/%E4%B8%BB/a+b*", "/%E4%B8%BB/a%2Bb%2A/", ""),
            ("/a?b=2&a=1&b=10&", "/a/", "a=1&b=10&b=2"),
            ("/a?k&e=&x=%2F*%7E", "/a/", "e=&k=&x=%2F%2A~"),
            ("/a?s=a+b&t=a%20b&u=a%2Bb", "/a/", "s=a%20b&t=a%20b&u=a%2Bb"),
            // Sorted by the decoded names: `!` before `a`, and `~` after it, however they are written.
            ("/a?%7E=1&a=1&%21=1", "/a/", "%21=1&a=1&~=1"),
        ] {
            let text = canonical(uri, &[("host", "h")], "host", b"").unwrap().text();
            assert!(text.starts_with(&format!("GET\n{path}\n{query}\nhost:h\n\nhost\ne3b0c442")), "{uri}: {text}");
        }
        for (uri, part) in
            [("/%zz", "the path has a %"), ("/%FF", "the path is not UTF-8"), ("/a?x=%1", "the query has")]
        {
            let error = canonical(uri, &[("host", "h")], "host", b"").err().unwrap();
            assert!(error.starts_with(part), "{error}");
        }
    }

    #[test]
    fn headers_are_trimmed_and_must_be_there_once() {
        let headers = [("host", "h"), ("x-a", "  spaced out "), ("x-two", "1"), ("x-two", "2")];
        let text = canonical("/", &headers, "host;x-a", b"").unwrap().text();
        assert!(text.contains("\nhost:h\nx-a:spaced out\n\nhost;x-a\n"), "{text}");
        let from_uri = canonical("http://h:8080/", &[], "host", b"").unwrap().text();
        assert!(from_uri.contains("\nhost:h:8080\n"), "{from_uri}");
        for (signed, part) in [
            ("", "SignedHeaders"),
            ("x-a;host", "SignedHeaders"),
            ("host;host", "SignedHeaders"),
            ("Host", "SignedHeaders"),
            ("host;", "SignedHeaders"),
            ("host;x-b", "x-b is missing"),
            ("x-two", "x-two is given more than once"),
            ("no name", "no name is missing"),
        ] {
            let error = canonical("/", &headers, signed, b"").err().unwrap();
            assert!(error.contains(part), "{signed}: {error}");
        }
    }

    #[test]
    fn the_body_is_hashed_unless_a_signed_header_says_otherwise() {
        const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let ends = |value: &str, signed: &str| {
            let headers = [("host", "h"), ("x-sdk-content-sha256", value)];
            canonical("/", &headers, signed, b"hello").map(|canonical| canonical.text())
        };
        let (both, one) = ("host;x-sdk-content-sha256", "host");
        assert!(ends("UNSIGNED-PAYLOAD", both).unwrap().ends_with("\nUNSIGNED-PAYLOAD"));
        assert!(ends(HELLO, both).unwrap().ends_with(HELLO));
        assert!(ends("other", both).unwrap_err().contains("not the hash"));
        // Without a signature, anybody on the way could have added the header.
        assert!(ends("UNSIGNED-PAYLOAD", one).unwrap().ends_with(HELLO));
    }

    #[test]
    fn the_echo_is_one_line_with_the_authorization() {
        let echo = canonical("/a?b=c", &[("host", "h")], "host", b"").unwrap().echo("SDK x");
        assert!(echo.starts_with("GET|/a/|b=c|authorization:SDK x|host:h||host|e3b0c442"), "{echo}");
    }
}
