//! A server on a loopback socket that does what no HTTP library would: it cuts responses off, floods, or stays silent.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with one connection.
#[derive(Clone)]
pub enum Action {
    /// Close it before reading anything.
    CloseAtOnce,
    /// Read the whole request, then close without a response.
    CloseAfterReading,
    /// Read the whole request, then send these bytes and close.
    Respond(String),
    /// Read the whole request, send these bytes, then close when another request arrives on the connection, as a server
    /// does that ends idle connections.
    RespondOnce(String),
    /// Read the whole request, then refuse it with a message that repeats it, as the gateway does with a bad signature.
    EchoRefusal,
    /// Read the whole request, then begin a successful response and send this many MiB of it.
    Flood(usize),
    /// Read the whole request, then wait until the other side closes the connection.
    Hang,
}

impl Action {
    /// Returns a complete response with this status, these further header lines and this body.
    pub fn respond(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Respond(format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
        ))
    }
}

/// A server that takes one action per connection, and the last one for all connections that follow.
pub struct RawServer {
    addr: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl RawServer {
    /// Starts a server that ends with the test's process.
    pub fn start(actions: impl Into<Vec<Action>>) -> Self {
        let actions = actions.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { continue };
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let action = actions[index.min(actions.len() - 1)].clone();
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &action, &shared));
            }
        });
        Self { addr, counts }
    }

    /// Starts a server that reads each request, and then takes the action that `respond` returns for it.
    pub fn responding(respond: impl Fn(&str) -> Action + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                if let Some(request) = read_request(&mut stream) {
                    shared.requests.lock().unwrap().push(request.clone());
                    act(stream, &respond(&request), &request);
                }
            }
        });
        Self { addr, counts }
    }

    /// Returns the server's address.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Returns how many connections were accepted.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// Returns the requests that were read completely, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.counts.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, action: &Action, counts: &Counts) {
    if matches!(action, Action::CloseAtOnce) {
        return;
    }
    let Some(request) = read_request(&mut stream) else { return };
    counts.requests.lock().unwrap().push(request.clone());
    act(stream, action, &request);
}

fn act(mut stream: TcpStream, action: &Action, request: &str) {
    // The other side may have closed the connection already.
    match action {
        Action::Respond(bytes) => {
            let _ = stream.write_all(bytes.as_bytes());
        }
        Action::RespondOnce(bytes) => {
            let _ = stream.write_all(bytes.as_bytes());
            let _ = stream.read(&mut [0; 1]);
        }
        Action::EchoRefusal => {
            let echo = request.replace("\r\n", "|").replace('"', "'");
            let body = format!(
                "{{\"error_code\":\"APIGW.0301\",\"error_msg\":\"Incorrect IAM authentication information: {echo}\"}}"
            );
            let head = format!("HTTP/1.1 401 X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
        Action::Flood(mebibytes) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"error\":\"");
            let chunk = vec![b'x'; 1024 * 1024];
            for _ in 0..*mebibytes {
                if stream.write_all(&chunk).is_err() {
                    break;
                }
            }
        }
        Action::Hang => {
            let _ = stream.read(&mut [0; 1]);
        }
        Action::CloseAtOnce | Action::CloseAfterReading => {}
    }
}

pub(crate) fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lengths = head.lines().filter_map(|line| {
                let line = line.to_ascii_lowercase();
                line.strip_prefix("content-length:").and_then(|rest| rest.trim().parse::<usize>().ok())
            });
            if body.len() >= lengths.max().unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
