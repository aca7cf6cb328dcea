//! Clients of the services that HSS depends on.

pub mod eps;
pub mod iam;
