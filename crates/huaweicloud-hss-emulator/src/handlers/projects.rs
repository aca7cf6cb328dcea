//! Lists the projects that IAM knows.

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::model::iam::{DOMAIN_ID, Project};
use crate::spec::validate::ValidatedRequest;

use super::state::{HandlerOutput, HandlerState};

/// Lists the projects, optionally only those with a given name.
pub(super) fn list(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let name = request.parameters.get("name").and_then(Value::as_str);
    let number = |name: &str| {
        let value = request.parameters.get(name).and_then(Value::as_u64);
        value.map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    let size = number("per_page").unwrap_or(usize::MAX);
    let skipped = number("page").unwrap_or(1).saturating_sub(1).saturating_mul(size);
    let found = state.iam.projects.iter().filter(|project| name.is_none_or(|name| name == project.name));
    let page: Vec<Value> = found.skip(skipped).take(size).map(project_json).collect();
    // The links are relative, so that no client leaves the emulator by accident.
    Ok(HandlerOutput::ok(
        json!({ "projects": page, "links": { "self": "/v3/projects", "next": null, "previous": null } }),
    ))
}

fn project_json(project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "domain_id": DOMAIN_ID,
        "parent_id": DOMAIN_ID,
        "enabled": true,
        "description": "",
        "is_domain": false,
        "links": { "self": format!("/v3/projects/{}", project.id) },
    })
}
