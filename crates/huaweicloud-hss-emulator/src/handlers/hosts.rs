//! Lists hosts page by page. Without a filter a page costs no more in a large inventory.

use serde_json::{Value, json};

use crate::error_response::Refusal;
use crate::model::host_details::Details;
use crate::spec::validate::Checked;

use super::host_filter::{Filter, cluster_id};
use super::state::{Done, State};

/// Lists hosts.
pub(super) fn list(state: &State, request: &Checked) -> Result<Done, Refusal> {
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
