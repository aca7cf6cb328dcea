//! The state of the emulator: its inventory and assets, projects and users, scan queues, and the request log.

pub(crate) mod assets;
pub(crate) mod clock;
pub(crate) mod enterprise_projects;
pub(crate) mod exports;
pub(crate) mod host_details;
pub(crate) mod iam;
pub(crate) mod inventory;
pub(crate) mod persistence;
pub(crate) mod prng;
pub(crate) mod queues;
pub(crate) mod request_log;
