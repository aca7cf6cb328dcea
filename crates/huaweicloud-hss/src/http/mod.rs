//! How requests are sent: configuration, authorization, attempts, retries, rate limit and pages.

pub(crate) mod call_options;
mod capture;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod executor;
pub(crate) mod pagination;
mod proxy;
pub(crate) mod rate_limit;
pub(crate) mod retry;
pub(crate) mod tls;
