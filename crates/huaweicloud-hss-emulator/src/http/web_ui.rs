//! The files of the web UI, which are compiled in: it loads nothing from other machines.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, header};

/// A file of the web UI.
struct File {
    path: &'static str,
    media_type: &'static str,
    is_compressed: bool,
    bytes: &'static [u8],
}

const FILES: [File; 5] = [
    File {
        path: "/",
        media_type: "text/html; charset=utf-8",
        is_compressed: false,
        bytes: include_bytes!("../../web_ui/index.html"),
    },
    File {
        path: "/_emulator/page.css",
        media_type: "text/css; charset=utf-8",
        is_compressed: false,
        bytes: include_bytes!("../../web_ui/page.css"),
    },
    File {
        path: "/_emulator/page.js",
        media_type: "text/javascript; charset=utf-8",
        is_compressed: false,
        bytes: include_bytes!("../../web_ui/page.js"),
    },
    File {
        path: "/_emulator/swagger-ui.css",
        media_type: "text/css; charset=utf-8",
        is_compressed: true,
        bytes: include_bytes!("../../web_ui/swagger-ui/swagger-ui.css.gz"),
    },
    File {
        path: "/_emulator/swagger-ui-bundle.js",
        media_type: "text/javascript; charset=utf-8",
        is_compressed: true,
        bytes: include_bytes!("../../web_ui/swagger-ui/swagger-ui-bundle.js.gz"),
    },
];

/// The content security policy: only resources of this emulator. The API viewer needs inline styles and data URLs for
/// images.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether a path is a file of the web UI.
pub(crate) fn handles(path: &str) -> bool {
    FILES.iter().any(|file| file.path == path)
}

/// Returns the file at a path.
pub(crate) fn file(path: &str) -> Option<Response<Bytes>> {
    let File { media_type, is_compressed, bytes, .. } = FILES.iter().find(|file| file.path == path)?;
    let mut response = Response::new(Bytes::from_static(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if *is_compressed {
        // Every browser accepts gzip, and no other client requests these files.
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}
