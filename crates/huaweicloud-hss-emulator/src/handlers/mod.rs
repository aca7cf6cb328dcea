//! Does what each operation does once its request is validated: one function per operation id.

mod enterprise_projects;
mod host_filter;
mod host_groups;
mod hosts;
mod projects;
mod scan;
pub(crate) mod state;
mod tokens;

use crate::error_response::Refusal;
use crate::spec::validate::Checked;

use self::state::{Done, State};

pub(crate) type Handler = fn(&State, &Checked) -> Result<Done, Refusal>;

/// Every operation the emulator can do.
pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateGlobalAssetScanTask", scan::create),
    ("ListGlobalAssetScanTask", scan::status),
    ("ListHostStatus", hosts::list),
    ("ListHostGroups", host_groups::list),
    ("KeystoneCreateUserTokenByPassword", tokens::create),
    ("KeystoneListProjects", projects::list),
    ("ListEnterpriseProject", enterprise_projects::list),
];

/// The handler of an operation.
pub(crate) fn find(operation_id: &str) -> Option<Handler> {
    HANDLERS.iter().find(|(id, _)| *id == operation_id).map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests;
