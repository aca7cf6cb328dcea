//! Lists host groups page by page.

use std::ops::Range;

use serde_json::{Value, json};

use crate::error_response::Refusal;
use crate::model::host_details::Details;
use crate::model::inventory::{Group, Inventory};
use crate::spec::validate::Checked;

use super::state::{Done, State};

/// Lists groups: those with a host in the enterprise project, and of those only these hosts.
pub(super) fn list(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let range = state.enterprise_projects.hosts_of(request.text("enterprise_project_id"));
    let name = request.parameters.get("group_name").and_then(Value::as_str);
    let found: Vec<(&Group, &[usize])> = state
        .inventory
        .groups()
        .iter()
        .filter(|group| name.is_none_or(|part| group.name().contains(part)))
        .map(|group| (group, within(group.indexes(), &range)))
        .filter(|(_, hosts)| !hosts.is_empty())
        .collect();
    let total = found.len();
    let page = found.into_iter().skip(request.count("offset")).take(request.count("limit"));
    let shown: Vec<Value> = page.map(|(group, hosts)| shown_group(&state.inventory, group, hosts)).collect();
    Ok(Done::ok(json!({ "total_num": total, "data_list": shown })))
}

/// The part of a rising list that lies in a range.
fn within<'l>(indexes: &'l [usize], range: &Range<usize>) -> &'l [usize] {
    let from = indexes.partition_point(|index| *index < range.start);
    let to = indexes.partition_point(|index| *index < range.end);
    indexes.get(from..to).unwrap_or_default()
}

fn shown_group(inventory: &Inventory, group: &Group, indexes: &[usize]) -> Value {
    let hosts: Vec<(&str, Details)> = indexes
        .iter()
        .filter_map(|index| inventory.hosts().get(*index).map(|host| (host.id(), Details::of(inventory, *index, host))))
        .collect();
    let count = |has: fn(&Details) -> bool| hosts.iter().filter(|(_, details)| has(details)).count();
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
