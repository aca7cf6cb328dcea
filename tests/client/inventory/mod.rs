//! The asset inventory, and which servers were scanned.

mod assets;
mod called_again;
mod hostile;
mod proof;
