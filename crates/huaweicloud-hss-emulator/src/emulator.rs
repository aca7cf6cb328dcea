//! Owns starting and stopping: the builder with its defaults, and the handle of a running emulator.

use crate::calls::Call;
use crate::error::EmulatorError;
use crate::fleet::Fleet;
use crate::server;
use crate::service::{SPECS, Service, Settings};
use crate::token::Tokens;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Duration;

/// How long a scan stays pending unless told otherwise.
pub const DEFAULT_SCAN_DURATION: Duration = Duration::from_secs(2);

/// How many hosts the fleet has unless told otherwise.
pub const DEFAULT_HOSTS: usize = 100;

/// The fleet's seed unless told otherwise.
pub const DEFAULT_SEED: u64 = 20_260_403;

/// A running emulator. It stops when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    url: String,
    service: Service,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Begins an emulator with the defaults: a free loopback port, 100 hosts, scans of 2 s, every well-formed token.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint to give to a client: `http://` and the address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The fleet, for instance to pick ids from.
    pub fn fleet(&self) -> &Fleet {
        self.service.fleet()
    }

    /// The last answered calls, oldest first: at most 10,000 of them, fewer when they carried many ids.
    ///
    /// A call is recorded before its answer is sent, so a client that has the answer finds the call.
    pub fn calls(&self) -> Vec<Call> {
        self.service.calls()
    }

    /// The part that answers, without the socket. It shares fleet, queues and calls with this emulator.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Stops listening, lets requests that are being answered finish for up to two seconds, and returns.
    pub async fn shutdown(mut self) {
        // Nobody listens when the task has ended on its own, which comes to the same.
        let _ = self.stop.send(true);
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Settings of an emulator to be.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until start() or service()"]
pub struct Builder {
    listen: SocketAddr,
    allow_remote: bool,
    scan_duration: Duration,
    hosts: usize,
    seed: u64,
    tokens: Tokens,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_remote: false,
            scan_duration: DEFAULT_SCAN_DURATION,
            hosts: DEFAULT_HOSTS,
            seed: DEFAULT_SEED,
            tokens: Tokens::default(),
        }
    }
}

impl Builder {
    /// The address to listen on; port 0 takes a free one. Default: `127.0.0.1:0`.
    pub fn listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Whether an address that other machines can reach is taken. Default: no, for the emulator lets everybody in.
    pub fn allow_remote(self, allow_remote: bool) -> Self {
        Self { allow_remote, ..self }
    }

    /// How long a scan stays pending. Default: [`DEFAULT_SCAN_DURATION`].
    pub fn scan_duration(self, scan_duration: Duration) -> Self {
        Self { scan_duration, ..self }
    }

    /// How many hosts the fleet has. Default: [`DEFAULT_HOSTS`].
    pub fn hosts(self, hosts: usize) -> Self {
        Self { hosts, ..self }
    }

    /// What the fleet's ids, names and agent states are made from. Default: [`DEFAULT_SEED`].
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The one token that is right. Default: every token that is well-formed by the spec.
    pub fn token(self, token: impl Into<String>) -> Self {
        Self { tokens: Tokens::Fixed(token.into()), ..self }
    }

    /// Makes the part that answers, without a socket and without a task. Needs no tokio runtime.
    ///
    /// # Errors
    ///
    /// When no request could carry the fixed token, or the specs are broken.
    pub fn service(self) -> Result<Service, EmulatorError> {
        let fleet = Fleet::seeded(self.seed, self.hosts);
        Service::new(SPECS, Settings { tokens: self.tokens, scan_duration: self.scan_duration, fleet })
    }

    /// Binds the address and starts to answer, in a task of the current tokio runtime (with `net` and `time` enabled).
    ///
    /// # Errors
    ///
    /// When the address is not a loopback one and was not allowed, or cannot be bound; else as [`Builder::service`].
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let listen = self.listen;
        if !self.allow_remote && !listen.ip().to_canonical().is_loopback() {
            return Err(EmulatorError::remote(listen));
        }
        let service = self.service()?;
        let listener = server::listen(listen).map_err(|error| EmulatorError::bind(listen, error))?;
        let address = listener.local_addr().map_err(|error| EmulatorError::bind(listen, error))?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(server::serve(listener, service.clone(), stopped));
        Ok(Emulator { address, url: format!("http://{address}"), service, stop, task: Some(task) })
    }
}
