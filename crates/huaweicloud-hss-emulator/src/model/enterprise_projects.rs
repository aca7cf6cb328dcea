//! The enterprise projects, and which hosts belong to which.

use std::ops::Range;

use super::prng::SplitMix64;

/// The id of the default enterprise project.
pub(crate) const DEFAULT_ID: &str = "0";

/// The id that means every enterprise project.
const ALL: &str = "all_granted_eps";

/// An enterprise project beside the default one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnterpriseProjectConfig {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The number of its hosts.
    pub(crate) hosts: usize,
}

/// All enterprise projects. Each has one range of the hosts in the inventory, so listing its hosts needs no search.
#[derive(Debug, Clone)]
pub(crate) struct EnterpriseProjects {
    projects: Vec<EnterpriseProject>,
    hosts: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct EnterpriseProject {
    pub(crate) id: String,
    pub(crate) name: String,
    hosts: Range<usize>,
    /// Whether it is a trial project and disabled, so that filters have a match.
    trial: bool,
}

impl EnterpriseProjects {
    /// Returns the default enterprise project and these. They have the last hosts of the inventory, and the default one
    /// has the others. If none is given, there are two more without hosts.
    pub(crate) fn new(extras: Vec<EnterpriseProjectConfig>, seed: u64, hosts: usize) -> Self {
        let extra_hosts = extras.iter().fold(0_usize, |sum, extra| sum.saturating_add(extra.hosts)).min(hosts);
        let mut at = hosts - extra_hosts;
        let default = EnterpriseProject { id: DEFAULT_ID.into(), name: "default".into(), hosts: 0..at, trial: false };
        let mut projects = vec![default];
        if extras.is_empty() {
            // Its own stream, so that the ids of hosts do not depend on it.
            let mut numbers = SplitMix64(seed ^ 0xE9);
            for (name, trial) in [("production", false), ("trial", true)] {
                let (id, name) = (numbers.uuid(), name.to_owned());
                projects.push(EnterpriseProject { id, name, hosts: hosts..hosts, trial });
            }
        }
        for EnterpriseProjectConfig { id, name, hosts: wanted } in extras {
            let end = at.saturating_add(wanted).min(hosts);
            projects.push(EnterpriseProject { id, name, hosts: at..end, trial: false });
            at = end;
        }
        Self { projects, hosts }
    }

    /// Returns the hosts of an enterprise project: none if the id is unknown.
    pub(crate) fn hosts_of(&self, id: &str) -> Range<usize> {
        match id {
            ALL => 0..self.hosts,
            _ => self.projects.iter().find(|project| project.id == id).map_or(0..0, |project| project.hosts.clone()),
        }
    }

    /// Returns all enterprise projects, the default one first.
    pub(crate) fn all(&self) -> &[EnterpriseProject] {
        &self.projects
    }

    /// Returns the enterprise project of a host.
    pub(crate) fn of_host(&self, index: usize) -> Option<&EnterpriseProject> {
        self.projects.iter().find(|project| project.hosts.contains(&index))
    }
}

impl EnterpriseProject {
    pub(crate) fn status(&self) -> u64 {
        if self.trial { 2 } else { 1 }
    }

    pub(crate) fn kind(&self) -> &'static str {
        if self.trial { "poc" } else { "prod" }
    }
}

#[cfg(test)]
mod tests {
    use super::{EnterpriseProjectConfig, EnterpriseProjects};

    fn extra(id: &str, hosts: usize) -> EnterpriseProjectConfig {
        EnterpriseProjectConfig { id: id.to_owned(), name: format!("name of {id}"), hosts }
    }

    #[test]
    fn every_host_belongs_to_one_enterprise_project() {
        for (extras, expected) in [
            (&[][..], &[("0", 0..10), ("all_granted_eps", 0..10), ("unknown", 0..0)][..]),
            (&[("a", 3), ("b", 2)], &[("0", 0..5), ("a", 5..8), ("b", 8..10), ("all_granted_eps", 0..10)]),
            (&[("a", 30)], &[("0", 0..0), ("a", 0..10)]),
            (&[("a", usize::MAX), ("b", usize::MAX)], &[("0", 0..0), ("a", 0..10), ("b", 10..10)]),
        ] {
            let hosts = 10;
            let extras = extras.iter().map(|(id, hosts)| extra(id, *hosts)).collect();
            let projects = EnterpriseProjects::new(extras, 1, hosts);
            for (id, range) in expected {
                assert_eq!(projects.hosts_of(id), range.clone(), "{id}");
            }
            for index in 0..hosts {
                let owner = projects.of_host(index).unwrap();
                assert!(projects.hosts_of(&owner.id).contains(&index));
                assert_eq!(projects.projects.iter().filter(|project| project.hosts.contains(&index)).count(), 1);
            }
            assert!(projects.of_host(hosts).is_none());
        }
    }
}
