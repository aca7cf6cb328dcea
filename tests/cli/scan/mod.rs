//! `hss scan`, `hss status` and `hss report`.

mod fleet;
mod interrupted;
mod journal;
mod outcomes;
mod readers;
mod results;
mod targets;
