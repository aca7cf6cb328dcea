//! A service on a loopback socket that decides about each request with a function, for many connections at a time.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::raw_server::read_request;

/// The text of an accepted scan.
pub const ACCEPTED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;

/// A server that ends with the test's process.
pub struct StandIn {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    /// Starts a server. `respond` gets a request, head and body, and returns the status and the body of the response.
    pub fn start(respond: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (shared, respond) = (Arc::clone(&requests), Arc::new(respond));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (requests, respond) = (Arc::clone(&shared), Arc::clone(&respond));
                thread::spawn(move || {
                    let Some(request) = read_request(&mut stream) else { return };
                    let (status, body) = respond(&request);
                    requests.lock().unwrap().push(request);
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n");
                    // The other side may have closed the connection already.
                    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
                });
            }
        });
        Self { addr, requests }
    }

    /// Returns the server's address.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Returns the requests that were answered.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A limit as the gateway enforces it: so many calls in any period of a length. Refused calls count as well.
pub struct Window {
    calls: usize,
    per: Duration,
    counted: Mutex<Vec<Instant>>,
}

impl Window {
    /// Creates an empty window.
    pub fn new(calls: usize, per: Duration) -> Self {
        Self { calls, per, counted: Mutex::default() }
    }

    /// Takes a call. Returns the response: accepted, or a 429 with the limit in its message.
    pub fn respond(&self) -> (u16, String) {
        let mut counted = self.counted.lock().unwrap();
        let now = Instant::now();
        counted.retain(|before| now < *before + self.per);
        counted.push(now);
        if counted.len() <= self.calls {
            return (200, ACCEPTED.to_owned());
        }
        let (calls, per) = (self.calls, self.per.as_millis());
        let message = "The throttling threshold has been reached: policy user over ratelimit";
        let body =
            format!(r#"{{"error_code":"APIGW.0308","error_msg":"{message},limit:{calls},time:{per} millisecond"}}"#);
        (429, body)
    }
}
