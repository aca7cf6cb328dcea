//! How requests are sent: configuration, authorization, attempts, retries, rate limit and pages.

pub(crate) mod call_options;
mod capture;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod context;
pub(crate) mod executor;
mod gate;
pub(crate) mod pagination;
pub(crate) mod rate_limit;
pub(crate) mod retry;
