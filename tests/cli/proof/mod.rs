//! Which servers were scanned, and which never can be.

mod collect;
mod coverage;
mod verify;
