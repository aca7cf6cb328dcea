//! How the HTTP client connects: proxies and TLS.

pub(super) mod proxy;
pub(crate) mod tls;
