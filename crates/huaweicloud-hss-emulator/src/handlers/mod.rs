//! Implements the operations: one function for each, which gets a validated request.

mod assets;
mod enterprise_projects;
mod host_filter;
mod host_groups;
mod hosts;
mod projects;
mod scan;
pub(crate) mod state;
mod tokens;

use self::state::Handler;

/// The handlers of all operations but those of assets, by operation id.
pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateGlobalAssetScanTask", scan::create),
    ("ListGlobalAssetScanTask", scan::status),
    ("ListHostStatus", hosts::list),
    ("ListHostGroups", host_groups::list),
    ("KeystoneCreateUserTokenByPassword", tokens::create),
    ("KeystoneListProjects", projects::list),
    ("ListEnterpriseProject", enterprise_projects::list),
];

/// Returns the handler of an operation.
pub(crate) fn find(operation_id: &str) -> Option<Handler> {
    HANDLERS.iter().chain(assets::HANDLERS).find(|(id, _)| *id == operation_id).map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests;
