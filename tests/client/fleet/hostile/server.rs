//! A hostile service. Its own log is the truth about what was started.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use integration_tests::random::Random;
use serde_json::Value;
use tokio::sync::Notify;

use super::responses::{self, Call, Delivery, Evidence, Response};

/// A scan call that arrived.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) hosts: Vec<String>,
    pub(super) kind: &'static str,
    pub(super) evidence: Evidence,
    /// Whether the scan was started.
    pub(super) started: bool,
}

/// A service on a loopback port.
pub(super) struct HostileServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    kill: Notify,
}

#[derive(Default)]
struct State {
    log: Vec<Arrival>,
    hostile: Option<Random>,
    /// Before how many more arrivals the client is killed.
    kill_after: Option<u64>,
}

impl HostileServer {
    /// Starts a service that ends with the test's process.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_thread);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { addr, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Makes the service hostile, or well-behaved, and decides whether the client is killed.
    pub(super) fn set(&self, hostile: Option<Random>, kill_after: Option<u64>) {
        let mut state = self.shared.state();
        (state.hostile, state.kill_after) = (hostile, kill_after);
    }

    /// Waits for the moment at which the client is to be killed.
    pub(super) async fn kill(&self) {
        self.shared.kill.notified().await;
    }

    /// Returns the calls that arrived.
    pub(super) fn log(&self) -> Vec<Arrival> {
        self.shared.state().log.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Responds to the requests on one connection.
    fn serve(&self, mut stream: TcpStream) {
        while let Some((head, body)) = read_request(&mut stream) {
            let response = self.respond(&head, &body);
            // If a part of the request is not read, closing the connection resets it.
            if !body.is_empty() && !matches!(response.delivery, Delivery::Reset) {
                let _ = stream.read_exact(&mut [0; 1]);
            }
            // The client may have closed the connection, or may have been killed.
            let is_sent = match response.delivery {
                Delivery::Drip => response.bytes.chunks(24).all(|piece| {
                    thread::sleep(Duration::from_millis(3));
                    stream.write_all(piece).is_ok()
                }),
                _ => stream.write_all(&response.bytes).is_ok(),
            };
            match response.delivery {
                Delivery::KeepOpen | Delivery::Drip if is_sent => {}
                Delivery::Hang => return drop(stream.read(&mut [0; 1])),
                Delivery::KeepOpen | Delivery::Drip | Delivery::Close | Delivery::Reset => return,
            }
        }
    }

    fn respond(&self, head: &str, body: &[u8]) -> Response {
        let mut state = self.state();
        let hostile = state.hostile.as_mut().map(Random::fork);
        if head.starts_with("GET") {
            let bytes = responses::status(hostile);
            return Response { kind: "", evidence: Evidence::Nothing, bytes, delivery: Delivery::KeepOpen };
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let hosts = body["host_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
        let hosts: Vec<String> = hosts.collect();
        let call = Call { project: head.split('/').nth(2).unwrap(), hosts: hosts.len() };
        let (response, does_work) = match hostile {
            Some(mut random) => (responses::random(&call, &mut random), random.below(2) == 0),
            None => (responses::accepted(&call), true),
        };
        let started = match response.evidence {
            Evidence::Started => true,
            Evidence::NotStarted => false,
            Evidence::Nothing => does_work,
        };
        let Response { kind, evidence, .. } = response;
        state.log.push(Arrival { hosts, kind, evidence, started });
        if let Some(left) = &mut state.kill_after {
            *left = left.saturating_sub(1);
            if *left == 0 {
                state.kill_after = None;
                self.kill.notify_one();
            }
        }
        response
    }
}

/// Reads the head and the body of a request, but leaves the last byte of the body on the connection.
fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if let Some((last, rest)) = body.split_last_mut() {
        stream.read_exact(rest).ok()?;
        stream.peek(std::slice::from_mut(last)).ok().filter(|bytes| *bytes == 1)?;
    }
    Some((head, body))
}
