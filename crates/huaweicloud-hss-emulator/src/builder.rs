//! Builds, starts and stops an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Duration;

use crate::auth::access_key::{AccessKeys, Key};
use crate::auth::clock::WallClock;
use crate::auth::issuer::Issuer;
use crate::auth::token::AcceptedTokens;
use crate::error::EmulatorError;
use crate::faults::Faults;
use crate::handlers::state::WebFrameworkSpelling;
use crate::http::access::AllowedHosts;
use crate::http::dispatch::Dispatcher;
use crate::http::server;
use crate::model::assets::coverage::HostAttributes;
use crate::model::assets::truth::HostTruth;
use crate::model::clock::Clock;
use crate::model::enterprise_projects::{EnterpriseProjectConfig, EnterpriseProjects};
use crate::model::iam::{Iam, Project, User};
use crate::model::inventory::Inventory;
use crate::model::persistence::{RestoredState, StateFile, TokenFacts};
use crate::model::request_log::RecordedRequest;
use crate::service::{InProcessService, Settings};
use crate::spec::embedded::SPECS;

/// The default time that a scan stays pending.
pub const DEFAULT_SCAN_DURATION: Duration = Duration::from_secs(2);

/// The default number of hosts in the inventory.
pub const DEFAULT_HOSTS: usize = 100;

/// The default lifetime of issued tokens: that of the real ones.
pub const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The default capacity of the request log.
pub const DEFAULT_REQUEST_LOG_CAPACITY: usize = 10_000;

/// The default seed of the inventory.
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
    /// Returns a builder with the defaults: a free loopback port, 100 hosts, scans of 2 s, every well-formed token.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// Returns the address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns the endpoint for a client: `http://` and the address, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the inventory, for instance to pick ids from.
    pub fn inventory(&self) -> &Inventory {
        self.service.inventory()
    }

    /// Returns the last requests, oldest first: at most the capacity of the request log, and fewer if they have many
    /// ids.
    ///
    /// A request is recorded before its response is sent, so a client that has the response finds the request here.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.requests()
    }

    /// Returns the warnings of the start, for example that the last line of the state file was incomplete and was
    /// dropped.
    pub fn warnings(&self) -> &[String] {
        self.service.warnings()
    }

    /// Replaces the faults, and restarts the counts of their rules.
    ///
    /// # Errors
    ///
    /// Fails if a rule names an operation that no spec has; then nothing changes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), EmulatorError> {
        self.service.set_faults(faults)
    }

    /// Returns what was really collected from a host; `None` if the inventory does not have it.
    pub fn asset_truth(&self, host_id: &str) -> Option<HostTruth> {
        self.service.asset_truth(host_id)
    }

    /// Sets attributes of a host from now on.
    ///
    /// # Errors
    ///
    /// Fails if the inventory does not have the host, or the service does not have the value.
    pub fn set_host_attributes(&self, host_id: &str, attributes: HostAttributes) -> Result<(), EmulatorError> {
        self.service.set_host_attributes(host_id, attributes)
    }

    /// Moves the emulator's clock forward: pending scans, tokens, locks of keys and rate limits end earlier, and assets
    /// are collected by their schedule. Delays and the wall clock, by which signatures are dated, do not change.
    pub fn advance_clock(&self, by: Duration) {
        self.service.advance_clock(by);
    }

    /// Empties all queues, forgets all requests, collections, changes of hosts and failed signatures, and restarts the
    /// counts of the faults. Tokens stay valid, and the clock does not move back.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Returns the service behind the socket. It shares its state with this emulator.
    pub fn service(&self) -> &InProcessService {
        &self.service
    }

    /// Stops listening, and waits up to two seconds for requests in progress.
    pub async fn shutdown(mut self) {
        // Sending fails if the task has already ended, which has the same effect.
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

/// The settings of an emulator.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until start() or service()"]
pub struct EmulatorBuilder {
    listen_address: SocketAddr,
    remote_access: bool,
    host_names: Vec<String>,
    scan_duration: Duration,
    hosts: usize,
    seed: u64,
    host_attributes: Vec<(String, HostAttributes)>,
    web_framework_spelling: WebFrameworkSpelling,
    tokens: AcceptedTokens,
    users: Vec<User>,
    projects: Vec<Project>,
    token_lifetime: Duration,
    access_keys: Vec<Key>,
    enterprise_projects: Vec<EnterpriseProjectConfig>,
    clock: WallClock,
    latency: Duration,
    faults: Faults,
    request_log_capacity: usize,
    state_file: Option<PathBuf>,
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            listen_address: (Ipv4Addr::LOCALHOST, 0).into(),
            remote_access: false,
            host_names: Vec::new(),
            scan_duration: DEFAULT_SCAN_DURATION,
            hosts: DEFAULT_HOSTS,
            seed: DEFAULT_SEED,
            host_attributes: Vec::new(),
            web_framework_spelling: WebFrameworkSpelling::default(),
            tokens: AcceptedTokens::default(),
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
    /// Sets the address to listen on; port 0 is any free port. Default: `127.0.0.1:0`.
    pub fn with_listen_address(self, address: SocketAddr) -> Self {
        Self { listen_address: address, ..self }
    }

    /// Allows an address that other machines can reach. Default: no, because the emulator has no access control.
    pub fn with_remote_access(self, allowed: bool) -> Self {
        Self { remote_access: allowed, ..self }
    }

    /// Adds a host name under which the web UI and the paths below `/_emulator/` can be used. Without it, they only work
    /// with `localhost`, loopback addresses and, with remote access, any address: a page in a browser could otherwise
    /// control the emulator under a name that it resolves to this machine.
    pub fn with_host_name(mut self, name: impl Into<String>) -> Self {
        self.host_names.push(name.into());
        self
    }

    /// Sets how long a scan stays pending. Default: [`DEFAULT_SCAN_DURATION`].
    pub fn with_scan_duration(self, scan_duration: Duration) -> Self {
        Self { scan_duration, ..self }
    }

    /// Sets the number of hosts in the inventory. Default: [`DEFAULT_HOSTS`].
    pub fn with_hosts(self, hosts: usize) -> Self {
        Self { hosts, ..self }
    }

    /// Sets the seed that ids, names and agent states of the inventory are generated from. Default: [`DEFAULT_SEED`].
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets attributes of the host with this id, in place of the seeded ones.
    pub fn with_host_attributes(mut self, host_id: impl Into<String>, attributes: HostAttributes) -> Self {
        self.host_attributes.push((host_id.into(), attributes));
        self
    }

    /// Sets how the kind of web frameworks is spelt. Default: both spellings are known.
    pub fn with_web_framework_spelling(self, spelling: WebFrameworkSpelling) -> Self {
        Self { web_framework_spelling: spelling, ..self }
    }

    /// Sets the only valid token, apart from those that the emulator itself issues. Default: every token that is
    /// well-formed by the spec.
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self { tokens: AcceptedTokens::Fixed(token.into()), ..self }
    }

    /// Makes only those tokens valid that the emulator itself issues.
    pub fn require_issued_token(self) -> Self {
        Self { tokens: AcceptedTokens::Issued, ..self }
    }

    /// Adds a user who gets tokens for a password. Default: none.
    pub fn with_user(
        mut self,
        domain: impl Into<String>,
        name: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        self.users.push(User { domain: domain.into(), name: name.into(), password: password.into() });
        self
    }

    /// Adds a project that IAM knows; HSS accepts any. Default: `emulator-project`, named `cn-north-4`.
    pub fn with_project(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.projects.push(Project { id: id.into(), name: name.into() });
        self
    }

    /// Adds an enterprise project with this many of the inventory's last hosts; the others are in the default one, `0`.
    /// Default: two without hosts.
    pub fn with_enterprise_project(mut self, id: impl Into<String>, name: impl Into<String>, hosts: usize) -> Self {
        self.enterprise_projects.push(EnterpriseProjectConfig { id: id.into(), name: name.into(), hosts });
        self
    }

    /// Sets the minimum time between the head of a request and its response, as over a real network; requests do not
    /// wait for each other. Only the server does so, not [`EmulatorBuilder::service`]. Default: zero.
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// Sets the faults to inject. Only the server does so, not [`EmulatorBuilder::service`]. Default: none.
    pub fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Sets the maximum number of requests in the request log. Default: [`DEFAULT_REQUEST_LOG_CAPACITY`].
    pub fn with_request_log_capacity(self, request_log_capacity: usize) -> Self {
        Self { request_log_capacity, ..self }
    }

    /// Keeps queues, requests and the key that seals tokens in this file of JSON lines, and resumes from it at the next
    /// start. The file has every response that was sent, even if the process is killed; if the machine stops, the last
    /// ones may be missing. Above 64 MiB the oldest requests are dropped from it. Only one process at a time can use a
    /// file. Default: in memory only.
    pub fn with_state_file(self, file: impl Into<PathBuf>) -> Self {
        Self { state_file: Some(file.into()), ..self }
    }

    /// Sets the lifetime of issued tokens. Default: [`DEFAULT_TOKEN_LIFETIME`].
    pub fn with_token_lifetime(self, token_lifetime: Duration) -> Self {
        Self { token_lifetime, ..self }
    }

    /// Adds an access key that may sign requests. Default: none, so that no signature is valid.
    pub fn with_access_key(mut self, ak: impl Into<String>, sk: impl Into<String>) -> Self {
        self.access_keys.push(Key { ak: ak.into(), sk: sk.into(), security_token: None });
        self
    }

    /// Adds a temporary access key, which is only valid with its security token.
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

    /// Sets the wall clock of the emulator ahead of the machine's, or behind it if negative. Dates of signatures are
    /// checked by it.
    pub fn with_clock_offset_seconds(self, seconds: i64) -> Self {
        Self { clock: WallClock::ahead_by(seconds), ..self }
    }

    /// Sets the wall clock ahead, to the next time this long after a Monday 00:00 UTC, so that a test decides how far the
    /// weekly collection of assets is. Clients that sign requests must have the same time.
    pub fn with_time_of_week(self, since_monday: Duration) -> Self {
        const DAY: i64 = 24 * 60 * 60;
        let since_monday = i64::try_from(since_monday.as_secs()).unwrap_or_default();
        // 1970-01-05 was a Monday.
        let ahead = 4 * DAY + since_monday % (7 * DAY) - WallClock::default().now().unix_timestamp();
        self.with_clock_offset_seconds(ahead.rem_euclid(7 * DAY))
    }

    /// Builds the emulator without a socket and without a task. It needs no tokio runtime.
    ///
    /// # Errors
    ///
    /// Fails if no request can carry the fixed token, a fault names an operation that no spec has, a host with
    /// attributes is unknown, the state file cannot be used, or the specs are invalid.
    pub fn service(self) -> Result<InProcessService, EmulatorError> {
        self.service_with_specs(SPECS)
    }

    /// Builds the emulator of these specs: names, and content as JSON.
    pub(crate) fn service_with_specs(self, specs: &[(&str, &str)]) -> Result<InProcessService, EmulatorError> {
        let inventory = Inventory::seeded(self.seed, self.hosts);
        let enterprise_projects = EnterpriseProjects::new(self.enterprise_projects, self.seed, self.hosts);
        let mut projects = self.projects;
        if projects.is_empty() {
            projects.push(Project { id: "emulator-project".to_owned(), name: "cn-north-4".to_owned() });
        }
        let clock = Clock::default();
        let mut issuer = Issuer::new(self.token_lifetime);
        let (mut state_file, mut restored) = (None, RestoredState::default());
        if let Some(path) = &self.state_file {
            let (file, earlier, TokenFacts { seal_key, age, expired_below }) =
                StateFile::open(path, issuer.seal_key(), self.request_log_capacity, &clock)?;
            issuer = Issuer::resume(self.token_lifetime, seal_key, clock.now(), age, expired_below);
            (state_file, restored) = (Some(file), earlier);
        }
        let iam = Iam { users: self.users, projects, issuer, clock: self.clock };
        let access_keys = AccessKeys::new(self.access_keys);
        let service = InProcessService::new(
            specs,
            Settings {
                tokens: self.tokens,
                access_keys,
                iam,
                scan_duration: self.scan_duration,
                inventory,
                host_attributes: self.host_attributes,
                web_framework_spelling: self.web_framework_spelling,
                enterprise_projects,
                request_log_capacity: self.request_log_capacity,
                state_file,
                restored,
                clock,
            },
        )?;
        service.set_faults(self.faults)?;
        Ok(service)
    }

    /// Binds the address and serves requests in a task of the current tokio runtime, which must have `net` and `time`
    /// enabled.
    ///
    /// # Errors
    ///
    /// Fails if the address is not a loopback one and remote access is not allowed, if it cannot be bound, or as
    /// [`EmulatorBuilder::service`].
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let listen_address = self.listen_address;
        if !self.remote_access && !listen_address.ip().to_canonical().is_loopback() {
            return Err(EmulatorError::non_loopback_address(listen_address));
        }
        let (latency, is_remote, names) = (self.latency, self.remote_access, self.host_names.clone());
        let service = self.service()?;
        let listener = server::listen(listen_address).map_err(|error| EmulatorError::bind(listen_address, error))?;
        let address = listener.local_addr().map_err(|error| EmulatorError::bind(listen_address, error))?;
        let (stop, stopped) = watch::channel(false);
        let hosts = AllowedHosts { listen: address.ip().to_canonical(), is_remote, names };
        let dispatcher = Dispatcher { service: service.clone(), latency, hosts, stop: stopped.clone() };
        let task = tokio::spawn(server::serve(listener, dispatcher, stopped));
        Ok(Emulator { address, url: format!("http://{address}"), service, stop, task: Some(task) })
    }
}
