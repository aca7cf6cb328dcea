//! The asset inventory: what scans found on servers and in containers.

/// The client that the generator makes from `spec/assets.yaml`.
pub use crate::generated::assets as api;
