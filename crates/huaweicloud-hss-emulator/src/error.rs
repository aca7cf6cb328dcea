//! Owns the errors of building and starting an emulator; answers to requests are not errors (see `answer`).

use std::fmt;
use std::net::SocketAddr;

/// Why an emulator could not be made.
#[derive(Debug)]
pub struct EmulatorError {
    kind: ErrorKind,
    text: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address is reachable from other machines, and that was not asked for.
    NonLoopbackAddress,
    /// The address could not be bound: taken, not of this machine, or not permitted.
    Bind,
    /// The fixed token is one that no request could carry.
    Token,
    /// A fault is for an operation that no spec has.
    Fault,
    /// The state file cannot be used.
    State,
    /// An OpenAPI document is broken, or uses something the emulator cannot judge.
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
        let text = format!("a fault is for {operation}, which is no operation of the specs");
        Self { kind: ErrorKind::Fault, text, source: None }
    }

    pub(crate) fn state(file: &std::path::Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let text = format!("the state file {} cannot be used: {source}", file.display());
        Self { kind: ErrorKind::State, text, source: Some(source) }
    }

    pub(crate) fn spec(document: &str, text: impl fmt::Display) -> Self {
        Self { kind: ErrorKind::Spec, text: format!("spec {document}: {text}"), source: None }
    }

    /// What sort of thing went wrong.
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
