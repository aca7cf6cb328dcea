//! What handlers work on, and what they return.

use http::StatusCode;
use serde_json::Value;

use crate::model::enterprise_projects::EnterpriseProjects;
use crate::model::iam::Iam;
use crate::model::inventory::Inventory;
use crate::model::queues::{PendingScan, Queues};
use crate::model::request_log::AcceptedScan;

/// What handlers work on.
pub(crate) struct State {
    pub(crate) inventory: Inventory,
    pub(crate) enterprise_projects: EnterpriseProjects,
    pub(crate) queues: Queues,
    pub(crate) iam: Iam,
}

/// What a handler did: the answer, and what a scan was started for.
pub(crate) struct Done {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) accepted: Option<AcceptedScan>,
    pub(crate) started: Option<PendingScan>,
    /// A new token, for the header X-Subject-Token.
    pub(crate) subject_token: Option<String>,
}

impl Done {
    /// A 200 with this body, which started no scan.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, accepted: None, started: None, subject_token: None }
    }
}
