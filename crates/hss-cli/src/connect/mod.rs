//! Turns flags, environment variables and files into clients and queues. One error lists everything that is missing.

mod account_services;
mod connection;
mod connection_settings;
mod emulator;
mod environment;
mod queues;

pub(crate) use account_services::account_services;
pub(crate) use connection::{Connection, connect, connect_service};
pub(crate) use connection_settings::ConnectionSettings;
#[cfg(not(feature = "emulator"))]
pub(crate) use emulator::emulator_missing;
pub(crate) use environment::{endpoint, http_config, other_projects, project, region};
pub(crate) use queues::{complete_queue, plan_queues_offline, set_default_regions, validate_dry_run};
