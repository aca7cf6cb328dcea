//! `hss scan`, `hss status` and `hss report`.

mod fleet;
mod interrupted;
mod journal;
mod metrics;
mod outcomes;
mod pacing;
mod readers;
mod results;
mod targets;
