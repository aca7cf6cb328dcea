//! The error of building and starting an emulator.

use std::fmt;
use std::net::SocketAddr;

/// The reason why an emulator could not be built or started.
#[derive(Debug)]
pub struct EmulatorError {
    kind: ErrorKind,
    text: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of an [`EmulatorError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Other machines can reach the address, and remote access is not allowed.
    NonLoopbackAddress,
    /// The address could not be bound: it is in use, not of this machine, or not permitted.
    Bind,
    /// No request could carry the fixed token.
    Token,
    /// A fault names an operation that no spec has.
    Fault,
    /// The inventory does not have a host, or the service does not have the value of an attribute.
    Host,
    /// The state file cannot be used: it is in use, of something else, damaged, or not accessible.
    State,
    /// An OpenAPI document is invalid, or uses a feature that the emulator does not support.
    Spec,
}

impl EmulatorError {
    pub(crate) fn non_loopback_address(address: SocketAddr) -> Self {
        let text = format!(
            "{address} can be reached from other machines; listen on a loopback address, or call with_remote_access(true)"
        );
        Self { kind: ErrorKind::NonLoopbackAddress, text, source: None }
    }

    pub(crate) fn bind(address: SocketAddr, source: std::io::Error) -> Self {
        let text = format!("cannot listen on {address}: {source}; choose another address, or port 0 for a free one");
        Self { kind: ErrorKind::Bind, text, source: Some(Box::new(source)) }
    }

    pub(crate) fn token(text: String) -> Self {
        Self { kind: ErrorKind::Token, text, source: None }
    }

    pub(crate) fn fault(operation: &str) -> Self {
        let text = format!("a fault names {operation}, which is not an operation of the specs");
        Self { kind: ErrorKind::Fault, text, source: None }
    }

    pub(crate) fn host(reason: String) -> Self {
        Self { kind: ErrorKind::Host, text: format!("attributes cannot be set: {reason}"), source: None }
    }

    pub(crate) fn state(file: &std::path::Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let text = format!("the state file {} cannot be used: {source}", file.display());
        Self { kind: ErrorKind::State, text, source: Some(source) }
    }

    pub(crate) fn spec(document: &str, text: impl fmt::Display) -> Self {
        Self { kind: ErrorKind::Spec, text: format!("spec {document}: {text}"), source: None }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for EmulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for EmulatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
