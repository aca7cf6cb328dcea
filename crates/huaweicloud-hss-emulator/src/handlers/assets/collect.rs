//! Collects one kind of asset on one server, and reports how that went.

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::handlers::state::{HandlerOutput, HandlerState, WebFrameworkSpelling};
use crate::model::assets::fault::HostFaults;
use crate::model::assets::kind::{AssetCategory, AssetKind};
use crate::model::assets::orders::{Order, OrderedBy, Targets};
use crate::model::assets::truth::CollectStatus;
use crate::spec::validate::ValidatedRequest;

/// Returns the kind of a request, if the emulator knows its spelling.
fn kind(state: &HandlerState, request: &ValidatedRequest) -> Result<AssetKind, ErrorResponse> {
    let name = request.text("type");
    let unknown = match state.web_framework_spelling {
        WebFrameworkSpelling::Both => None,
        WebFrameworkSpelling::Framework => Some("web-framwork"),
        WebFrameworkSpelling::Framwork => Some("web-framework"),
    };
    AssetKind::collected_as(name).filter(|_| unknown != Some(name)).ok_or_else(|| {
        ErrorResponse::invalid_parameter(format!("type is {name:?}, which is not a kind that a server can collect"))
    })
}

/// Starts a collection. One on an unknown host has no effect.
pub(super) fn run(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let kind = kind(state, request)?;
    let host = host(state, request);
    let now = state.clock.now();
    let order = host.map(|index| Order {
        by: OrderedBy::Manual,
        category: AssetCategory::Host,
        kind: Some(kind),
        targets: Targets::Hosts(vec![index]),
        ordered_millis: state.assets.millis(Some(now)),
        ends_millis: state.assets.millis(now.checked_add(state.queues.scan_duration())),
        faults: HostFaults::default(),
    });
    Ok(HandlerOutput { order, ..HandlerOutput::ok(Value::Null) })
}

/// Reports the last collection that was ordered.
pub(super) fn status(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let kind = kind(state, request)?;
    let (status, scanned) = host(state, request).map_or((CollectStatus::NeverScanned, None), |index| {
        state.assets.collect_status(index, kind, state.now_millis())
    });
    Ok(HandlerOutput::ok(json!({ "scan_status": status, "scanned_time": scanned.unwrap_or_default() })))
}

/// Returns the host of a request, if it is in its enterprise project.
fn host(state: &HandlerState, request: &ValidatedRequest) -> Option<usize> {
    let hosts = state.enterprise_projects.hosts_of(request.text("enterprise_project_id"));
    state.assets.index_of(request.text("host_id")).filter(|index| hosts.contains(index))
}
