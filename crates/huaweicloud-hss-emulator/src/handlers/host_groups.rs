//! Lists host groups.

use std::ops::Range;

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::model::host_details::HostDetails;
use crate::model::inventory::Group;
use crate::spec::validate::ValidatedRequest;

use super::state::{HandlerOutput, HandlerState};

/// Lists a page of the groups that have hosts in the enterprise project, with only these hosts.
pub(super) fn list(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let range = state.enterprise_projects.hosts_of(request.text("enterprise_project_id"));
    let name = request.parameters.get("group_name").and_then(Value::as_str);
    let found: Vec<(&Group, &[usize])> = state
        .inventory
        .groups()
        .iter()
        .filter(|group| name.is_none_or(|part| group.name().contains(part)))
        .map(|group| (group, part_in_range(group.indexes(), &range)))
        .filter(|(_, hosts)| !hosts.is_empty())
        .collect();
    let total = found.len();
    let page = found.into_iter().skip(request.count("offset")).take(request.count("limit"));
    let data: Vec<Value> = page.map(|(group, hosts)| group_json(state, group, hosts)).collect();
    Ok(HandlerOutput::ok(json!({ "total_num": total, "data_list": data })))
}

/// Returns the part of an ascending list that is in a range.
fn part_in_range<'l>(indexes: &'l [usize], range: &Range<usize>) -> &'l [usize] {
    let from = indexes.partition_point(|index| *index < range.start);
    let to = indexes.partition_point(|index| *index < range.end);
    indexes.get(from..to).unwrap_or_default()
}

fn group_json(state: &HandlerState, group: &Group, indexes: &[usize]) -> Value {
    let hosts: Vec<(&str, HostDetails)> = indexes
        .iter()
        .filter_map(|index| {
            state
                .inventory
                .hosts()
                .get(*index)
                .zip(state.assets.details(*index))
                .map(|(host, details)| (host.id(), details))
        })
        .collect();
    let count = |has: fn(&HostDetails) -> bool| hosts.iter().filter(|(_, details)| has(details)).count();
    json!({
        "group_id": group.id(),
        "group_name": group.name(),
        "host_num": hosts.len(),
        "risk_host_num": count(|details| details.risk_num() > 0),
        "unprotect_host_num": count(|details| details.protect_status == "closed"),
        "host_id_list": hosts.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        "is_outside": false,
    })
}
