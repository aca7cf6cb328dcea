//! Calls over a socket, to a server on the same thread: its clock can be paused.

mod api;
mod pages;
mod recorder;
mod spans;
mod time;

use std::sync::{Arc, Mutex};

use huaweicloud_auth::{Credentials, Secret, Token};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http::config::HttpConfig;
use crate::types::queue::Queue;
use crate::types::scan::ScanRequest;
use crate::{Client, RetryPolicy};

const ACCEPTED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
const BUSY: &str = r#"{"error":"Current project p-0 is already in the task queue."}"#;

/// What a server does with each request; the last one is repeated.
#[derive(Clone)]
enum Reply {
    /// Sends this status, these header lines and this body.
    Send(u16, &'static str, &'static str),
    /// Never responds.
    Hang,
}

/// A server that ends with its runtime.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, replies.clone(), Arc::clone(&received)));
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn client(&self, config: HttpConfig) -> Client {
        let token = Credentials::token(Token::new(Secret::new("secret-token".to_owned())).unwrap());
        let provider = huaweicloud_auth::CredentialsProvider::from_static(token);
        Client::builder().with_endpoint(&self.url).with_credentials(provider).with_http_config(config).build().unwrap()
    }
}

async fn serve(mut stream: TcpStream, replies: Vec<Reply>, received: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let request = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break text;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    };
    let number = {
        let mut received = received.lock().unwrap();
        received.push(request);
        received.len() - 1
    };
    match &replies[number.min(replies.len() - 1)] {
        Reply::Hang => std::future::pending().await,
        Reply::Send(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    }
}

fn queue() -> Queue {
    Queue::new("p".parse().unwrap())
}

fn request() -> ScanRequest {
    ScanRequest::hosts(queue(), ["h"])
}

fn no_retries() -> HttpConfig {
    HttpConfig::default().with_retry(RetryPolicy::none())
}
