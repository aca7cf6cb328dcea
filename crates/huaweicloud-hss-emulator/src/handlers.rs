//! Owns what each operation does once its request was found right: one function per operationId.

use crate::answer::Refusal;
use crate::calls::{AcceptedScan, Selector};
use crate::check::Checked;
use crate::enterprise::{self, EnterpriseProjects};
use crate::fleet::Inventory;
use crate::iam::{self, Iam};
use crate::listing;
use crate::queues::{Lane, Queues};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

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
    /// The queue that was filled, and until when.
    pub(crate) filled: Option<(Lane, Option<Instant>)>,
    /// A new token, for the header X-Subject-Token.
    pub(crate) subject_token: Option<String>,
}

impl Done {
    /// A 200 with this body, which started no scan.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, accepted: None, filled: None, subject_token: None }
    }
}

pub(crate) type Handler = fn(&State, &Checked) -> Result<Done, Refusal>;

/// Every operation the emulator can do.
pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateGlobalAssetScanTask", create_scan),
    ("ListGlobalAssetScanTask", scan_status),
    ("ListHostStatus", listing::hosts),
    ("ListHostGroups", listing::groups),
    ("KeystoneCreateUserTokenByPassword", iam::create_token),
    ("KeystoneListProjects", iam::list_projects),
    ("ListEnterpriseProject", enterprise::list),
];

/// The handler of an operation.
pub(crate) fn find(operation_id: &str) -> Option<Handler> {
    HANDLERS.iter().find(|(id, _)| *id == operation_id).map(|(_, handler)| *handler)
}

fn lane(request: &Checked) -> Lane {
    Lane {
        project_id: request.text("project_id").to_owned(),
        enterprise_project_id: request.text("enterprise_project_id").to_owned(),
        category: request.text("category").to_owned(),
    }
}

fn create_scan(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let hosts = state.enterprise_projects.hosts_of(request.text("enterprise_project_id")).len();
    let accepted = selection(hosts, request.body.as_ref().unwrap_or(&Value::Null))?;
    let lane = lane(request);
    let queue = format!("{}-{}", lane.project_id, lane.enterprise_project_id);
    // The service says both in the same field of a 200.
    let now = Instant::now();
    Ok(match state.queues.start(lane.clone(), now) {
        true => {
            let body = json!({ "error": format!("{queue} processed {} tasks successfully.", accepted.processed) });
            let filled = Some((lane, state.queues.ends(now)));
            Done { accepted: Some(accepted), filled, ..Done::ok(body) }
        }
        false => Done::ok(json!({ "error": format!("Current project {queue} is already in the task queue.") })),
    })
}

/// The selector that counts, of so many hosts. The service drops the others without a word, and so does this.
fn selection(hosts: usize, body: &Value) -> Result<AcceptedScan, Refusal> {
    if body["all_hosts"] == true {
        return Ok(AcceptedScan { selector: Selector::AllHosts, ids: Vec::new(), processed: hosts });
    }
    for (name, selector) in [("server_group", Selector::ServerGroup), ("host_ids", Selector::HostIds)] {
        let ids: Vec<String> =
            body[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        if !ids.is_empty() {
            return Ok(AcceptedScan { selector, processed: ids.len(), ids });
        }
    }
    Err(Refusal::bad_parameter(
        "nothing is selected: all_hosts is not true, and server_group and host_ids are absent or empty",
    ))
}

fn scan_status(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let exist = state.queues.is_busy(&lane(request), Instant::now());
    Ok(Done::ok(json!({ "exist": exist })))
}

#[cfg(test)]
mod tests {
    use super::{HANDLERS, selection};
    use crate::calls::Selector;
    use crate::routes::Routes;
    use crate::service::SPECS;
    use serde_json::json;

    #[test]
    fn these_operations_have_handlers_and_no_others_are_in_the_specs() {
        let handled: Vec<&str> = HANDLERS.iter().map(|(id, _)| *id).collect();
        assert_eq!(
            handled,
            [
                "CreateGlobalAssetScanTask",
                "ListGlobalAssetScanTask",
                "ListHostStatus",
                "ListHostGroups",
                "KeystoneCreateUserTokenByPassword",
                "KeystoneListProjects",
                "ListEnterpriseProject"
            ]
        );
        let routes = Routes::load(SPECS).unwrap();
        for operation in routes.operations() {
            assert!(handled.contains(&operation.id.as_str()), "{} has no handler: it answers 501", operation.id);
        }
    }

    #[test]
    fn all_hosts_goes_before_server_group_before_host_ids() {
        for (body, selector, ids) in [
            (json!({"all_hosts": true, "server_group": ["g"], "host_ids": ["h"]}), Selector::AllHosts, &[][..]),
            (json!({"all_hosts": true}), Selector::AllHosts, &[]),
            (json!({"all_hosts": false, "server_group": ["g"], "host_ids": ["h"]}), Selector::ServerGroup, &["g"]),
            (json!({"server_group": [], "host_ids": ["h", "主机", "h"]}), Selector::HostIds, &["h", "主机", "h"]),
        ] {
            let accepted = selection(7, &body).unwrap();
            assert_eq!(
                (accepted.selector, &accepted.ids[..]),
                (selector, &ids.iter().map(|id| id.to_string()).collect::<Vec<_>>()[..])
            );
            assert_eq!(accepted.processed, if selector == Selector::AllHosts { 7 } else { ids.len() });
        }
        for body in [json!({}), json!({"all_hosts": false}), json!({"server_group": [], "host_ids": []})] {
            let refusal = selection(7, &body).unwrap_err();
            assert_eq!(refusal.code, "HSS.0001");
            assert!(["all_hosts", "server_group", "host_ids"].iter().all(|name| refusal.text.contains(name)));
        }
    }
}
