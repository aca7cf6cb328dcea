//! Tells when a hand-written OpenAPI spec and the vendor's page it was written from say different things, as typed facts.
pub mod yaml;
