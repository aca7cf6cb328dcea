//! Keeps calls within the limits of the service: those that are configured, and those that its gateway reports.
//!
//! A limit holds for one operation at one endpoint with one identity. Each such combination has a [`RateLimiter`].

mod limiter;
mod pace;
pub(crate) mod rate;
mod registry;
pub(crate) mod reported;
#[cfg(test)]
mod tests;

pub(super) use limiter::Permit;
pub(super) use pace::{CallEnd, MAX_RETRY_AFTER};
pub(super) use registry::{Identity, RateLimiters};
