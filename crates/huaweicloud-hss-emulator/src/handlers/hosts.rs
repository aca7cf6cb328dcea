//! Lists hosts. Without a filter, a page of a large inventory costs no more than one of a small inventory.

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::model::host_details::{HostDetails, agent_id, private_ip};
use crate::spec::validate::ValidatedRequest;

use super::host_filter::{HostFilter, cluster_id};
use super::state::{HandlerOutput, HandlerState};

/// Lists a page of hosts.
pub(super) fn list(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let inventory = &state.inventory;
    let filter = HostFilter::new(state, request);
    let (offset, limit) = (request.count("offset"), request.count("limit"));
    let all = filter.range.clone();
    let by_risk = request.text("sort_key") == "risk_num";
    let (total, page): (usize, Vec<usize>) = if filter.is_empty() && !by_risk {
        (all.len(), all.skip(offset).take(limit).collect())
    } else {
        let mut found: Vec<usize> = all
            .filter(|index| inventory.hosts().get(*index).is_some_and(|host| filter.matches(state, *index, host)))
            .collect();
        if by_risk {
            let risks = |index: &usize| state.assets.details(*index).as_ref().map_or(0, HostDetails::risk_num);
            found.sort_by_cached_key(risks);
            if request.text("sort_dir") == "desc" {
                found.reverse();
            }
        }
        (found.len(), found.into_iter().skip(offset).take(limit).collect())
    };
    let data: Vec<Value> = page.into_iter().filter_map(|index| host_json(state, index)).collect();
    Ok(HandlerOutput::ok(json!({ "total_num": total, "data_list": data })))
}

fn host_json(state: &HandlerState, index: usize) -> Option<Value> {
    let inventory = &state.inventory;
    let host = inventory.hosts().get(index)?;
    let group = inventory.group_of(host)?;
    let details = state.assets.details(index)?;
    let owner = state.enterprise_projects.of_host(index);
    let [asset, vulnerability, baseline, intrusion] = details.risks;
    let mut json = json!({
        "host_id": host.id(),
        "host_name": host.name(),
        "private_ip": private_ip(index),
        "public_ip": "",
        "enterprise_project_id": owner.map(|owner| owner.id.as_str()).unwrap_or_default(),
        "enterprise_project_name": owner.map(|owner| owner.name.as_str()).unwrap_or_default(),
        "os_type": details.os_type,
        "os_name": details.os_name,
        "host_status": details.host_status,
        "agent_status": details.agent_status,
        "version": details.version,
        "protect_status": details.protect_status,
        "protect_interrupt": details.protect_interrupt,
        "protect_degradation": details.protect_degradation,
        "detect_result": details.detect_result,
        "asset_value": details.asset_value,
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
        json["agent_id"] = agent_id(host).into();
        json["agent_version"] = if details.upgradable { "3.2.8" } else { "3.2.15" }.into();
        json["agent_create_time"] = details.installed_at.into();
        json["agent_update_time"] = details.installed_at.into();
    }
    if details.protect_status != "closed" {
        json["policy_group_id"] =
            inventory.random_for(usize::MAX - usize::from(details.os_type == "Linux")).uuid().into();
        json["open_time"] = details.installed_at.saturating_add(60_000).into();
    }
    if let Some(id) = cluster_id(inventory, &details, host) {
        json["cluster_id"] = id.into();
        json["container_type"] = 0.into();
    }
    Some(json)
}
