//! From names to ids, and from servers to those that are online: what has to be asked of the service before there is a plan.

use std::collections::HashSet;

use glob::Pattern;
use huaweicloud_hss::fleet::{Target, TargetSet};
use huaweicloud_hss::{AgentStatus, Client, HostFilter, Queue};

use crate::exit::CliError;
use crate::output;

/// How many of the names that match are said.
const SAID: usize = 5;

/// A pattern, and what it matched.
struct Matches<'a> {
    pattern: &'a Pattern,
    count: u64,
    names: Vec<String>,
}

/// Patterns of one flag, and what they matched.
struct Search<'a> {
    flag: &'static str,
    matches: Vec<Matches<'a>>,
    looked_at: u64,
    without_id: u64,
}

impl<'a> Search<'a> {
    fn new(flag: &'static str, patterns: &'a [Pattern]) -> Self {
        let matches = patterns.iter().map(|pattern| Matches { pattern, count: 0, names: Vec::new() }).collect();
        Self { flag, matches, looked_at: 0, without_id: 0 }
    }

    /// Whether any pattern matches. Something without an id is counted, but cannot be scanned.
    fn take(&mut self, name: Option<&str>, id: Option<&str>) -> bool {
        self.looked_at += 1;
        let name = name.unwrap_or_default();
        let mut any = false;
        for one in self.matches.iter_mut().filter(|one| one.pattern.matches(name)) {
            one.count += 1;
            any = true;
            if one.names.len() < SAID {
                one.names.push(name.to_owned());
            }
        }
        let usable = id.is_some_and(|id| !id.is_empty());
        self.without_id += u64::from(any && !usable);
        any && usable
    }

    /// Says what matched; a pattern without a match is an error, for it is most often a misspelt one.
    fn tell(&self, what: &str, queue: &Queue) -> Result<(), CliError> {
        let Self { flag, matches, looked_at, without_id } = self;
        for Matches { pattern, count, names } in matches {
            if *count == 0 {
                return Err(CliError::usage(format!(
                    "{flag} {pattern:?} matches none of the {looked_at} {what} in project {}, enterprise project {}; nothing was sent",
                    queue.project_id,
                    queue.enterprise_project,
                    pattern = pattern.as_str()
                )));
            }
            let more = if *count > names.len() as u64 { ", …" } else { "" };
            let pattern = pattern.as_str();
            output::message(&format!("{flag} {pattern:?}: {count} of {looked_at} {what} ({}{more})", names.join(", ")));
        }
        if *without_id > 0 {
            output::message(&format!("{without_id} {what} that match have no id, so they cannot be scanned"));
        }
        Ok(())
    }
}

/// The servers of a queue whose names match.
pub(super) async fn hosts(client: &Client, queue: &Queue, patterns: &[Pattern]) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--host-name", patterns);
    let Queue { project_id, enterprise_project, .. } = queue.clone();
    let mut pages = client.hosts(project_id, enterprise_project, HostFilter::default());
    while let Some(page) = pages.next_page().await? {
        for host in &page {
            if search.take(host.host_name.as_deref(), host.host_id.as_deref()) {
                targets.add(Target::Host(host.host_id.as_deref().unwrap_or_default()))?;
            }
        }
    }
    search.tell("servers", queue)?;
    Ok(targets)
}

/// The server groups of a queue whose names match.
pub(super) async fn groups(client: &Client, queue: &Queue, patterns: &[Pattern]) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--group-name", patterns);
    let mut pages = client.host_groups(queue.project_id.clone(), queue.enterprise_project.clone());
    while let Some(page) = pages.next_page().await? {
        for group in &page {
            if search.take(group.group_name.as_deref(), group.group_id.as_deref()) {
                targets.add(Target::ServerGroup(group.group_id.as_deref().unwrap_or_default()))?;
            }
        }
    }
    search.tell("server groups", queue)?;
    Ok(targets)
}

/// Leaves out the servers of a queue whose agent is not online, and counts them. One that the service does not list stays.
pub(super) async fn only_online(client: &Client, queue: &Queue, targets: &mut TargetSet) -> Result<u64, CliError> {
    if targets.has_non_host_targets() {
        return Err(CliError::usage(format!(
            "--only-online takes servers alone, but {queue} is to be scanned whole or by groups; nothing was sent"
        )));
    }
    let mut filter = HostFilter::default();
    filter.agent_status = Some(AgentStatus::NotOnline);
    let mut pages = client.hosts(queue.project_id.clone(), queue.enterprise_project.clone(), filter);
    let mut not_online = HashSet::new();
    while let Some(page) = pages.next_page().await? {
        not_online.extend(page.into_iter().filter_map(|host| host.host_id));
    }
    Ok(targets.retain_hosts(|id| !not_online.contains(id))?)
}
