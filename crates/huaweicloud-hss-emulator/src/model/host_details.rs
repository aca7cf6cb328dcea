//! The details of a host: generated from the seed when they are needed, and the same each time.

use crate::model::inventory::{AgentStatus, Host, Inventory};

/// The details of one host, in the service's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostDetails {
    pub(crate) agent_status: &'static str,
    pub(crate) host_status: &'static str,
    pub(crate) protect_status: &'static str,
    pub(crate) protect_interrupt: bool,
    pub(crate) protect_degradation: bool,
    pub(crate) detect_result: &'static str,
    pub(crate) version: &'static str,
    pub(crate) os_type: &'static str,
    pub(crate) os_name: &'static str,
    pub(crate) asset_value: &'static str,
    pub(crate) outside: bool,
    pub(crate) in_cluster: bool,
    pub(crate) upgradable: bool,
    /// The number of risks of each kind: assets, vulnerabilities, baseline and intrusion.
    pub(crate) risks: [u32; 4],
    /// When its agent was installed, in milliseconds since 1970.
    pub(crate) installed_at: i64,
    /// When an agent that is not collected any more was last collected.
    pub(crate) lost_at: i64,
}

const LINUX: [&str; 4] =
    ["EulerOS 2.9 64bit", "Ubuntu 22.04 server 64bit", "CentOS 7.9 64bit", "Huawei Cloud EulerOS 2.0 64bit"];
const WINDOWS: [&str; 2] =
    ["Windows Server 2019 Datacenter 64bit English", "Windows Server 2022 Datacenter 64bit English"];

/// The editions of protected hosts, repeated by their weight. Nodes of a cluster have the container edition instead.
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

/// Agents were installed from 2026-01-01, in milliseconds since 1970 ...
const FIRST_INSTALL_MILLIS: i64 = 1_767_225_600_000;

/// ... within 90 days.
const INSTALL_PERIOD_MILLIS: u64 = 90 * 24 * 60 * 60 * 1000;

/// Agents that are offline, interrupted or degraded were collected for up to 60 days after their installation.
const LOSS_PERIOD_MILLIS: u64 = 60 * 24 * 60 * 60 * 1000;

/// Later than this, no host is lost.
pub(crate) const LAST_LOSS_MILLIS: i64 =
    FIRST_INSTALL_MILLIS.saturating_add_unsigned(INSTALL_PERIOD_MILLIS + LOSS_PERIOD_MILLIS);

/// One protected host in this many is interrupted, and as many of the others are degraded.
const IMPAIRED_ONE_IN: u64 = 32;

impl HostDetails {
    /// Returns the details of the host at an index of the inventory.
    pub(crate) fn of(inventory: &Inventory, index: usize, host: &Host) -> Self {
        let mut numbers = inventory.random_for(index);
        let mut one_in = |many: u64| numbers.next().is_multiple_of(many);
        let role = role(host);
        let windows = role == "app" && one_in(2);
        let outside = one_in(16);
        // Only Linux cloud servers are nodes of a cluster.
        let in_cluster = role == "web" && !outside && one_in(4);
        let has_no_agent = host.agent_status() == AgentStatus::NotInstalled;
        let is_shut_off = host.agent_status() == AgentStatus::Offline && one_in(2);
        let is_protected = !has_no_agent && !one_in(8);
        let risky = is_protected && one_in(3);
        let scanning = is_protected && one_in(64);
        let upgradable = !has_no_agent && one_in(5);
        let trial_value = one_in(10);
        let mut pick = |many: u64| numbers.next() % many;
        let [os, edition, installed] = [pick(4), pick(8), pick(INSTALL_PERIOD_MILLIS)];
        let risks = if risky { [pick(3), 1 + pick(40), pick(12), pick(2)] } else { [0; 4] };
        // Last, so that the numbers before them stay as they were.
        let is_opened = is_protected && host.agent_status() == AgentStatus::Online;
        let [interrupted, degraded] = [(); 2].map(|()| pick(IMPAIRED_ONE_IN) == 0);
        let installed_at = FIRST_INSTALL_MILLIS.saturating_add_unsigned(installed);
        let chosen = |names: &[&'static str], number: u64| {
            let at = usize::try_from(number).unwrap_or_default() % names.len().max(1);
            names.get(at).copied().unwrap_or_default()
        };
        Self {
            agent_status: agent_status(host.agent_status()),
            host_status: if is_shut_off { "SHUTOFF" } else { "ACTIVE" },
            protect_status: match (is_protected, host.agent_status()) {
                (false, _) => "closed",
                (true, AgentStatus::Online) => "opened",
                (true, _) => "protection_exception",
            },
            protect_interrupt: is_opened && interrupted,
            protect_degradation: is_opened && degraded && !interrupted,
            detect_result: match (is_protected, scanning, risky) {
                (false, ..) => "undetected",
                (_, true, _) => "scanning",
                (.., true) => "risk",
                (.., false) => "clean",
            },
            version: match (is_protected, in_cluster) {
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
            installed_at,
            lost_at: installed_at.saturating_add_unsigned(1 + pick(LOSS_PERIOD_MILLIS)),
        }
    }

    /// Returns the number of risks of all kinds. Lists can be sorted by it.
    pub(crate) fn risk_num(&self) -> u32 {
        self.risks.iter().sum()
    }
}

/// Returns the role of a host, such as `web`.
pub(crate) fn role(host: &Host) -> &str {
    host.name().split_once('-').map_or(host.name(), |(role, _)| role)
}

/// Returns the private address of the host at an index of the inventory.
pub(crate) fn private_ip(index: usize) -> String {
    format!("10.{}.{}.{}", index >> 16 & 0xFF, index >> 8 & 0xFF, index & 0xFF)
}

/// Returns the id of the agent of a host.
pub(crate) fn agent_id(host: &Host) -> String {
    host.id().replace('-', "").repeat(2)
}

pub(crate) fn agent_status(status: AgentStatus) -> &'static str {
    match status {
        AgentStatus::Online => "online",
        AgentStatus::Offline => "offline",
        AgentStatus::NotInstalled => "not_installed",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::model::inventory::Inventory;

    use super::HostDetails;

    #[test]
    fn details_are_the_same_each_time_and_fit_together() {
        let inventory = Inventory::seeded(1, 2000);
        let mut seen = HashSet::new();
        for (index, host) in inventory.hosts().iter().enumerate() {
            let details = HostDetails::of(&inventory, index, host);
            assert_eq!(details, HostDetails::of(&inventory, index, host));
            let HostDetails { agent_status, protect_status, version, detect_result, .. } = details;
            assert_eq!(protect_status == "closed", version == "hss.version.null");
            assert_eq!(protect_status == "closed", detect_result == "undetected");
            assert!(agent_status == "online" || protect_status != "opened");
            assert!(details.host_status == "ACTIVE" || agent_status == "offline");
            assert_eq!(version == "hss.version.container.enterprise", details.in_cluster && protect_status != "closed");
            let impaired = [details.protect_interrupt, details.protect_degradation];
            assert!(impaired == [false, false] || protect_status == "opened" && impaired != [true, true]);
            assert!(details.lost_at > details.installed_at && details.lost_at <= super::LAST_LOSS_MILLIS);
            assert_eq!(details.os_name.starts_with("Windows"), details.os_type == "Windows");
            seen.extend([agent_status, protect_status, version, detect_result, details.os_type, details.asset_value]);
        }
        // Every value occurs, so that each filter has a match.
        assert_eq!(seen.len(), 3 + 3 + 7 + 4 + 2 + 3);
    }

    #[test]
    fn coverage_has_the_documented_shares() {
        let inventory = Inventory::seeded(1, 20_000);
        let mut counts = [0; 7];
        for (index, host) in inventory.hosts().iter().enumerate() {
            let details = HostDetails::of(&inventory, index, host);
            for (count, has) in counts.iter_mut().zip([
                details.agent_status == "offline",
                details.agent_status == "not_installed",
                details.protect_status == "closed",
                details.protect_interrupt,
                details.protect_degradation,
                matches!(details.version, "hss.version.basic" | "hss.version.advanced"),
                details.asset_value == "important",
            ]) {
                *count += usize::from(has);
            }
        }
        // In thousandths, as the README has them.
        for (count, expected) in counts.iter().zip([47, 16, 140, 26, 25, 190, 125]) {
            assert!((count / 20).abs_diff(expected) <= 12, "{counts:?}");
        }
    }

    #[test]
    fn a_larger_inventory_of_the_same_seed_has_the_same_details() {
        let (small, large) = (Inventory::seeded(7, 90), Inventory::seeded(7, 300));
        for (index, host) in small.hosts().iter().enumerate() {
            assert_eq!(HostDetails::of(&small, index, host), HostDetails::of(&large, index, host));
        }
    }
}
