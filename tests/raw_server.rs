//! A server on a loopback socket that does what no HTTP library would: it breaks off, answers half, or says nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is done with one connection.
#[allow(dead_code, reason = "not every test program uses each")]
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// Close it before reading anything.
    CloseAtOnce,
    /// Read the whole request, then close without an answer.
    CloseAfterReading,
    /// Read the whole request, then send these bytes and close.
    Answer(&'static str),
    /// Read the whole request, then say nothing until the other side goes away.
    Hang,
}

/// A server that does one action a connection, the last one for all that follow.
pub(crate) struct RawServer {
    addr: SocketAddr,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl RawServer {
    pub(crate) fn start(actions: &'static [Action]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let last = Arc::new(Mutex::new(String::new()));
        let (counter, keep) = (Arc::clone(&requests), Arc::clone(&last));
        // The thread ends with the test process.
        thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { continue };
                let action = actions[index.min(actions.len() - 1)];
                serve(stream, action, &counter, &keep);
            }
        });
        Self { addr, requests, last }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many whole requests were read.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The last request, head and body.
    #[allow(dead_code, reason = "not every test program looks at it")]
    pub(crate) fn last_request(&self) -> String {
        self.last.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, action: Action, requests: &AtomicUsize, last: &Mutex<String>) {
    if matches!(action, Action::CloseAtOnce) {
        return;
    }
    let Some(request) = read_request(&mut stream) else { return };
    *last.lock().unwrap() = request;
    requests.fetch_add(1, Ordering::SeqCst);
    match action {
        Action::Answer(bytes) => {
            let _ = stream.write_all(bytes.as_bytes());
        }
        Action::Hang => {
            let _ = stream.read(&mut [0; 1]);
        }
        Action::CloseAtOnce | Action::CloseAfterReading => {}
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")
                        .map(|rest| rest.trim().parse::<usize>().ok())
                })
                .flatten()
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
