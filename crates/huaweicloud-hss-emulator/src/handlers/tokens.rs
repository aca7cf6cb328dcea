//! Exchanges a password for a token.

use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::auth::clock::iso;
use crate::error_response::Refusal;
use crate::model::iam::{DOMAIN_ID, Project};
use crate::spec::validate::Checked;

use super::state::{Done, State};

/// Exchanges a password for a token.
pub(super) fn create(state: &State, request: &Checked) -> Result<Done, Refusal> {
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

fn bad_request(text: &str) -> Refusal {
    Refusal::keystone(StatusCode::BAD_REQUEST, text)
}
