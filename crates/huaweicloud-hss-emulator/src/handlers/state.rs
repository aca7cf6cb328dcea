//! The input and output that all handlers share.

use http::StatusCode;
use serde_json::Value;

use crate::model::clock::Clock;
use crate::model::enterprise_projects::EnterpriseProjects;
use crate::model::iam::Iam;
use crate::model::inventory::Inventory;
use crate::model::queues::{PendingScan, Queues};
use crate::model::request_log::AcceptedScan;

/// The data that handlers read and change.
pub(crate) struct HandlerState {
    pub(crate) inventory: Inventory,
    pub(crate) enterprise_projects: EnterpriseProjects,
    pub(crate) queues: Queues,
    pub(crate) iam: Iam,
    pub(crate) clock: Clock,
}

/// The response of a handler, and the scan that it started.
pub(crate) struct HandlerOutput {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) accepted: Option<AcceptedScan>,
    pub(crate) started: Option<PendingScan>,
    /// A new token for the header X-Subject-Token.
    pub(crate) subject_token: Option<String>,
}

impl HandlerOutput {
    /// Returns a response with status 200 that started no scan.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, accepted: None, started: None, subject_token: None }
    }
}
