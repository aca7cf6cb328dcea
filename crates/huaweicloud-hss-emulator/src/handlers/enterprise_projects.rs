//! Lists the enterprise projects.

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::model::enterprise_projects::{DEFAULT_ID, EnterpriseProject};
use crate::spec::validate::ValidatedRequest;

use super::state::{HandlerOutput, HandlerState};

/// Lists the enterprise projects that match the filters.
pub(super) fn list(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let projects = state.enterprise_projects.all();
    let text = |name: &str| request.parameters.get(name).and_then(Value::as_str);
    let (id, name, kind) = (text("id"), text("name"), text("type"));
    let status = request.parameters.get("status").and_then(Value::as_u64);
    let mut found: Vec<&EnterpriseProject> = projects
        .iter()
        .filter(|project| {
            id.is_none_or(|id| id == project.id)
                && name.is_none_or(|name| project.name.contains(name))
                && status.is_none_or(|status| status == project.status())
                && kind.is_none_or(|kind| kind == project.kind())
        })
        .collect();
    if text("sort_key") == Some("name") {
        found.sort_by(|one, other| one.name.cmp(&other.name));
    }
    if text("sort_dir") == Some("desc") {
        found.reverse();
    }
    let total = found.len();
    let page = found.into_iter().skip(request.count("offset")).take(request.count("limit"));
    let page: Vec<Value> = page.map(project_json).collect();
    Ok(HandlerOutput::ok(json!({ "enterprise_projects": page, "total_count": total })))
}

fn project_json(project: &EnterpriseProject) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "description": if project.id == DEFAULT_ID { "Contains everything that is in no other enterprise project" } else { "" },
        "status": project.status(),
        "type": project.kind(),
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "delete_flag": false,
    })
}
