//! Keeps credentials that the service refused from being sent again: repeated failures lock a key or a user
//! (`docs/design/service-behaviour.md#key-lock`).

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, PoisonError};

use huaweicloud_auth::{Credentials, Secret};
use tokio::sync::OwnedMutexGuard;

use crate::error::{Error, ErrorKind};

/// How many credentials are remembered, apart from those in use.
const MAX_IDLE: usize = 4096;

/// The gates of all credentials that clients with the same configuration use.
#[derive(Default)]
pub(super) struct Gates {
    /// Its key is random, so the hashes disclose nothing.
    hasher: RandomState,
    gates: Mutex<HashMap<u64, Arc<Gate>>>,
}

/// Lets one caller at a time try credentials, until a response shows whether the service accepts them.
#[derive(Default)]
pub(super) struct Gate {
    trial: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Untried,
    Accepted,
    /// They are never sent again.
    Refused(String),
}

/// The permission to send the credentials once. Dropped without a verdict, it leaves them as they were.
pub(super) struct Pass {
    gate: Arc<Gate>,
    /// Held by the only caller that tries them.
    trial: Option<OwnedMutexGuard<()>>,
}

/// What a response shows about the credentials.
pub(super) enum Verdict<'a> {
    Accepted,
    Refused(&'a Error),
    /// It may have been sent before they were checked.
    Unknown,
}

impl Gates {
    /// Returns the gate of credentials. A token may be valid at one endpoint only; an access key is locked for all.
    pub(super) fn of_credentials(&self, credentials: &Credentials, endpoint: &str) -> Option<Arc<Gate>> {
        match credentials {
            Credentials::Token { token, .. } => Some(self.get(&["token", endpoint, token.expose()])),
            Credentials::AccessKey { key, .. } => {
                let token = key.security_token().map_or("", Secret::expose);
                Some(self.get(&["key", key.id(), key.secret().expose(), token]))
            }
            _ => None,
        }
    }

    /// Returns the gate of a log-in, which these parts identify.
    pub(super) fn of_log_in(&self, [domain, user, password]: [&str; 3]) -> Arc<Gate> {
        self.get(&["log-in", domain, user, password])
    }

    fn get(&self, parts: &[&str]) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() >= MAX_IDLE {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        }
        Arc::clone(gates.entry(self.hasher.hash_one(parts)).or_default())
    }
}

impl Gate {
    /// Waits until the credentials may be sent.
    ///
    /// # Errors
    /// The service has refused them.
    pub(super) async fn enter(self: &Arc<Self>) -> Result<Pass, Error> {
        let pass = |trial| Pass { gate: Arc::clone(self), trial };
        if self.is_accepted()? {
            return Ok(pass(None));
        }
        let trial = Arc::clone(&self.trial).lock_owned().await;
        Ok(pass((!self.is_accepted()?).then_some(trial)))
    }

    fn is_accepted(&self) -> Result<bool, Error> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Untried => Ok(false),
            State::Accepted => Ok(true),
            State::Refused(why) => Err(Error::new(
                ErrorKind::Credentials,
                format!("not sent: the same credentials were refused before: {why}"),
            )),
        }
    }
}

impl Pass {
    /// Returns whether this is the only call with these credentials.
    pub(super) fn is_trial(&self) -> bool {
        self.trial.is_some()
    }

    /// Ends the use of the credentials.
    pub(super) fn end(self, verdict: Verdict<'_>) {
        let mut state = self.gate.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (verdict, &*state) {
            (Verdict::Refused(error), State::Untried | State::Accepted) => *state = State::Refused(error.to_string()),
            (Verdict::Accepted, State::Untried) => *state = State::Accepted,
            _ => {}
        }
    }
}

impl fmt::Debug for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gates").finish_non_exhaustive()
    }
}
