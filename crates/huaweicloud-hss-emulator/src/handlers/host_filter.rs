//! Filters the list of hosts by the parameters of a request.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;

use crate::model::host_details::HostDetails;
use crate::model::inventory::{Host, Inventory};
use crate::spec::validate::ValidatedRequest;

use super::state::HandlerState;

/// Returns a text of a host's details.
type TextField = fn(&HostDetails) -> &'static str;

/// Returns a flag of a host's details.
type Flag = fn(&HostDetails) -> bool;

/// The filter of a list of hosts. Names match by substring, ids only exactly: the vendor does not document how the
/// service compares.
pub(super) struct HostFilter<'r> {
    /// The hosts of the enterprise project.
    pub(super) range: Range<usize>,
    host_id: Option<&'r str>,
    host_name: Option<&'r str>,
    host_ids: Option<HashSet<&'r str>>,
    host_names: Option<HashSet<&'r str>>,
    /// The ids of `group_id` and `server_group`. A host must be in all of these groups.
    groups: Vec<&'r str>,
    group_name: Option<&'r str>,
    agent_status: Option<&'r str>,
    /// Details, and the text that each must be equal to.
    details: Vec<(TextField, &'r str)>,
    flags: Vec<(Flag, bool)>,
    cluster_id: Option<&'r str>,
}

impl<'r> HostFilter<'r> {
    pub(super) fn new(state: &HandlerState, request: &'r ValidatedRequest) -> Self {
        let text = |name: &str| request.parameters.get(name).and_then(Value::as_str);
        let list = |name: &str| text(name).map(|ids| ids.split(',').map(str::trim).collect());
        let texts: [(_, TextField); 6] = [
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
            details: texts.into_iter().filter_map(|(name, detail)| Some((detail, text(name)?))).collect(),
            flags: flags
                .into_iter()
                .filter_map(|(name, flag)| Some((flag, request.parameters.get(name)?.as_bool()?)))
                .collect(),
            cluster_id: text("cluster_id"),
        }
    }

    /// Whether every host of the enterprise project matches.
    pub(super) fn is_empty(&self) -> bool {
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

    pub(super) fn matches(&self, state: &HandlerState, index: usize, host: &Host) -> bool {
        let inventory = &state.inventory;
        let group = || inventory.group_of(host);
        let matches_inventory = self.host_id.is_none_or(|id| id == host.id())
            && self.host_name.is_none_or(|part| host.name().contains(part))
            && self.host_ids.as_ref().is_none_or(|ids| ids.contains(host.id()))
            && self.host_names.as_ref().is_none_or(|names| names.contains(host.name()))
            && self.groups.iter().all(|id| group().is_some_and(|group| group.id() == *id))
            && self.group_name.is_none_or(|part| group().is_some_and(|group| group.name().contains(part)));
        // Details are generated only for hosts that match so far.
        let matches_details = |details: &HostDetails| {
            self.agent_status.is_none_or(|status| has_agent_status(details, status))
                && self.details.iter().all(|(detail, text)| detail(details) == *text)
                && self.flags.iter().all(|(flag, wanted)| flag(details) == *wanted)
                && self.cluster_id.is_none_or(|id| cluster_id(inventory, details, host).as_deref() == Some(id))
        };
        matches_inventory && state.assets.details(index).as_ref().is_some_and(matches_details)
    }
}

fn has_agent_status(details: &HostDetails, wanted: &str) -> bool {
    match wanted {
        "not_online" => details.agent_status != "online",
        "installed" => details.agent_status != "not_installed",
        other => details.agent_status == other,
    }
}

/// Returns the cluster of a host. The nodes of a group are one cluster.
pub(super) fn cluster_id(inventory: &Inventory, details: &HostDetails, host: &Host) -> Option<String> {
    details.in_cluster.then(|| inventory.random_for(usize::MAX - 2 - host.group()).uuid())
}
