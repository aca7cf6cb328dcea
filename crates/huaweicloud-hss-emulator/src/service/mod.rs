//! Responds to requests without a socket.

mod change;
mod in_process;
mod pipeline;

pub use in_process::InProcessService;
pub(crate) use in_process::Settings;
pub use pipeline::MAX_BODY_BYTES;
pub(crate) use pipeline::{BodyError, SUBJECT_TOKEN};

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;
