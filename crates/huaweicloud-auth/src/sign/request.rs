//! The request to sign.

use std::fmt;

/// A request as it will be sent.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, such as `POST`.
    pub method: &'a str,
    /// The Host header's value: the host, and the port if it is not the scheme's default.
    pub host: &'a str,
    /// The path as sent, with or without percent-encoding: both sign the same. An empty one means `/`.
    pub path: &'a str,
    /// The query as sent, without `?`, in the form encoding that URL libraries write: `+` and `%20` are both a space.
    /// Send [`SignedRequest::query`](super::SignedRequest::query) instead and no gateway can read it differently.
    pub query: &'a str,
    /// The headers to sign besides those that the signer adds.
    ///
    /// Content-Type must be among them if it is sent; headers that a proxy may change should not be. A name with an
    /// underscore is not signed. The body is signed if the Content-Type is JSON, BSON or absent.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body's bytes.
    pub body: &'a [u8],
    /// The id header to add.
    pub scope: Scope<'a>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values, query and body may be private.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The id header that the vendor's SDKs send: a project for regional services, an account for global ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope<'a> {
    /// Neither, for example when IAM is asked for the project id.
    #[default]
    None,
    /// X-Project-Id.
    Project(&'a str),
    /// X-Domain-Id.
    Domain(&'a str),
}

impl<'a> Scope<'a> {
    /// Returns the name and the value of the id header.
    pub(super) fn header(self) -> Option<(&'static str, &'a str)> {
        match self {
            Self::None => None,
            Self::Project(id) => Some(("x-project-id", id)),
            Self::Domain(id) => Some(("x-domain-id", id)),
        }
    }
}
