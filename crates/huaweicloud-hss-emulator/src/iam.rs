//! Owns the two IAM operations: a token for a password, and the list of projects.

use crate::answer::Refusal;
use crate::check::Checked;
use crate::clock::{WallClock, iso};
use crate::handlers::{Done, State};
use crate::issuer::Issuer;
use http::StatusCode;
use serde_json::{Value, json};
use std::fmt;
use tokio::time::Instant;

/// The id of the one account that everything belongs to.
const DOMAIN_ID: &str = "emulator-domain";

/// A user who may log in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) domain: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

// Written by hand: a password must not get into a log through a `{:?}`.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("domain", &self.domain).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A project that a log-in can be for.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What the IAM operations work on.
pub(crate) struct Iam {
    pub(crate) users: Vec<User>,
    pub(crate) projects: Vec<Project>,
    pub(crate) issuer: Issuer,
    pub(crate) clock: WallClock,
}

/// Exchanges a password for a token.
pub(crate) fn create_token(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let iam = &state.iam;
    // The spec leaves the text open, and says what `true` does.
    let catalog = request.text("nocatalog") != "true";
    let auth = &request.body.as_ref().unwrap_or(&Value::Null)["auth"];
    if auth["identity"]["methods"] != json!(["password"]) {
        let text = "auth.identity.methods is not [\"password\"], the one way this emulator knows";
        return Err(Refusal::keystone(StatusCode::UNAUTHORIZED, text));
    }
    let given = &auth["identity"]["password"]["user"];
    let known = iam.users.iter().enumerate().find(|(_, user)| {
        given["domain"]["name"] == user.domain.as_str()
            && given["name"] == user.name.as_str()
            && given["password"] == user.password.as_str()
    });
    let Some((number, user)) = known else {
        return Err(Refusal::keystone(StatusCode::UNAUTHORIZED, "the user name or the password is wrong"));
    };
    let domain = json!({ "id": DOMAIN_ID, "name": user.domain });
    let issued = iam.clock.now();
    // A lifetime beyond what a date can say is written as the last date there is.
    let lifetime = time::Duration::try_from(iam.issuer.lifetime()).unwrap_or(time::Duration::MAX);
    let mut token = json!({
        "expires_at": iso(issued.saturating_add(lifetime)),
        "issued_at": iso(issued),
        "methods": ["password"],
        "roles": [],
        "user": { "domain": domain, "id": format!("emulator-user-{}", number + 1), "name": user.name },
    });
    if let Some(project) = scope(&iam.projects, &auth["scope"])? {
        token["project"] = json!({ "domain": domain, "id": project.id, "name": project.name });
    }
    if catalog {
        token["catalog"] = json!([]);
    }
    Ok(Done {
        status: StatusCode::CREATED,
        body: json!({ "token": token }),
        accepted: None,
        started: None,
        subject_token: Some(iam.issuer.issue(Instant::now())),
    })
}

/// The project a log-in is for; `None` when it names none.
fn scope<'p>(projects: &'p [Project], scope: &Value) -> Result<Option<&'p Project>, Refusal> {
    let Some(wanted) = scope.get("project") else { return Ok(None) };
    let (id, name) = (wanted["id"].as_str(), wanted["name"].as_str());
    if id.is_none() && name.is_none() {
        return Err(bad_request("auth.scope.project has neither id nor name"));
    }
    let found = projects
        .iter()
        .find(|project| id.is_none_or(|id| id == project.id) && name.is_none_or(|name| name == project.name));
    // Keystone does not tell a project that is not there from one that is closed to the user: both are a 401.
    found.map(Some).ok_or_else(|| {
        Refusal::keystone(
            StatusCode::UNAUTHORIZED,
            "the project of auth.scope does not exist, or is closed to this user",
        )
    })
}

/// Lists the projects, or those with a name.
pub(crate) fn list_projects(state: &State, request: &Checked) -> Result<Done, Refusal> {
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

fn bad_request(text: &str) -> Refusal {
    Refusal::keystone(StatusCode::BAD_REQUEST, text)
}

#[cfg(test)]
mod tests;
