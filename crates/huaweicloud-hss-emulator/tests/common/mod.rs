//! The hand-written client of the socket tests.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use huaweicloud_hss_emulator::Emulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const PATH: &str = "/v5/p/asset/assign-task?category=host";
pub(crate) const ALL: &str = r#"{"all_hosts":true}"#;

/// A response as it was sent.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Fails a test that hangs.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("a response in time")
}

/// Reads one response; `None` if the connection ends before it is complete.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<HttpResponse> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if in_time(stream.read_buf(&mut bytes)).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes.split_off(end);
    let mut response = HttpResponse { status: head.get(9..12)?.parse().ok()?, head, body: Vec::new() };
    let length: usize = response.header("content-length").map_or(0, |length| length.parse().unwrap());
    let is_chunked = response.header("transfer-encoding") == Some("chunked");
    response.body = loop {
        let complete = if is_chunked { joined_chunks(&body) } else { (body.len() >= length).then(|| body.clone()) };
        match complete {
            Some(complete) => break complete,
            None if in_time(stream.read_buf(&mut body)).await.ok()? == 0 => return None,
            None => {}
        }
    };
    Some(response)
}

/// Joins the chunks of a body; `None` if some are missing.
fn joined_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    if !rest.ends_with(b"0\r\n\r\n") {
        return None;
    }
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let chunk = rest.get(end + 2..)?;
        body.extend_from_slice(chunk.get(..length)?);
        rest = chunk.get(length + 2..)?;
        if length == 0 {
            return Some(body);
        }
    }
}

pub(crate) fn get(token: &str) -> String {
    format!("GET {PATH} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {token}\r\n\r\n")
}

pub(crate) fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) async fn send(address: SocketAddr, request: &str) -> Option<HttpResponse> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    in_time(stream.write_all(request.as_bytes())).await.unwrap();
    read(&mut stream).await
}

pub(crate) async fn emulator() -> Emulator {
    // Longer than any test, so no scan ends.
    Emulator::builder().with_hosts(7).with_scan_duration(Duration::from_secs(3600)).start().await.unwrap()
}
