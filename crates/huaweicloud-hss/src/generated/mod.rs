//! The clients that the generator makes from the specs, and the types that their code is built on.

pub(crate) mod bounded_vec;
pub(crate) mod bounds;
pub mod eps;
pub mod hss;
pub mod iam;
pub(crate) mod secret_string;
pub(crate) mod set_some;
