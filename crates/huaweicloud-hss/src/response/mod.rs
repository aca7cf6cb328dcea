//! What a response means: from status, headers and body to a result, an outcome or an error.

pub(crate) mod classify;
mod error_body;
pub(crate) mod error_codes;
pub(crate) mod outcome;
pub(crate) mod redact;
