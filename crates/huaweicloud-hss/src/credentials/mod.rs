//! Where a client's credentials come from: the sources that use the network, and the resolver that asks all sources in
//! order.

pub(crate) mod ecs_metadata;
pub(crate) mod iam_password;
mod iam_variables;
pub(crate) mod resolver;
