//! Which servers were scanned, and which never can be.

mod coverage;
mod verify;
