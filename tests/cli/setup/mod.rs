//! What a run needs before it can send anything: credentials, settings, and a service that can be reached.

mod auth;
mod doctor;
mod environment;
