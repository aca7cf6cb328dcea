//! Owns the page at `/` and its files. All of it is in the program: the page asks for nothing outside of this machine.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, header};

/// A file of the page: its path, media type, whether it is compressed, and its bytes.
struct File(&'static str, &'static str, bool, &'static [u8]);

const FILES: [File; 5] = [
    File("/", "text/html; charset=utf-8", false, include_bytes!("../../web_ui/index.html")),
    File("/_emulator/page.css", "text/css; charset=utf-8", false, include_bytes!("../../web_ui/page.css")),
    File("/_emulator/page.js", "text/javascript; charset=utf-8", false, include_bytes!("../../web_ui/page.js")),
    File(
        "/_emulator/swagger-ui.css",
        "text/css; charset=utf-8",
        true,
        include_bytes!("../../web_ui/swagger-ui/swagger-ui.css.gz"),
    ),
    File(
        "/_emulator/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        true,
        include_bytes!("../../web_ui/swagger-ui/swagger-ui-bundle.js.gz"),
    ),
];

/// What the page may do: nothing beyond this emulator. The API viewer needs inline styles and pictures in its own text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether a path is a file of the page.
pub(crate) fn is_for(path: &str) -> bool {
    FILES.iter().any(|file| file.0 == path)
}

/// The file at a path.
pub(crate) fn file(path: &str) -> Option<Response<Bytes>> {
    let File(_, media, compressed, bytes) = FILES.iter().find(|file| file.0 == path)?;
    let mut response = Response::new(Bytes::from_static(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if *compressed {
        // Every browser of the last twenty years takes it, and nobody else asks for these.
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}
