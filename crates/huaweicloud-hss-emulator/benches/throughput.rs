//! Measures the requests per second of the emulator, and its memory with 100,000 hosts, their assets, and 10,000 idle
//! connections.
//!
//! Run it with `cargo bench -p huaweicloud-hss-emulator`. With `-- --against URL` it also measures another server on a
//! loopback address, for comparison. The emulator runs in its own process with one thread, like `hss emulator`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "an interactive program")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use huaweicloud_hss_emulator::Emulator;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 16;
const LOADED: Duration = Duration::from_secs(5);
const ROUNDS: usize = 3;
const IDLE: usize = 10_000;

/// A request that costs little.
const STATUS: &str = "GET /v5/p/asset/assign-task?category=host HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\n\r\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // A connection is an open file at both ends.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(2 * IDLE as u64);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--serve", hosts] => runtime.block_on(serve(hosts.parse().unwrap())),
        [] => runtime.block_on(measure(None)),
        ["--against", url] => runtime.block_on(measure(Some(url.trim_start_matches("http://").parse().unwrap()))),
        _ => panic!("the only argument is --against http://ADDRESS:PORT"),
    }
}

/// Runs the emulator until its standard input ends.
async fn serve(hosts: usize) {
    let emulator = Emulator::builder().with_hosts(hosts).start().await.unwrap();
    println!("{}", emulator.addr());
    std::io::stdout().flush().unwrap();
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    end.await.unwrap();
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(hosts: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--serve", &hosts.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { address: line.trim().parse().unwrap(), child }
    }

    /// Returns the resident memory in megabytes, if the system reports it.
    fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn measure(other: Option<SocketAddr>) {
    let own = Server::start(100);
    // In turns, so that other load on the machine affects both.
    for _ in 0..ROUNDS {
        println!("emulator: {:>8.0} requests/s with {CONNECTIONS} connections", load(own.address, STATUS).await);
        if let Some(other) = other {
            println!("other:    {:>8.0} requests/s with {CONNECTIONS} connections", load(other, STATUS).await);
        }
    }
    if let Some(memory) = own.memory() {
        println!("memory after that: {memory:.1} MB");
    }
    drop(own);

    let large = Server::start(100_000);
    let report = |when: &str| {
        if let Some(memory) = large.memory() {
            println!("100,000 hosts, {when}: {memory:.1} MB");
        }
    };
    report("at the start");
    for (name, path) in [
        ("the first page of 20 million rows of software", "apps?limit=200"),
        ("a page in the middle of them", "apps?limit=200&offset=1999999"),
        ("a page of one kernel module", "host/kernel-module?name=virtio_net&limit=200&offset=40000"),
        ("statistics of software", "app/statistics?category=host&limit=200"),
    ] {
        let request = format!("GET /v5/p/asset/{path} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\n\r\n").leak();
        let mut stream = TcpStream::connect(large.address).await.unwrap();
        let begin = Instant::now();
        ask(&mut stream, &mut Vec::new(), request).await.unwrap();
        let first = begin.elapsed();
        let rate = load(large.address, request).await;
        println!("{name}: {first:.0?} for the first request, then {rate:.0} requests/s");
    }
    report("after these pages");
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        let Ok(mut stream) = TcpStream::connect(large.address).await else { break };
        if ask(&mut stream, &mut Vec::new(), STATUS).await.is_none() {
            break;
        }
        idle.push(stream);
    }
    println!("{} connections are open, each has received a response", idle.len());
    report("with these connections");
    let mut alive = 0;
    for stream in &mut idle {
        alive += usize::from(ask(stream, &mut Vec::new(), STATUS).await.is_some());
    }
    println!("{alive} of them received another response");
}

/// Returns the requests per second over connections that stay open.
async fn load(address: SocketAddr, request: &'static str) -> f64 {
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut answered, mut buffer) = (0_u32, Vec::new());
            while begin.elapsed() < LOADED {
                ask(&mut stream, &mut buffer, request).await.unwrap();
                answered += 1;
            }
            answered
        });
    }
    let answered: u32 = tasks.join_all().await.iter().sum();
    f64::from(answered) / begin.elapsed().as_secs_f64()
}

/// Sends one request and reads its response; `None` if there is none, or its status is not 200.
async fn ask(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &str) -> Option<()> {
    stream.write_all(request.as_bytes()).await.ok()?;
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(buffer.get(..end)?).ok()?.to_ascii_lowercase();
        let whole = match head.split_once("content-length: ") {
            Some((_, rest)) => buffer.len() >= end + 4 + rest.lines().next()?.trim().parse::<usize>().ok()?,
            None => buffer.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return head.starts_with("http/1.1 200").then_some(());
        }
    }
}
