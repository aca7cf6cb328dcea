//! Starts scans, and reports whether one is pending.

use std::ops::Range;

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::model::assets::fault::HostFaults;
use crate::model::assets::kind::AssetCategory;
use crate::model::assets::orders::{Order, OrderedBy, Targets};
use crate::model::queues::QueueKey;
use crate::model::request_log::{AcceptedScan, Selector};
use crate::spec::validate::ValidatedRequest;

use super::state::{HandlerOutput, HandlerState};

fn queue_key(request: &ValidatedRequest) -> QueueKey {
    QueueKey {
        project_id: request.text("project_id").to_owned(),
        enterprise_project_id: request.text("enterprise_project_id").to_owned(),
        category: request.text("category").to_owned(),
    }
}

pub(super) fn create(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let hosts = state.enterprise_projects.hosts_of(request.text("enterprise_project_id"));
    let accepted = selection(hosts.len(), request.body.as_ref().unwrap_or(&Value::Null))?;
    let key = queue_key(request);
    let queue = format!("{}-{}", key.project_id, key.enterprise_project_id);
    let now = state.clock.now();
    // The service reports both outcomes in the same field of a 200.
    Ok(match state.queues.start(key, now) {
        Some(started) => {
            let order = Order {
                by: OrderedBy::Scan,
                category: AssetCategory::named(&started.queue.category),
                kind: None,
                targets: targets(state, hosts, &accepted),
                ordered_millis: state.assets.millis(Some(now)),
                ends_millis: state.assets.millis(started.ends_at),
                faults: HostFaults::default(),
            };
            let body = json!({ "error": format!("{queue} processed {} tasks successfully.", accepted.processed) });
            HandlerOutput {
                accepted: Some(accepted),
                started: Some(started),
                order: Some(order),
                ..HandlerOutput::ok(body)
            }
        }
        None => HandlerOutput::ok(json!({ "error": format!("Current project {queue} is already in the task queue.") })),
    })
}

/// Returns the hosts that a scan collects: those of its targets that are in the enterprise project.
fn targets(state: &HandlerState, hosts: Range<usize>, accepted: &AcceptedScan) -> Targets {
    let mut indexes: Vec<usize> = match accepted.selector {
        Selector::AllHosts => return Targets::All(hosts),
        Selector::ServerGroup => {
            let groups = state.inventory.groups().iter().filter(|group| accepted.ids.iter().any(|id| id == group.id()));
            groups.flat_map(|group| group.indexes()).copied().collect()
        }
        Selector::HostIds => accepted.ids.iter().filter_map(|id| state.assets.index_of(id)).collect(),
    };
    indexes.retain(|index| hosts.contains(index));
    indexes.sort_unstable();
    indexes.dedup();
    Targets::Hosts(indexes)
}

/// Returns what the body selects. Like the service, it silently ignores all selectors but the first.
fn selection(hosts: usize, body: &Value) -> Result<AcceptedScan, ErrorResponse> {
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
    Err(ErrorResponse::invalid_parameter(
        "nothing is selected: all_hosts is not true, and server_group and host_ids are absent or empty",
    ))
}

pub(super) fn status(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let exist = state.queues.is_busy(&queue_key(request), state.clock.now());
    Ok(HandlerOutput::ok(json!({ "exist": exist })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::request_log::Selector;

    use super::selection;

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
            let response = selection(7, &body).unwrap_err();
            assert_eq!(response.code, "HSS.0001");
            assert!(["all_hosts", "server_group", "host_ids"].iter().all(|name| response.message.contains(name)));
        }
    }
}
