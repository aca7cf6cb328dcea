//! The emulator without a socket: its state, and the operations on it that no service has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fmt, io, iter};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::watch;
use tokio::time::{Duration, Instant};

use crate::auth::access_key::AccessKeys;
use crate::auth::token::AcceptedTokens;
use crate::error::EmulatorError;
use crate::error_response::RequestIds;
use crate::faults::{FaultDecision, FaultEngine, Faults};
use crate::handlers::state::{HandlerState, WebFrameworkSpelling};
use crate::model::assets::Assets;
use crate::model::assets::coverage::HostAttributes;
use crate::model::assets::truth::HostTruth;
use crate::model::clock::Clock;
use crate::model::enterprise_projects::EnterpriseProjects;
use crate::model::exports::Exports;
use crate::model::iam::Iam;
use crate::model::inventory::Inventory;
use crate::model::persistence::{RestoredState, StateError, StateFile, StoredHostChange};
use crate::model::queues::{PendingScan, Queues};
use crate::model::request_log::{LatestRequests, RecordedRequest, RequestLog};
use crate::spec::joined::joined;
use crate::spec::routes::Routes;

/// The emulator without its socket. It responds to requests on any thread; clones share their state.
///
/// It reads the time from tokio's clock, so a test with `start_paused` decides when a scan ends.
#[derive(Clone)]
pub struct InProcessService {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) routes: Routes,
    pub(super) tokens: AcceptedTokens,
    pub(super) access_keys: AccessKeys,
    pub(super) state: HandlerState,
    pub(super) request_log: RequestLog,
    pub(super) faults: FaultEngine,
    pub(super) request_ids: RequestIds,
    state_file: Option<StateFile>,
    /// Whether a write to the state file has failed.
    pub(super) storage_failed: AtomicBool,
    warnings: Vec<String>,
    /// Notified of every change.
    pub(super) changes: watch::Sender<()>,
    /// The content of `/openapi.json`.
    openapi: Bytes,
}

/// The settings of an [`InProcessService`].
pub(crate) struct Settings {
    pub(crate) tokens: AcceptedTokens,
    pub(crate) access_keys: AccessKeys,
    pub(crate) iam: Iam,
    pub(crate) scan_duration: Duration,
    pub(crate) inventory: Inventory,
    pub(crate) host_attributes: Vec<(String, HostAttributes)>,
    pub(crate) web_framework_spelling: WebFrameworkSpelling,
    pub(crate) enterprise_projects: EnterpriseProjects,
    pub(crate) request_log_capacity: usize,
    pub(crate) state_file: Option<StateFile>,
    pub(crate) restored: RestoredState,
    pub(crate) clock: Clock,
}

impl InProcessService {
    pub(crate) fn new(specs: &[(&str, &str)], settings: Settings) -> Result<Self, EmulatorError> {
        let routes = Routes::load(specs)?;
        for rule in routes.operations().filter_map(|operation| operation.token.as_ref()) {
            settings.tokens.validate(rule)?;
        }
        let inventory = Arc::new(settings.inventory);
        let wall = i64::try_from(settings.iam.clock.now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        let advanced = i64::try_from(settings.clock.advanced().as_millis()).unwrap_or(i64::MAX);
        let assets = Assets::new(Arc::clone(&inventory), (settings.clock.now(), wall.saturating_add(advanced)));
        for (host_id, attributes) in settings.host_attributes {
            let index = assets.checked_index(&host_id, &attributes).map_err(EmulatorError::host)?;
            assets.set_attributes(index, None, attributes);
        }
        let shared = Shared {
            routes,
            tokens: settings.tokens,
            access_keys: settings.access_keys,
            state: HandlerState {
                inventory,
                assets,
                exports: Exports::default(),
                web_framework_spelling: settings.web_framework_spelling,
                enterprise_projects: settings.enterprise_projects,
                queues: Queues::new(settings.scan_duration),
                iam: settings.iam,
                clock: settings.clock,
            },
            request_log: RequestLog::new(settings.request_log_capacity),
            faults: FaultEngine::default(),
            state_file: settings.state_file,
            storage_failed: AtomicBool::new(false),
            warnings: settings.restored.warnings,
            request_ids: RequestIds::new(),
            changes: watch::Sender::new(()),
            openapi: joined(specs)?,
        };
        shared.request_log.restore(settings.restored.answered, settings.restored.requests);
        for scan in settings.restored.scans {
            shared.state.queues.restore(scan);
        }
        for StoredHostChange { host_id, at_millis, attributes } in settings.restored.host_changes {
            // The inventory may be smaller than before.
            if let Some(index) = shared.state.assets.index_of(&host_id) {
                shared.state.assets.set_attributes(index, Some(at_millis), attributes);
            }
        }
        for order in &settings.restored.orders {
            shared.state.assets.add_order(order, shared.state.now_millis());
        }
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Responds to a request.
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.validate_head(request.method(), request.uri(), request.headers(), &FaultDecision::default()) {
            Ok(head) => self.complete(head, Ok(request.body().clone())),
            Err(response) => *response,
        }
    }

    /// Returns the inventory, for instance to pick ids from.
    pub fn inventory(&self) -> &Inventory {
        &self.shared.state.inventory
    }

    /// Returns what was really collected from a host; `None` if the inventory does not have it.
    pub fn asset_truth(&self, host_id: &str) -> Option<HostTruth> {
        let state = &self.shared.state;
        state.assets.truth(state.assets.index_of(host_id)?, state.now_millis())
    }

    /// Sets attributes of a host from now on.
    ///
    /// # Errors
    ///
    /// Fails if the inventory does not have the host, or the service does not have the value.
    pub fn set_host_attributes(&self, host_id: &str, attributes: HostAttributes) -> Result<(), EmulatorError> {
        let state = &self.shared.state;
        let index = state.assets.checked_index(host_id, &attributes).map_err(EmulatorError::host)?;
        let at_millis = state.now_millis();
        state.assets.set_attributes(index, Some(at_millis), attributes.clone());
        self.save(|file| file.add_host_change(StoredHostChange { host_id: host_id.to_owned(), at_millis, attributes }));
        self.notify();
        Ok(())
    }

    /// Returns what was really collected from each host as JSON lines.
    pub(crate) fn asset_truth_lines(&self) -> impl Iterator<Item = io::Result<Bytes>> + Send + use<> {
        let service = self.clone();
        (0..self.inventory().hosts().len()).filter_map(move |index| {
            let state = &service.shared.state;
            let truth = state.assets.truth(index, state.now_millis())?;
            let line = serde_json::to_vec(&truth).map(|mut line| {
                line.push(b'\n');
                line.into()
            });
            Some(line.map_err(io::Error::from))
        })
    }

    /// Returns the last requests, oldest first: at most the capacity of the request log, and fewer if they have many
    /// ids.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.request_log.requests()
    }

    /// Returns the warnings of the start.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.shared.warnings
    }

    /// Returns the current faults.
    pub(crate) fn faults(&self) -> Faults {
        self.shared.faults.get()
    }

    /// Replaces the faults.
    pub(crate) fn set_faults(&self, faults: Faults) -> Result<(), EmulatorError> {
        let is_known = |id: &str| self.shared.routes.operations().any(|operation| operation.id == id);
        if let Some(unknown) = faults.unknown_operation(is_known) {
            return Err(EmulatorError::fault(unknown));
        }
        self.shared.faults.set(faults);
        self.notify();
        Ok(())
    }

    /// Expires all tokens issued so far.
    pub(crate) fn expire_tokens(&self) {
        let below = self.shared.state.iam.issuer.expire_all();
        self.save(|file| file.expire_tokens_below(below));
    }

    /// Empties all queues, forgets all requests, collections, changes of hosts and failed signatures, and restarts the
    /// counts of the faults.
    pub(crate) fn reset(&self) {
        self.shared.state.queues.clear();
        self.shared.state.assets.reset();
        self.shared.state.exports.clear();
        self.shared.request_log.clear(|| {
            self.save(StateFile::reset);
        });
        self.shared.access_keys.reset_failures();
        self.shared.faults.restart();
        self.notify();
    }

    /// Returns the emulator's clock.
    pub(crate) fn clock(&self) -> &Clock {
        &self.shared.state.clock
    }

    /// Moves the clock forward.
    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock().advance(by);
        self.save(StateFile::save_clock);
        self.notify();
    }

    /// Subscribes to changes.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changes.subscribe()
    }

    /// Returns the pending scans.
    pub(crate) fn pending_scans(&self, now: Instant) -> Vec<PendingScan> {
        self.shared.state.queues.pending(now)
    }

    /// Returns the end of the request log: at most this many requests and scans.
    pub(crate) fn latest_requests(&self, count: usize) -> LatestRequests {
        self.shared.request_log.latest(count)
    }

    /// Returns the specs as one document.
    pub(crate) fn openapi(&self) -> Bytes {
        self.shared.openapi.clone()
    }

    /// Returns the request log as JSON lines, in parts: every request, if there is a state file.
    pub(crate) fn request_log_parts(&self) -> Box<dyn Iterator<Item = io::Result<Bytes>> + Send> {
        let service = self.clone();
        match self.shared.state_file.as_ref().and_then(|file| file.request_reader().ok()) {
            Some(mut reader) => Box::new(iter::from_fn(move || {
                let part = service.shared.state_file.as_ref()?.next_part(&mut reader);
                part.map_err(io::Error::other).transpose()
            })),
            None => Box::new(self.shared.request_log.snapshot().map(|request| {
                let mut line = serde_json::to_vec(&*request)?;
                line.push(b'\n');
                Ok(line.into())
            })),
        }
    }

    pub(super) fn notify(&self) {
        self.shared.changes.send_replace(());
    }

    /// Writes to the state file, if there is one. Returns whether it has everything.
    pub(super) fn save(&self, save: impl FnOnce(&StateFile) -> Result<(), StateError>) -> bool {
        let is_saved = self.shared.state_file.as_ref().is_none_or(|file| save(file).is_ok());
        if !is_saved {
            self.shared.storage_failed.store(true, Ordering::Relaxed);
        }
        is_saved
    }
}

impl fmt::Debug for InProcessService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessService")
            .field("tokens", &self.shared.tokens)
            .field("hosts", &self.inventory().hosts().len())
            .finish_non_exhaustive()
    }
}
