//! Owns the enterprise projects: which there are, which hosts belong to which, and the operation that lists them.

use crate::answer::Refusal;
use crate::check::Checked;
use crate::fleet::Numbers;
use crate::handlers::{Done, State};
use serde_json::{Value, json};
use std::ops::Range;

/// The id of the default enterprise project.
const DEFAULT_ID: &str = "0";

/// The id that stands for every enterprise project.
const ALL: &str = "all_granted_eps";

/// An enterprise project beside the default one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extra {
    pub(crate) id: String,
    pub(crate) name: String,
    /// How many hosts belong to it.
    pub(crate) hosts: usize,
}

/// All enterprise projects. Each has the hosts of one range of the inventory, so that a page of them is found at once.
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
    /// Whether it is a trial, and is switched off: it is there so that the filters have something to find.
    trial: bool,
}

impl EnterpriseProjects {
    /// The default one has all hosts but those of the others, which have the last ones of the inventory. When none is given there are
    /// two more without hosts.
    pub(crate) fn new(extras: Vec<Extra>, seed: u64, hosts: usize) -> Self {
        let extra_hosts = extras.iter().fold(0_usize, |sum, extra| sum.saturating_add(extra.hosts)).min(hosts);
        let mut at = hosts - extra_hosts;
        let default = EnterpriseProject { id: DEFAULT_ID.into(), name: "default".into(), hosts: 0..at, trial: false };
        let mut projects = vec![default];
        if extras.is_empty() {
            // A stream of its own, for the ids of hosts are not to depend on this.
            let mut numbers = Numbers(seed ^ 0xE9);
            for (name, trial) in [("production", false), ("trial", true)] {
                let (id, name) = (numbers.uuid(), name.to_owned());
                projects.push(EnterpriseProject { id, name, hosts: hosts..hosts, trial });
            }
        }
        for Extra { id, name, hosts: wanted } in extras {
            let end = at.saturating_add(wanted).min(hosts);
            projects.push(EnterpriseProject { id, name, hosts: at..end, trial: false });
            at = end;
        }
        Self { projects, hosts }
    }

    /// Which hosts belong to an enterprise project: none where the id is not known.
    pub(crate) fn hosts_of(&self, id: &str) -> Range<usize> {
        match id {
            ALL => 0..self.hosts,
            _ => self.projects.iter().find(|project| project.id == id).map_or(0..0, |project| project.hosts.clone()),
        }
    }

    /// The enterprise project of a host.
    pub(crate) fn of_host(&self, index: usize) -> Option<&EnterpriseProject> {
        self.projects.iter().find(|project| project.hosts.contains(&index))
    }
}

/// Lists the enterprise projects, or those a filter leaves.
pub(crate) fn list(state: &State, request: &Checked) -> Result<Done, Refusal> {
    let projects = &state.enterprise_projects.projects;
    let text = |name: &str| request.parameters.get(name).and_then(Value::as_str);
    let (id, name, kind) = (text("id"), text("name"), text("type"));
    let status = request.parameters.get("status").and_then(Value::as_u64);
    let mut found: Vec<&EnterpriseProject> = projects
        .iter()
        .filter(|project| {
            id.is_none_or(|id| id == project.id)
                && name.is_none_or(|name| project.name.contains(name))
                && status.is_none_or(|status| status == project.status())
                && kind.is_none_or(|kind| kind == project.kind())
        })
        .collect();
    if text("sort_key") == Some("name") {
        found.sort_by(|one, other| one.name.cmp(&other.name));
    }
    if text("sort_dir") == Some("desc") {
        found.reverse();
    }
    let total = found.len();
    let page = found.into_iter().skip(request.count("offset")).take(request.count("limit"));
    let page: Vec<Value> = page.map(EnterpriseProject::shown).collect();
    Ok(Done::ok(json!({ "enterprise_projects": page, "total_count": total })))
}

impl EnterpriseProject {
    fn status(&self) -> u64 {
        if self.trial { 2 } else { 1 }
    }

    fn kind(&self) -> &'static str {
        if self.trial { "poc" } else { "prod" }
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": if self.id == DEFAULT_ID { "The enterprise project of all that has no other" } else { "" },
            "status": self.status(),
            "type": self.kind(),
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "delete_flag": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{EnterpriseProjects, Extra};

    fn extra(id: &str, hosts: usize) -> Extra {
        Extra { id: id.to_owned(), name: format!("name of {id}"), hosts }
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
