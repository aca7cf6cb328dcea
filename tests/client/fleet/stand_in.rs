//! A stand-in for the service that records every scan it starts, and, if it is hostile, loses and garbles its responses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use integration_tests::random::Random;
use integration_tests::raw_server::{Action, RawServer};

/// A service on a loopback port.
pub(super) struct StandIn {
    server: RawServer,
    state: Arc<Mutex<State>>,
}

/// A scan call that arrived.
pub(super) struct Arrival {
    pub(super) project: String,
    /// The hosts whose scan it started.
    pub(super) started: Vec<String>,
}

#[derive(Default)]
struct State {
    arrivals: Vec<Arrival>,
    hostile: Option<Random>,
}

impl StandIn {
    /// Starts a service that accepts every scan.
    pub(super) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = RawServer::responding(move |request| shared.lock().unwrap().respond(request));
        Self { server, state }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Makes the service hostile, or well-behaved again.
    pub(super) fn set_hostile(&self, hostile: Option<Random>) {
        self.state().hostile = hostile;
    }

    /// Takes the calls that arrived since the last time.
    pub(super) fn take_arrivals(&self) -> Vec<Arrival> {
        std::mem::take(&mut self.state().arrivals)
    }

    /// How many scans were started.
    pub(super) fn scans(&self) -> usize {
        self.state().arrivals.iter().filter(|arrival| !arrival.started.is_empty()).count()
    }

    /// How many scans of a host were started.
    pub(super) fn scans_of(&self, host: &str) -> usize {
        self.state().arrivals.iter().flat_map(|arrival| &arrival.started).filter(|started| *started == host).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    fn respond(&mut self, request: &str) -> Action {
        let project = request.split('/').nth(2).unwrap().to_owned();
        let chance = self.hostile.as_mut().map(|random| random.below(14));
        if request.starts_with("GET") {
            return match chance {
                Some(0) => Action::respond(200, "", r#"{"exist":true}"#),
                Some(1) => Action::respond(500, "", ""),
                _ => Action::respond(200, "", r#"{"exist":false}"#),
            };
        }
        let body: HashMap<String, Vec<String>> =
            serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        let ids = body["host_ids"].clone();
        let accepted = format!(r#"{{"error":"{project}-0 processed {} tasks successfully."}}"#, ids.len());
        let queued = format!(r#"{{"error":"Current project {project}-0 is already in the task queue."}}"#);
        let (starts, action) = match chance {
            Some(0) => (true, Action::CloseAfterReading),
            Some(1) => (true, Action::respond(500, "", r#"{"error_code":"HSS.0001"}"#)),
            Some(2) => (true, Action::respond(200, "", "<html>")),
            Some(3) => (true, Action::respond(200, "", &accepted.replace('}', r#","code":0}"#))),
            Some(4) => (true, Action::Respond("HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{".to_owned())),
            Some(5) => (false, Action::CloseAfterReading),
            Some(6) => (false, Action::respond(400, "", r#"{"error_code":"HSS.0011"}"#)),
            Some(7) => (false, Action::respond(200, "", r#"{"error_code":"HSS.0011"}"#)),
            Some(8) => (false, Action::respond(503, "", "")),
            Some(9) => (false, Action::respond(200, "", &queued)),
            _ => (true, Action::respond(200, "", &accepted)),
        };
        self.arrivals.push(Arrival { project, started: if starts { ids } else { Vec::new() } });
        action
    }
}
