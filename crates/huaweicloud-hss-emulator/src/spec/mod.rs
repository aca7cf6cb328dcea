//! Reads the OpenAPI documents and validates requests against them.

pub(crate) mod document;
pub(crate) mod embedded;
pub(crate) mod joined;
pub(crate) mod routes;
pub(crate) mod schema;
pub(crate) mod validate;
pub(crate) mod violation_message;
