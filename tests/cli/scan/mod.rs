//! `hss scan`, `hss status` and `hss report`.

mod fleet;
mod interrupted;
mod journal;
mod outcomes;
mod pacing;
mod readers;
mod results;
mod targets;
