//! The asset inventory, and which servers were scanned.

mod assets;
mod proof;
