//! What a response means: from status, headers and body to a value, an outcome or an error.

pub(crate) mod classify;
pub(crate) mod clock_skew;
mod error_body;
mod error_codes;
pub(crate) mod outcome;
pub(crate) mod printable;
pub(crate) mod raw_response;
pub(crate) mod redact;
pub(crate) mod scan_text;
mod transport_error;

#[cfg(test)]
mod tests;
