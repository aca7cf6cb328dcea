//! Fetches a reference page without credentials, over https unless it is on this machine.

use std::time::Duration;

use reqwest::Url;
use reqwest::redirect::Policy;

/// Far more than any reference page needs.
const MAX_BYTES: usize = 32 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Returns the text of the page at an address.
///
/// # Errors
/// The address is invalid or cannot be reached, or the response is not text.
pub(crate) fn page(address: &str) -> Result<String, String> {
    let url = Url::parse(address).map_err(|error| format!("{address}: this is not an address: {error}"))?;
    if !allowed(&url) {
        return Err(format!("{address}: use https; http is only supported for this machine"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the async runtime: {error}"))?;
    runtime.block_on(fetch(url)).map_err(|reason| format!("{address}: {reason}"))
}

fn allowed(url: &Url) -> bool {
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

async fn fetch(url: Url) -> Result<String, String> {
    // A provider that is already installed is fine as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = Policy::custom(|attempt| {
        if attempt.previous().len() > 5 || !allowed(attempt.url()) { attempt.stop() } else { attempt.follow() }
    });
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(policy)
        .user_agent(concat!("openapi-drift/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("cannot set up the connection: {}", chain(&error)))?;
    let mut response = client.get(url).send().await.map_err(|error| format!("cannot be fetched: {}", chain(&error)))?;
    if !response.status().is_success() {
        return Err(format!("the server responded with {}", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| format!("the connection broke off: {}", chain(&error)))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(format!("the response is larger than {MAX_BYTES} bytes"));
        }
    }
    String::from_utf8(bytes).map_err(|_| "the response is not UTF-8 text".to_owned())
}

/// Returns an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Starts a server that sends the next response to each connection.
    pub(crate) fn serve(responses: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for response in responses {
                let (mut stream, _) = listener.accept().unwrap();
                let mut seen = Vec::new();
                let mut buffer = [0; 1024];
                while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
                    let count = stream.read(&mut buffer).unwrap();
                    seen.extend_from_slice(&buffer[..count]);
                }
                stream.write_all(response.as_bytes()).unwrap();
            }
        });
        format!("http://{address}/page.html")
    }

    pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
    }

    #[test]
    fn a_page_is_fetched_and_a_redirect_is_followed() {
        assert_eq!(page(&serve(vec![response("200 OK", "", "页 text")])).unwrap(), "页 text");
        let moved = serve(vec![response("302 Found", "Location: /other\r\n", ""), response("200 OK", "", "there")]);
        assert_eq!(page(&moved).unwrap(), "there");
    }

    #[test]
    fn a_failed_fetch_is_an_error_with_its_cause() {
        let missing = page(&serve(vec![response("404 Not Found", "", "x")])).unwrap_err();
        assert!(missing.ends_with("the server responded with 404 Not Found"), "{missing}");
        let elsewhere = serve(vec![response("302 Found", "Location: http://example.invalid/\r\n", "")]);
        assert!(page(&elsewhere).unwrap_err().ends_with("the server responded with 302 Found"));
        let cut = serve(vec!["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned()]);
        assert!(page(&cut).unwrap_err().contains("broke off"));
        assert!(page("http://example.invalid/").unwrap_err().contains("use https"));
        assert!(page("no address").unwrap_err().contains("this is not an address"));
        assert!(page("http://127.0.0.1:1/").unwrap_err().contains("cannot be fetched"));
    }
}
