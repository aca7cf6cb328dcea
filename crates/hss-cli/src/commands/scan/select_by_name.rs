//! Looks up, before planning, which ids match a name pattern and which servers are online.

use std::collections::HashSet;

use glob::Pattern;
use huaweicloud_hss::fleet::{Target, TargetSet};
use huaweicloud_hss::{AgentStatus, Client, HostFilter, Queue};

use crate::exit::CliError;
use crate::output;

/// Maximum number of matching names in a message.
const MAX_LISTED_NAMES: usize = 5;

/// A pattern and the names that match it.
struct Matches<'a> {
    pattern: &'a Pattern,
    count: u64,
    names: Vec<String>,
}

/// The patterns of one flag and their matches.
struct Search<'a> {
    flag: &'static str,
    matches: Vec<Matches<'a>>,
    examined: u64,
    without_id: u64,
}

impl<'a> Search<'a> {
    fn new(flag: &'static str, patterns: &'a [Pattern]) -> Self {
        let matches = patterns.iter().map(|pattern| Matches { pattern, count: 0, names: Vec::new() }).collect();
        Self { flag, matches, examined: 0, without_id: 0 }
    }

    /// Returns whether any pattern matches. A match without an id cannot be scanned; it is only counted.
    fn matches(&mut self, name: Option<&str>, id: Option<&str>) -> bool {
        self.examined += 1;
        let name = name.unwrap_or_default();
        let mut any = false;
        for found in self.matches.iter_mut().filter(|found| found.pattern.matches(name)) {
            found.count += 1;
            any = true;
            if found.names.len() < MAX_LISTED_NAMES {
                found.names.push(name.to_owned());
            }
        }
        let usable = id.is_some_and(|id| !id.is_empty());
        self.without_id += u64::from(any && !usable);
        any && usable
    }

    /// Reports the matches. A pattern without a match is an error: it is probably misspelt.
    fn report(&self, what: &str, list: &str, queue: &Queue) -> Result<(), CliError> {
        let Self { flag, matches, examined, without_id } = self;
        for Matches { pattern, count, names } in matches {
            if *count == 0 {
                return Err(CliError::usage(format!(
                    "{flag} {pattern:?} matches none of the {examined} {what} in project {}, enterprise project {}; nothing was sent. \
                     `{list}` lists the names",
                    queue.project_id,
                    queue.enterprise_project,
                    pattern = pattern.as_str()
                )));
            }
            let more = if *count > names.len() as u64 { ", …" } else { "" };
            let pattern = pattern.as_str();
            output::message(&format!(
                "{flag} {pattern:?} matches {count} of {examined} {what} ({}{more})",
                names.join(", ")
            ));
        }
        if *without_id > 0 {
            output::message(&format!(
                "skipping {without_id} of the matching {what}: the service lists them without an id"
            ));
        }
        Ok(())
    }
}

/// Returns the servers of a queue whose names match.
pub(super) async fn hosts(client: &Client, queue: &Queue, patterns: &[Pattern]) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--host-name", patterns);
    let Queue { project_id, enterprise_project, .. } = queue.clone();
    let mut pages = client.hosts(project_id, enterprise_project, HostFilter::default());
    while let Some(page) = pages.next_page().await? {
        for host in &page {
            if search.matches(host.host_name.as_deref(), host.host_id.as_deref()) {
                targets.add(Target::Host(host.host_id.as_deref().unwrap_or_default()))?;
            }
        }
    }
    search.report("servers", "hss hosts list", queue)?;
    Ok(targets)
}

/// Returns the server groups of a queue whose names match.
pub(super) async fn groups(client: &Client, queue: &Queue, patterns: &[Pattern]) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--group-name", patterns);
    let mut pages = client.host_groups(queue.project_id.clone(), queue.enterprise_project.clone());
    while let Some(page) = pages.next_page().await? {
        for group in &page {
            if search.matches(group.group_name.as_deref(), group.group_id.as_deref()) {
                targets.add(Target::ServerGroup(group.group_id.as_deref().unwrap_or_default()))?;
            }
        }
    }
    search.report("server groups", "hss groups list", queue)?;
    Ok(targets)
}

/// Removes the servers of a queue whose agent is not online, and returns their number. Servers that the service does not list stay.
///
/// The filter only shortens the list: what counts is the agent status of each row.
pub(super) async fn retain_online(client: &Client, queue: &Queue, targets: &mut TargetSet) -> Result<u64, CliError> {
    if targets.has_non_host_targets() {
        return Err(CliError::usage(format!(
            "--only-online works for single servers only, but the targets of {queue} include all_hosts or server groups; nothing was sent. \
             Remove those targets, or --only-online"
        )));
    }
    let mut filter = HostFilter::default();
    filter.agent_status = Some(AgentStatus::NotOnline);
    let mut pages = client.hosts(queue.project_id.clone(), queue.enterprise_project.clone(), filter.clone());
    let mut not_online = HashSet::new();
    while let Some(page) = pages.next_page().await? {
        not_online.extend(page.into_iter().filter(|host| filter.matches(host)).filter_map(|host| host.host_id));
    }
    Ok(targets.retain_hosts(|id| !not_online.contains(id))?)
}
