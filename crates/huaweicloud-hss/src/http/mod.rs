//! How requests are sent: connection settings, authorization, attempts, retries, pace and pages.

pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod executor;
pub(crate) mod pagination;
mod proxy;
mod rate_limit;
pub(crate) mod retry;
pub(crate) mod tls;
