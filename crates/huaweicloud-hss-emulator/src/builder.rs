//! Owns starting and stopping: the builder with its defaults, and the handle of a running emulator.

use crate::auth::access_key::{AccessKeys, Key};
use crate::auth::clock::WallClock;
use crate::auth::issuer::Issuer;
use crate::auth::token::Tokens;
use crate::error::EmulatorError;
use crate::faults::Faults;
use crate::http::dispatch::Front;
use crate::http::server;
use crate::model::enterprise_projects::{EnterpriseProjects, Extra};
use crate::model::iam::{Iam, Project, User};
use crate::model::inventory::Inventory;
use crate::model::persistence::{RestoredState, StateFile};
use crate::model::request_log::RecordedRequest;
use crate::service::{InProcessService, Settings};
use crate::spec::embedded::SPECS;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Duration;

/// How long a scan stays pending unless told otherwise.
pub const DEFAULT_SCAN_DURATION: Duration = Duration::from_secs(2);

/// How many hosts the inventory has unless told otherwise.
pub const DEFAULT_HOSTS: usize = 100;

/// How long an issued token lives unless told otherwise: as long as the real ones.
pub const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How many calls the record keeps unless told otherwise.
pub const DEFAULT_REQUEST_LOG_CAPACITY: usize = 10_000;

/// The inventory's seed unless told otherwise.
pub const DEFAULT_SEED: u64 = 20_260_403;

/// A running emulator. It stops when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    url: String,
    service: InProcessService,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Begins an emulator with the defaults: a free loopback port, 100 hosts, scans of 2 s, every well-formed token.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint to give to a client: `http://` and the address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The inventory, for instance to pick ids from.
    pub fn inventory(&self) -> &Inventory {
        self.service.inventory()
    }

    /// The last answered calls, oldest first: at most as many as the builder says, fewer when they carried many ids.
    ///
    /// A call is recorded before its answer is sent, so a client that has the answer finds the call.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.requests()
    }

    /// What the user should know about the start, such as that the last line of the state file was incomplete and was dropped.
    pub fn warnings(&self) -> &[String] {
        self.service.warnings()
    }

    /// Sets other faults, and begins to count the calls of their rules anew.
    ///
    /// # Errors
    ///
    /// When a rule names an operation that no spec has; then nothing is changed.
    pub fn set_faults(&self, faults: Faults) -> Result<(), EmulatorError> {
        self.service.set_faults(faults)
    }

    /// Empties all queues, forgets all calls and failures, and begins to count for the faults anew. Tokens stay alive.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// The part that answers, without the socket. It shares inventory, queues and calls with this emulator.
    pub fn service(&self) -> &InProcessService {
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
pub struct EmulatorBuilder {
    listen: SocketAddr,
    allow_remote: bool,
    scan_duration: Duration,
    hosts: usize,
    seed: u64,
    tokens: Tokens,
    users: Vec<User>,
    projects: Vec<Project>,
    token_lifetime: Duration,
    access_keys: Vec<Key>,
    enterprise_projects: Vec<Extra>,
    clock: WallClock,
    latency: Duration,
    faults: Faults,
    request_log_capacity: usize,
    state_file: Option<PathBuf>,
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_remote: false,
            scan_duration: DEFAULT_SCAN_DURATION,
            hosts: DEFAULT_HOSTS,
            seed: DEFAULT_SEED,
            tokens: Tokens::default(),
            users: Vec::new(),
            projects: Vec::new(),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            access_keys: Vec::new(),
            enterprise_projects: Vec::new(),
            clock: WallClock::default(),
            latency: Duration::ZERO,
            faults: Faults::default(),
            request_log_capacity: DEFAULT_REQUEST_LOG_CAPACITY,
            state_file: None,
        }
    }
}

impl EmulatorBuilder {
    /// The address to listen on; port 0 takes a free one. Default: `127.0.0.1:0`.
    pub fn with_listen_address(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Whether an address that other machines can reach is taken. Default: no, for the emulator lets everybody in.
    pub fn with_remote_access(self, allow_remote: bool) -> Self {
        Self { allow_remote, ..self }
    }

    /// How long a scan stays pending. Default: [`DEFAULT_SCAN_DURATION`].
    pub fn with_scan_duration(self, scan_duration: Duration) -> Self {
        Self { scan_duration, ..self }
    }

    /// How many hosts the inventory has. Default: [`DEFAULT_HOSTS`].
    pub fn with_hosts(self, hosts: usize) -> Self {
        Self { hosts, ..self }
    }

    /// What the inventory's ids, names and agent states are made from. Default: [`DEFAULT_SEED`].
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The one token that is right, beside those that the emulator gave out itself. Default: every token that is well-formed by
    /// the spec.
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self { tokens: Tokens::Fixed(token.into()), ..self }
    }

    /// No token is right but those that the emulator gave out itself.
    pub fn require_issued_token(self) -> Self {
        Self { tokens: Tokens::Issued, ..self }
    }

    /// A user who gets tokens for a password. May be given many times. Default: none.
    pub fn with_user(
        mut self,
        domain: impl Into<String>,
        name: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        self.users.push(User { domain: domain.into(), name: name.into(), password: password.into() });
        self
    }

    /// A project that IAM knows; HSS takes any. May be given many times. Default: `emulator-project`, named `cn-north-4`.
    pub fn with_project(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.projects.push(Project { id: id.into(), name: name.into() });
        self
    }

    /// An enterprise project that so many of the inventory's last hosts belong to; the others are in the default one, `0`. May be given
    /// many times. Default: two without hosts.
    pub fn with_enterprise_project(mut self, id: impl Into<String>, name: impl Into<String>, hosts: usize) -> Self {
        self.enterprise_projects.push(Extra { id: id.into(), name: name.into(), hosts });
        self
    }

    /// No answer is given earlier than this after its request's head arrived, as over a real network; requests do not wait for each
    /// other. Only the server does so, not [`EmulatorBuilder::service`]. Default: zero.
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// What goes wrong on purpose. Only the server does so, not [`EmulatorBuilder::service`]. Default: nothing.
    pub fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// How many calls the record keeps at most. Default: [`DEFAULT_REQUEST_LOG_CAPACITY`].
    pub fn with_request_log_capacity(self, request_log_capacity: usize) -> Self {
        Self { request_log_capacity, ..self }
    }

    /// Keeps queues, requests and the key that seals tokens in this file of JSON lines, and resumes from it at the next start. The file
    /// has every response that was sent, even if the process is killed; if the machine stops, the last ones may be missing. Above 64 MiB
    /// the oldest requests are dropped from it. Only one process at a time can use a file. Default: in memory only.
    pub fn with_state_file(self, file: impl Into<PathBuf>) -> Self {
        Self { state_file: Some(file.into()), ..self }
    }

    /// How long the tokens live that the emulator gives out. Default: [`DEFAULT_TOKEN_LIFETIME`].
    pub fn with_token_lifetime(self, token_lifetime: Duration) -> Self {
        Self { token_lifetime, ..self }
    }

    /// An access key that may sign requests. May be given many times. Default: none, so that no signature is good.
    pub fn with_access_key(mut self, ak: impl Into<String>, sk: impl Into<String>) -> Self {
        self.access_keys.push(Key { ak: ak.into(), sk: sk.into(), security_token: None });
        self
    }

    /// A temporary access key, which is good with its security token only.
    pub fn with_temporary_access_key(
        mut self,
        ak: impl Into<String>,
        sk: impl Into<String>,
        security_token: impl Into<String>,
    ) -> Self {
        let security_token = Some(security_token.into());
        self.access_keys.push(Key { ak: ak.into(), sk: sk.into(), security_token });
        self
    }

    /// Sets the clock by which the dates of signatures are judged ahead of the machine's, or behind it when negative.
    pub fn with_clock_offset_seconds(self, seconds: i64) -> Self {
        Self { clock: WallClock::ahead_by(seconds), ..self }
    }

    /// Makes the part that answers, without a socket and without a task. Needs no tokio runtime.
    ///
    /// # Errors
    ///
    /// When no request could carry the fixed token, a fault names an operation that no spec has, the state file cannot be used, or the specs are broken.
    pub fn service(self) -> Result<InProcessService, EmulatorError> {
        let inventory = Inventory::seeded(self.seed, self.hosts);
        let enterprise_projects = EnterpriseProjects::new(self.enterprise_projects, self.seed, self.hosts);
        let mut projects = self.projects;
        if projects.is_empty() {
            projects.push(Project { id: "emulator-project".to_owned(), name: "cn-north-4".to_owned() });
        }
        let mut issuer = Issuer::new(self.token_lifetime);
        let (mut state_file, mut restored) = (None, RestoredState::default());
        if let Some(path) = &self.state_file {
            let (file, earlier, tokens) = StateFile::open(path, issuer.seal_key(), self.request_log_capacity)?;
            issuer = Issuer::resume(self.token_lifetime, tokens.seal_key, tokens.age, tokens.expired_below);
            (state_file, restored) = (Some(file), earlier);
        }
        let iam = Iam { users: self.users, projects, issuer, clock: self.clock };
        let access_keys = AccessKeys::new(self.access_keys);
        let service = InProcessService::new(
            SPECS,
            Settings {
                tokens: self.tokens,
                access_keys,
                iam,
                scan_duration: self.scan_duration,
                inventory,
                enterprise_projects,
                request_log_capacity: self.request_log_capacity,
                state_file,
                restored,
            },
        )?;
        service.set_faults(self.faults)?;
        Ok(service)
    }

    /// Binds the address and starts to answer, in a task of the current tokio runtime (with `net` and `time` enabled).
    ///
    /// # Errors
    ///
    /// When the address is not a loopback one and was not allowed, or cannot be bound; else as [`EmulatorBuilder::service`].
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let listen = self.listen;
        if !self.allow_remote && !listen.ip().to_canonical().is_loopback() {
            return Err(EmulatorError::non_loopback_address(listen));
        }
        let latency = self.latency;
        let service = self.service()?;
        let listener = server::listen(listen).map_err(|error| EmulatorError::bind(listen, error))?;
        let address = listener.local_addr().map_err(|error| EmulatorError::bind(listen, error))?;
        let (stop, stopped) = watch::channel(false);
        let front = Front { service: service.clone(), latency, stop: stopped.clone() };
        let task = tokio::spawn(server::serve(listener, front, stopped));
        Ok(Emulator { address, url: format!("http://{address}"), service, stop, task: Some(task) })
    }
}
