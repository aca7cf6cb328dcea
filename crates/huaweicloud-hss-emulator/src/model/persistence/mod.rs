//! Keeps queues, orders, the request log and the seal of tokens beyond the end of the process.

mod format;
mod replay;
mod state_file;

pub(crate) use format::{StateError, StoredHostChange};
pub(crate) use state_file::{RestoredState, StateFile, TokenFacts};

#[cfg(test)]
mod tests;
