//! The workspace itself: what its crates depend on, and where its links lead.

mod dependencies;
mod links;
