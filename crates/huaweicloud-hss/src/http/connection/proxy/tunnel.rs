//! Finds out why a proxy opens no tunnel: the HTTP client reports neither the status nor the reason.

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// The longest time to wait for the status.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest status line that is read.
const MAX_BYTES: usize = 1024;

/// Asks the proxy again for a tunnel to the endpoint, and returns the status of its response. Nothing is sent through
/// the tunnel. `client` encodes the proxy's user name and password.
pub(super) async fn status(proxy: &Url, endpoint: &Url, client: &reqwest::Client) -> Option<u16> {
    // A second implementation of TLS to a proxy is not worth the status.
    if proxy.scheme() != "http" {
        return None;
    }
    tokio::time::timeout(TIMEOUT, ask(proxy, endpoint, client)).await.ok().flatten()
}

async fn ask(proxy: &Url, endpoint: &Url, client: &reqwest::Client) -> Option<u16> {
    let address = format!("{}:{}", proxy.host_str()?, proxy.port_or_known_default()?);
    let target = format!("{}:{}", endpoint.host_str()?, endpoint.port_or_known_default()?);
    // The same header as for a request to the proxy itself, under another name.
    let request = client.get(proxy.clone()).build().ok()?;
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = authorization.map_or_else(String::new, |value| format!("Proxy-Authorization: {value}\r\n"));
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    let mut stream = stream.take(MAX_BYTES as u64);
    while !head.contains(&b'\n') && stream.read_buf(&mut head).await.ok()? > 0 {}
    let line = head.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim().parse().ok()
}
