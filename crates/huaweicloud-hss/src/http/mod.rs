//! How requests are sent: configuration, authorization, attempts, retries, rate limit and pages.

mod capture;
pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod executor;
pub(crate) mod pagination;
mod proxy;
mod rate_limit;
pub(crate) mod retry;
pub(crate) mod tls;
