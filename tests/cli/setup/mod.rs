//! What a run needs before it sends anything: credentials, settings and a reachable service.

mod auth;
mod doctor;
mod environment;
mod network;
mod sources;
