//! Owns the two operations that list hosts and groups, page by page. Without a filter a page costs no more in a large inventory.

use crate::answer::Refusal;
use crate::check::Checked;
use crate::details::Details;
use crate::fleet::{Group, Host, Inventory};
use crate::handlers::{Done, State};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::ops::Range;

/// Reads a word or a flag out of a host's details.
type Word = fn(&Details) -> &'static str;
type Flag = fn(&Details) -> bool;

/// What a list of hosts is narrowed down to. Names are found by any part of them, ids only whole: no document says how the
/// service compares.
struct Filter<'r> {
    /// The hosts of the enterprise project.
    range: Range<usize>,
    host_id: Option<&'r str>,
    host_name: Option<&'r str>,
    host_ids: Option<HashSet<&'r str>>,
    host_names: Option<HashSet<&'r str>>,
    /// A group is asked for by `group_id` or `server_group`; each narrows by itself.
    groups: Vec<&'r str>,
    group_name: Option<&'r str>,
    agent_status: Option<&'r str>,
    /// What must be equal to a detail: which one, and the text asked for.
    details: Vec<(Word, &'r str)>,
    flags: Vec<(Flag, bool)>,
    cluster_id: Option<&'r str>,
}

impl<'r> Filter<'r> {
    fn new(state: &State, request: &'r Checked) -> Self {
        let text = |name: &str| request.parameters.get(name).and_then(Value::as_str);
        let list = |name: &str| text(name).map(|ids| ids.split(',').map(str::trim).collect());
        let named: [(_, Word); 6] = [
            ("protect_status", |details| details.protect_status),
            ("host_status", |details| details.host_status),
            ("detect_result", |details| details.detect_result),
            ("version", |details| details.version),
            ("os_type", |details| details.os_type),
            ("asset_value", |details| details.asset_value),
        ];
        let flags: [(_, Flag); 2] =
            [("outside_host", |details| details.outside), ("incluster", |details| details.in_cluster)];
        Self {
            range: state.enterprise_projects.hosts_of(request.text("enterprise_project_id")),
            host_id: text("host_id"),
            host_name: text("host_name"),
            host_ids: list("host_id_list"),
            host_names: list("host_name_list"),
            groups: ["group_id", "server_group"].into_iter().filter_map(text).collect(),
            group_name: text("group_name"),
            agent_status: text("agent_status"),
            details: named.into_iter().filter_map(|(name, detail)| Some((detail, text(name)?))).collect(),
            flags: flags
                .into_iter()
                .filter_map(|(name, flag)| Some((flag, request.parameters.get(name)?.as_bool()?)))
                .collect(),
            cluster_id: text("cluster_id"),
        }
    }

    /// Whether it leaves every host of the enterprise project.
    fn is_open(&self) -> bool {
        self.host_id.is_none()
            && self.host_name.is_none()
            && self.host_ids.is_none()
            && self.host_names.is_none()
            && self.groups.is_empty()
            && self.group_name.is_none()
            && self.agent_status.is_none()
            && self.details.is_empty()
            && self.flags.is_empty()
            && self.cluster_id.is_none()
    }

    fn admits(&self, inventory: &Inventory, index: usize, host: &Host) -> bool {
        let group = || inventory.group_of(host);
        let by_name = self.host_id.is_none_or(|id| id == host.id())
            && self.host_name.is_none_or(|part| host.name().contains(part))
            && self.host_ids.as_ref().is_none_or(|ids| ids.contains(host.id()))
            && self.host_names.as_ref().is_none_or(|names| names.contains(host.name()))
            && self.groups.iter().all(|id| group().is_some_and(|group| group.id() == *id))
            && self.group_name.is_none_or(|part| group().is_some_and(|group| group.name().contains(part)));
        // Details are made up only for hosts that are still in.
        by_name && {
            let details = Details::of(inventory, index, host);
            self.agent_status.is_none_or(|status| has_agent_status(&details, status))
                && self.details.iter().all(|(detail, text)| detail(&details) == *text)
                && self.flags.iter().all(|(flag, wanted)| flag(&details) == *wanted)
                && self.cluster_id.is_none_or(|id| cluster_id(inventory, &details, host).as_deref() == Some(id))
        }
    }
}

fn has_agent_status(details: &Details, wanted: &str) -> bool {
    match wanted {
        "not_online" => details.agent_status != "online",
        "installed" => details.agent_status != "not_installed",
        other => details.agent_status == other,
    }
}

/// Lists hosts.
pub(crate) fn hosts(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let inventory = &state.inventory;
    let filter = Filter::new(state, request);
    let (offset, limit) = (request.count("offset"), request.count("limit"));
    let all = filter.range.clone();
    let by_risk = request.text("sort_key") == "risk_num";
    let (total, page): (usize, Vec<usize>) = if filter.is_open() && !by_risk {
        (all.len(), all.skip(offset).take(limit).collect())
    } else {
        let mut found: Vec<usize> = all
            .filter(|index| inventory.hosts().get(*index).is_some_and(|host| filter.admits(inventory, *index, host)))
            .collect();
        if by_risk {
            let risks = |index: &usize| {
                inventory.hosts().get(*index).map_or(0, |host| Details::of(inventory, *index, host).risk_num())
            };
            found.sort_by_cached_key(risks);
            if request.text("sort_dir") == "desc" {
                found.reverse();
            }
        }
        (found.len(), found.into_iter().skip(offset).take(limit).collect())
    };
    let shown: Vec<Value> = page.into_iter().filter_map(|index| shown_host(state, index)).collect();
    Ok(Done::ok(json!({ "total_num": total, "data_list": shown })))
}

fn shown_host(state: &State, index: usize) -> Option<Value> {
    let inventory = &state.inventory;
    let host = inventory.hosts().get(index)?;
    let group = inventory.group_of(host)?;
    let details = Details::of(inventory, index, host);
    let owner = state.enterprise_projects.of_host(index);
    let [asset, vulnerability, baseline, intrusion] = details.risks;
    let mut shown = json!({
        "host_id": host.id(),
        "host_name": host.name(),
        "private_ip": format!("10.{}.{}.{}", index >> 16 & 0xFF, index >> 8 & 0xFF, index & 0xFF),
        "public_ip": "",
        "enterprise_project_id": owner.map(|owner| owner.id.as_str()).unwrap_or_default(),
        "enterprise_project_name": owner.map(|owner| owner.name.as_str()).unwrap_or_default(),
        "os_type": details.os_type,
        "os_name": details.os_name,
        "host_status": details.host_status,
        "agent_status": details.agent_status,
        "version": details.version,
        "protect_status": details.protect_status,
        "detect_result": details.detect_result,
        "group_id": group.id(),
        "group_name": group.name(),
        "asset": asset,
        "vulnerability": vulnerability,
        "baseline": baseline,
        "intrusion": intrusion,
        "outside_host": details.outside,
        "host_sources": if details.outside { "outside" } else { "ecs" },
        "expire_time": -1,
        "upgradable": details.upgradable,
    });
    if details.agent_status != "not_installed" {
        shown["agent_id"] = host.id().replace('-', "").repeat(2).into();
        shown["agent_version"] = if details.upgradable { "3.2.8" } else { "3.2.15" }.into();
        shown["agent_create_time"] = details.installed_at.into();
        shown["agent_update_time"] = details.installed_at.into();
    }
    if details.protect_status != "closed" {
        shown["policy_group_id"] =
            inventory.numbers_of(usize::MAX - usize::from(details.os_type == "Linux")).uuid().into();
        shown["open_time"] = details.installed_at.saturating_add(60_000).into();
    }
    if let Some(id) = cluster_id(inventory, &details, host) {
        shown["cluster_id"] = id.into();
        shown["container_type"] = 0.into();
    }
    Some(shown)
}

/// The nodes of one group are one cluster.
fn cluster_id(inventory: &Inventory, details: &Details, host: &Host) -> Option<String> {
    details.in_cluster.then(|| inventory.numbers_of(usize::MAX - 2 - host.group()).uuid())
}

/// Lists groups: those with a host in the enterprise project, and of those only these hosts.
pub(crate) fn groups(state: &State, request: &Checked) -> Result<Done, Refusal> {
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
    let count = |has: Flag| hosts.iter().filter(|(_, details)| has(details)).count();
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

#[cfg(test)]
mod tests;
