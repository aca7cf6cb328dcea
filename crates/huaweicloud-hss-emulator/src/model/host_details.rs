//! Owns the details of a host beyond its id: made from the seed when they are asked for, and the same each time.

use crate::model::inventory::{AgentStatus, Host, Inventory};

/// What is known of one host, in the words of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) agent_status: &'static str,
    pub(crate) host_status: &'static str,
    pub(crate) protect_status: &'static str,
    pub(crate) detect_result: &'static str,
    pub(crate) version: &'static str,
    pub(crate) os_type: &'static str,
    pub(crate) os_name: &'static str,
    pub(crate) asset_value: &'static str,
    pub(crate) outside: bool,
    pub(crate) in_cluster: bool,
    pub(crate) upgradable: bool,
    /// Assets, vulnerabilities, baseline and intrusion: how many risks of each kind.
    pub(crate) risks: [u32; 4],
    /// When its agent was installed, in milliseconds since 1970.
    pub(crate) installed_at: i64,
}

const LINUX: [&str; 4] =
    ["EulerOS 2.9 64bit", "Ubuntu 22.04 server 64bit", "CentOS 7.9 64bit", "Huawei Cloud EulerOS 2.0 64bit"];
const WINDOWS: [&str; 2] =
    ["Windows Server 2019 Datacenter 64bit English", "Windows Server 2022 Datacenter 64bit English"];

/// What protects a host that is protected, by weight. A node of a cluster has the container edition instead.
const EDITIONS: [&str; 8] = [
    "hss.version.enterprise",
    "hss.version.enterprise",
    "hss.version.enterprise",
    "hss.version.premium",
    "hss.version.premium",
    "hss.version.advanced",
    "hss.version.basic",
    "hss.version.wtp",
];
const CONTAINER_EDITION: &str = "hss.version.container.enterprise";
const NO_EDITION: &str = "hss.version.null";

/// 2026-01-01: agents were installed in the 90 days from then on.
const FIRST_INSTALL: i64 = 1_767_225_600_000;
const INSTALLS_WITHIN: u64 = 90 * 24 * 60 * 60 * 1000;

impl Details {
    /// The details of the host at an index of the inventory.
    pub(crate) fn of(inventory: &Inventory, index: usize, host: &Host) -> Self {
        let mut numbers = inventory.numbers_of(index);
        let mut one_in = |many: u64| numbers.next().is_multiple_of(many);
        let (role, _) = host.name().split_once('-').unwrap_or((host.name(), ""));
        let windows = role == "app" && one_in(2);
        let outside = one_in(16);
        // Only cloud servers are nodes here, and only Linux ones.
        let in_cluster = role == "web" && !outside && one_in(4);
        let bare = host.agent_status() == AgentStatus::NotInstalled;
        let shut = host.agent_status() == AgentStatus::Offline && one_in(2);
        let open = !bare && !one_in(8);
        let risky = open && one_in(3);
        let scanning = open && one_in(64);
        let upgradable = !bare && one_in(5);
        let trial_value = one_in(10);
        let mut pick = |many: u64| numbers.next() % many;
        let [os, edition, installed] = [pick(4), pick(8), pick(INSTALLS_WITHIN)];
        let risks = if risky { [pick(3), 1 + pick(40), pick(12), pick(2)] } else { [0; 4] };
        let chosen = |names: &[&'static str], number: u64| {
            let at = usize::try_from(number).unwrap_or_default() % names.len().max(1);
            names.get(at).copied().unwrap_or_default()
        };
        Self {
            agent_status: agent_status(host.agent_status()),
            host_status: if shut { "SHUTOFF" } else { "ACTIVE" },
            protect_status: match (open, host.agent_status()) {
                (false, _) => "closed",
                (true, AgentStatus::Online) => "opened",
                (true, _) => "protection_exception",
            },
            detect_result: match (open, scanning, risky) {
                (false, ..) => "undetected",
                (_, true, _) => "scanning",
                (.., true) => "risk",
                (.., false) => "clean",
            },
            version: match (open, in_cluster) {
                (false, _) => NO_EDITION,
                (_, true) => CONTAINER_EDITION,
                (_, false) => chosen(&EDITIONS, edition),
            },
            os_type: if windows { "Windows" } else { "Linux" },
            os_name: if windows { chosen(&WINDOWS, os) } else { chosen(&LINUX, os) },
            asset_value: match (role, trial_value) {
                ("db", _) => "important",
                (_, true) => "test",
                (_, false) => "common",
            },
            outside,
            in_cluster,
            upgradable,
            risks: risks.map(|risks| u32::try_from(risks).unwrap_or_default()),
            installed_at: FIRST_INSTALL.saturating_add_unsigned(installed),
        }
    }

    /// How many risks it has of all kinds, which is what lists can be sorted by.
    pub(crate) fn risk_num(&self) -> u32 {
        self.risks.iter().sum()
    }
}

fn agent_status(status: AgentStatus) -> &'static str {
    match status {
        AgentStatus::Online => "online",
        AgentStatus::Offline => "offline",
        AgentStatus::NotInstalled => "not_installed",
    }
}

#[cfg(test)]
mod tests {
    use super::Details;
    use crate::model::inventory::Inventory;
    use std::collections::HashSet;

    #[test]
    fn details_are_the_same_each_time_and_fit_together() {
        let inventory = Inventory::seeded(1, 2000);
        let mut seen = HashSet::new();
        for (index, host) in inventory.hosts().iter().enumerate() {
            let details = Details::of(&inventory, index, host);
            assert_eq!(details, Details::of(&inventory, index, host));
            let Details { agent_status, protect_status, version, detect_result, .. } = details;
            assert_eq!(protect_status == "closed", version == "hss.version.null");
            assert_eq!(protect_status == "closed", detect_result == "undetected");
            assert!(agent_status == "online" || protect_status != "opened");
            assert!(details.host_status == "ACTIVE" || agent_status == "offline");
            assert_eq!(version == "hss.version.container.enterprise", details.in_cluster && protect_status != "closed");
            assert_eq!(details.os_name.starts_with("Windows"), details.os_type == "Windows");
            seen.extend([agent_status, protect_status, version, detect_result, details.os_type, details.asset_value]);
        }
        // Of every kind there are some, so that each filter has something to find.
        assert_eq!(seen.len(), 3 + 3 + 7 + 4 + 2 + 3);
    }

    #[test]
    fn a_larger_fleet_of_the_same_seed_has_the_same_details() {
        let (small, large) = (Inventory::seeded(7, 90), Inventory::seeded(7, 300));
        for (index, host) in small.hosts().iter().enumerate() {
            assert_eq!(Details::of(&small, index, host), Details::of(&large, index, host));
        }
    }
}
