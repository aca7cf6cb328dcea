//! The hosts and host groups of the emulator: the same for the same seed on every machine and in every version.

use serde::{Deserialize, Serialize};

use super::prng::SplitMix64;

/// Hosts in groups, generated from a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    seed: u64,
    hosts: Vec<Host>,
    groups: Vec<Group>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    id: String,
    name: String,
    agent_status: AgentStatus,
    group: usize,
}

/// One server group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    id: String,
    name: String,
    hosts: Vec<usize>,
}

/// The state of a host's agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AgentStatus {
    /// The agent is connected.
    Online,
    /// The agent is installed, but not connected.
    Offline,
    /// No agent is installed.
    NotInstalled,
}

/// The roles of hosts, in the order in which the inventory repeats them: half of every eight hosts are web servers.
const ROLES: [&str; 8] = ["web", "app", "web", "db", "web", "app", "web", "cache"];

/// The number of hosts in a full group. With it, a large inventory has more groups than one request may name.
const GROUP_SIZE: usize = 50;

/// One host in this many is not online, on average.
const NOT_ONLINE_ONE_IN: u64 = 16;

/// One in this many of those has no agent, on average.
const NO_AGENT_ONE_IN: u64 = 4;

/// The numbers of hosts and groups of a role so far.
struct RoleCount {
    role: &'static str,
    hosts: usize,
    groups: usize,
    /// The index of the group that is being filled.
    current_group: usize,
}

impl Inventory {
    /// Generates an inventory. A larger inventory of the same seed begins with the hosts and groups of the smaller one.
    pub fn seeded(seed: u64, hosts: usize) -> Self {
        let mut host_numbers = SplitMix64(seed);
        // Groups have their own stream; otherwise the ids of hosts would depend on the number of groups before them.
        let mut group_numbers = SplitMix64(!seed);
        let mut inventory = Self { seed, hosts: Vec::with_capacity(hosts), groups: Vec::new() };
        let mut counts =
            ["web", "app", "db", "cache"].map(|role| RoleCount { role, hosts: 0, groups: 0, current_group: 0 });
        for (index, role) in ROLES.iter().cycle().take(hosts).enumerate() {
            let Some(count) = counts.iter_mut().find(|count| count.role == *role) else { continue };
            if count.hosts.is_multiple_of(GROUP_SIZE) {
                count.groups += 1;
                count.current_group = inventory.groups.len();
                let name = format!("{role}-group-{:02}", count.groups);
                inventory.groups.push(Group { id: group_numbers.uuid(), name, hosts: Vec::new() });
            }
            count.hosts += 1;
            if let Some(group) = inventory.groups.get_mut(count.current_group) {
                group.hosts.push(index);
            }
            let number = host_numbers.next();
            let agent_status =
                match (number.is_multiple_of(NOT_ONLINE_ONE_IN), number / NOT_ONLINE_ONE_IN % NO_AGENT_ONE_IN) {
                    (false, _) => AgentStatus::Online,
                    (true, 0) => AgentStatus::NotInstalled,
                    (true, _) => AgentStatus::Offline,
                };
            let name = format!("{role}-{:04}", count.hosts);
            inventory.hosts.push(Host { id: host_numbers.uuid(), name, agent_status, group: count.current_group });
        }
        inventory
    }

    /// Returns all hosts, in a fixed order.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns all groups, in a fixed order. None is empty.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Returns the group of a host of this inventory.
    pub fn group_of(&self, host: &Host) -> Option<&Group> {
        self.groups.get(host.group)
    }

    /// Returns the numbers for the details of the host at an index. Each host has its own stream, so a page needs no
    /// host before it.
    pub(crate) fn random_for(&self, index: usize) -> SplitMix64 {
        // Any odd factor gives each host another stream.
        let at = u64::try_from(index).unwrap_or(u64::MAX).wrapping_mul(0xD605_BBB5_8C8A_BBFD);
        SplitMix64(self.seed.rotate_left(32) ^ at)
    }

    /// Returns the hosts in a group of this inventory.
    pub fn hosts_in<'f>(&'f self, group: &'f Group) -> impl Iterator<Item = &'f Host> {
        group.hosts.iter().filter_map(|index| self.hosts.get(*index))
    }
}

impl Host {
    /// Returns the id that scans use.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns its name, such as `web-0001`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the index of its group in the inventory.
    pub(crate) fn group(&self) -> usize {
        self.group
    }

    /// Returns the state of its agent.
    pub fn agent_status(&self) -> AgentStatus {
        self.agent_status
    }
}

impl Group {
    /// Returns the id that scans use.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns its name, such as `web-group-01`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the indexes of its hosts in the inventory, in ascending order.
    pub(crate) fn indexes(&self) -> &[usize] {
        &self.hosts
    }

    /// Returns the number of its hosts.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Whether it has no hosts. Groups of a generated inventory always have some.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{AgentStatus, GROUP_SIZE, Inventory};

    #[test]
    fn the_same_seed_generates_the_same_inventory() {
        assert_eq!(Inventory::seeded(7, 300), Inventory::seeded(7, 300));
        assert_ne!(Inventory::seeded(7, 300), Inventory::seeded(8, 300));
        let (small, large) = (Inventory::seeded(7, 90), Inventory::seeded(7, 300));
        assert_eq!(small.hosts(), &large.hosts()[..90]);
        for (a, b) in small.groups().iter().zip(large.groups()) {
            assert_eq!((a.id(), a.name()), (b.id(), b.name()));
        }
    }

    #[test]
    fn names_are_frozen() {
        let inventory = Inventory::seeded(1, 2);
        assert_eq!(inventory.hosts()[0].name(), "web-0001");
        assert_eq!(inventory.hosts()[1].name(), "app-0001");
    }

    #[test]
    fn ids_are_unique_uuids_and_every_host_is_in_one_group() {
        let inventory = Inventory::seeded(1, 1000);
        assert_eq!(inventory.hosts().len(), 1000);
        let ids: HashSet<&str> = inventory
            .hosts()
            .iter()
            .map(|host| host.id())
            .chain(inventory.groups().iter().map(|group| group.id()))
            .collect();
        assert_eq!(ids.len(), 1000 + inventory.groups().len());
        for id in ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
        assert_eq!(inventory.groups().iter().map(|group| group.len()).sum::<usize>(), 1000);
        for group in inventory.groups() {
            assert!(!group.is_empty() && group.len() <= GROUP_SIZE);
            assert!(inventory.hosts_in(group).all(|host| inventory.group_of(host) == Some(group)));
        }
    }

    #[test]
    fn most_agents_are_online() {
        let inventory = Inventory::seeded(1, 1000);
        let online = inventory.hosts().iter().filter(|host| host.agent_status() == AgentStatus::Online).count();
        assert!((850..1000).contains(&online), "{online}");
    }

    #[test]
    fn an_inventory_without_hosts_has_no_groups() {
        assert!(Inventory::seeded(1, 0).groups().is_empty());
    }
}
