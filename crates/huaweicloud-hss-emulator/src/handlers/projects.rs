//! Lists the projects that IAM knows.

use serde_json::{Value, json};

use crate::error_response::Refusal;
use crate::model::iam::{DOMAIN_ID, Project};
use crate::spec::validate::Checked;

use super::state::{Done, State};

/// Lists the projects, or those with a name.
pub(super) fn list(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let name = request.parameters.get("name").and_then(Value::as_str);
    let number = |name: &str| {
        let value = request.parameters.get(name).and_then(Value::as_u64);
        value.map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    let size = number("per_page").unwrap_or(usize::MAX);
    let skipped = number("page").unwrap_or(1).saturating_sub(1).saturating_mul(size);
    let found = state.iam.projects.iter().filter(|project| name.is_none_or(|name| name == project.name));
    let page: Vec<Value> = found.skip(skipped).take(size).map(shown).collect();
    // The links lead nowhere outside of the emulator, not even by mistake.
    Ok(Done::ok(json!({ "projects": page, "links": { "self": "/v3/projects", "next": null, "previous": null } })))
}

fn shown(project: &Project) -> Value {
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
