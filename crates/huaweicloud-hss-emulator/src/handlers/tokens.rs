//! Exchanges a password for a token.

use http::StatusCode;
use serde_json::{Value, json};

use crate::auth::clock::iam_time;
use crate::error_response::ErrorResponse;
use crate::model::iam::{DOMAIN_ID, Project};
use crate::spec::validate::ValidatedRequest;

use super::state::{HandlerOutput, HandlerState};

/// Exchanges a password for a token.
pub(super) fn create(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let iam = &state.iam;
    // The spec only describes the value `true`.
    let catalog = request.text("nocatalog") != "true";
    let auth = &request.body.as_ref().unwrap_or(&Value::Null)["auth"];
    if auth["identity"]["methods"] != json!(["password"]) {
        let text = "auth.identity.methods is not [\"password\"], the only method that this emulator supports";
        return Err(ErrorResponse::keystone(StatusCode::UNAUTHORIZED, text));
    }
    let given = &auth["identity"]["password"]["user"];
    let known = iam.users.iter().enumerate().find(|(_, user)| {
        given["domain"]["name"] == user.domain.as_str()
            && given["name"] == user.name.as_str()
            && given["password"] == user.password.as_str()
    });
    let Some((number, user)) = known else {
        return Err(ErrorResponse::keystone(StatusCode::UNAUTHORIZED, "the user name or the password is wrong"));
    };
    let domain = json!({ "id": DOMAIN_ID, "name": user.domain });
    let issued = iam.clock.now();
    // A time after the last date is written as the last date.
    let lifetime = time::Duration::try_from(iam.issuer.lifetime()).unwrap_or(time::Duration::MAX);
    let mut token = json!({
        "expires_at": iam_time(issued.saturating_add(lifetime)),
        "issued_at": iam_time(issued),
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
    Ok(HandlerOutput {
        status: StatusCode::CREATED,
        subject_token: Some(iam.issuer.issue(u16::try_from(number).unwrap_or(u16::MAX), state.clock.now())),
        ..HandlerOutput::ok(json!({ "token": token }))
    })
}

/// Returns the project that a log-in is scoped to, if any.
fn scope<'p>(projects: &'p [Project], scope: &Value) -> Result<Option<&'p Project>, ErrorResponse> {
    let Some(wanted) = scope.get("project") else { return Ok(None) };
    let (id, name) = (wanted["id"].as_str(), wanted["name"].as_str());
    if id.is_none() && name.is_none() {
        return Err(bad_request("auth.scope.project has neither id nor name"));
    }
    let found = projects
        .iter()
        .find(|project| id.is_none_or(|id| id == project.id) && name.is_none_or(|name| name == project.name));
    // Keystone returns 401 both for a project that does not exist and for one that the user may not access.
    found.map(Some).ok_or_else(|| {
        ErrorResponse::keystone(
            StatusCode::UNAUTHORIZED,
            "the project of auth.scope does not exist, or this user has no access to it",
        )
    })
}

fn bad_request(text: &str) -> ErrorResponse {
    ErrorResponse::keystone(StatusCode::BAD_REQUEST, text)
}
