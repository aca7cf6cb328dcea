//! The input and output that all handlers share.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::error_response::ErrorResponse;
use crate::model::assets::Assets;
use crate::model::assets::orders::Order;
use crate::model::clock::Clock;
use crate::model::enterprise_projects::EnterpriseProjects;
use crate::model::exports::{ExportedFile, Exports};
use crate::model::iam::Iam;
use crate::model::inventory::Inventory;
use crate::model::queues::{PendingScan, Queues};
use crate::model::request_log::AcceptedScan;
use crate::spec::validate::ValidatedRequest;

/// Executes an operation.
pub(crate) type Handler = fn(&HandlerState, &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse>;

/// The data that handlers read and change.
pub(crate) struct HandlerState {
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) assets: Assets,
    pub(crate) exports: Exports,
    pub(crate) web_framework_spelling: WebFrameworkSpelling,
    pub(crate) enterprise_projects: EnterpriseProjects,
    pub(crate) queues: Queues,
    pub(crate) iam: Iam,
    pub(crate) clock: Clock,
}

/// How the emulator spells the kind of web frameworks in the paths of collections of one host. The vendor's documents
/// have both spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WebFrameworkSpelling {
    /// Both spellings are known.
    #[default]
    Both,
    /// Only `web-framework`.
    Framework,
    /// Only `web-framwork`.
    Framwork,
}

impl HandlerState {
    /// Returns the time of the emulator's clock, in milliseconds since 1970.
    pub(crate) fn now_millis(&self) -> i64 {
        self.assets.millis(Some(self.clock.now()))
    }
}

/// The response of a handler, and the scan that it started.
pub(crate) struct HandlerOutput {
    pub(crate) status: StatusCode,
    /// `null` for a response without a body.
    pub(crate) body: Value,
    /// A file in place of the body.
    pub(crate) file: Option<ExportedFile>,
    pub(crate) accepted: Option<AcceptedScan>,
    pub(crate) started: Option<PendingScan>,
    /// The collection that was ordered.
    pub(crate) order: Option<Order>,
    /// A new token for the header X-Subject-Token.
    pub(crate) subject_token: Option<String>,
}

impl HandlerOutput {
    /// Returns a response with status 200 that started no scan.
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            file: None,
            accepted: None,
            started: None,
            order: None,
            subject_token: None,
        }
    }
}
