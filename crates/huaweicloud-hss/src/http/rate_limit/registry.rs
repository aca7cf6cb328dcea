//! The rate limiters of all clients with the same configuration.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::limiter::RateLimiter;
use super::rate::RateLimit;

/// How many limiters are kept, apart from those in use.
const MAX_IDLE: usize = 4096;

/// Who calls, as far as limits are concerned.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::http) enum Identity {
    /// The access key with this id.
    AccessKey(String),
    /// The provider with this id.
    Provider(usize),
}

/// The rate limiters of each operation at each endpoint for each identity.
pub(in crate::http) struct RateLimiters {
    configured: Option<RateLimit>,
    limiters: Mutex<HashMap<Key, Arc<RateLimiter>>>,
}

type Key = (String, &'static str, Identity);

impl RateLimiters {
    /// Applies the configured limit to each operation, endpoint and identity.
    pub(in crate::http) fn new(configured: Option<RateLimit>) -> Self {
        Self { configured, limiters: Mutex::default() }
    }

    /// Returns the limiter of an operation at an endpoint for an identity.
    pub(in crate::http) fn get(&self, endpoint: &str, operation: &'static str, identity: Identity) -> Arc<RateLimiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        if limiters.len() >= MAX_IDLE {
            limiters.retain(|_, limiter| Arc::strong_count(limiter) > 1);
        }
        let new = || Arc::new(RateLimiter::new(self.configured));
        Arc::clone(limiters.entry((endpoint.to_owned(), operation, identity)).or_insert_with(new))
    }
}

impl fmt::Debug for RateLimiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiters").field("configured", &self.configured).finish_non_exhaustive()
    }
}
