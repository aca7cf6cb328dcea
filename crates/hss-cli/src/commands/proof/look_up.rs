//! Looks up, before planning, which ids match a name pattern and which servers are left out.

use std::collections::HashSet;

use glob::Pattern;
use huaweicloud_hss::fleet::{Target, TargetSet};
use huaweicloud_hss::verify::Coverage;
use huaweicloud_hss::{AgentStatus, Client, Host, HostFilter, Queue, printable};

use crate::cli::TargetArgs;
use crate::connect::Connection;
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
            let names: Vec<_> = names.iter().map(|name| printable(name)).collect();
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

/// What was looked up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LookUp {
    /// How many servers were left out.
    pub(crate) left_out: u64,
    /// How many calls listed servers.
    pub(crate) host_calls: u64,
    /// How many calls listed server groups.
    pub(crate) group_calls: u64,
}

/// Returns the servers of a queue whose names match.
async fn hosts(client: &Client, queue: &Queue, patterns: &[Pattern], calls: &mut u64) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--host-name", patterns);
    let mut gaps = 0;
    let Queue { project_id, enterprise_project, .. } = queue.clone();
    let mut pages = client.hosts(project_id, enterprise_project, HostFilter::default());
    while let Some(page) = pages.next_page().await? {
        *calls += 1;
        for host in &page {
            if search.matches(host.host_name.as_deref(), host.host_id.as_deref()) {
                targets.add(Target::Host(host.host_id.as_deref().unwrap_or_default()))?;
                gaps += u64::from(Coverage::of(host).is_gap());
            }
        }
    }
    search.report("servers", "hss hosts list", queue)?;
    warn_of_gaps(gaps);
    Ok(targets)
}

/// Warns that a scan cannot refresh this number of servers.
pub(super) fn warn_of_gaps(servers: u64) {
    if servers > 0 {
        output::message(&format!(
            "note: a scan cannot refresh {servers} of these servers; `hss coverage` shows why, and --only-coverable leaves them out"
        ));
    }
}

/// Returns the server groups of a queue whose names match.
async fn groups(client: &Client, queue: &Queue, patterns: &[Pattern], calls: &mut u64) -> Result<TargetSet, CliError> {
    let mut targets = TargetSet::default();
    let mut search = Search::new("--group-name", patterns);
    let mut pages = client.host_groups(queue.project_id.clone(), queue.enterprise_project.clone());
    while let Some(page) = pages.next_page().await? {
        *calls += 1;
        for group in &page {
            if search.matches(group.group_name.as_deref(), group.group_id.as_deref()) {
                targets.add(Target::ServerGroup(group.group_id.as_deref().unwrap_or_default()))?;
            }
        }
    }
    search.report("server groups", "hss groups list", queue)?;
    Ok(targets)
}

/// Which servers are left out of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// Those whose agent is not online.
    NotOnline,
    /// Those that a scan cannot refresh.
    NotCoverable,
}

impl LeftOut {
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::NotOnline => "--only-online",
            Self::NotCoverable => "--only-coverable",
        }
    }

    /// Returns why they are left out.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NotOnline => "their agent is not online",
            Self::NotCoverable => "a scan cannot refresh them",
        }
    }

    /// Returns what to list. The filter only shortens the list: what counts is each row.
    fn filter(self) -> HostFilter {
        let mut filter = HostFilter::default();
        filter.agent_status = (self == Self::NotOnline).then_some(AgentStatus::NotOnline);
        filter
    }

    fn applies_to(self, host: &Host) -> bool {
        match self {
            Self::NotOnline => self.filter().matches(host),
            Self::NotCoverable => Coverage::of(host).is_gap(),
        }
    }

    /// Removes these servers of a queue from the targets, and returns their number. Servers that the service does not list stay.
    async fn remove(
        self,
        client: &Client,
        queue: &Queue,
        targets: &mut TargetSet,
        calls: &mut u64,
    ) -> Result<u64, CliError> {
        let flag = self.flag();
        if targets.has_non_host_targets() {
            return Err(CliError::usage(format!(
                "{flag} works for single servers only, but the targets of {queue} include all_hosts or server groups; nothing was sent. \
                 Remove those targets, or {flag}"
            )));
        }
        let mut pages = client.hosts(queue.project_id.clone(), queue.enterprise_project.clone(), self.filter());
        let mut left_out = HashSet::new();
        while let Some(page) = pages.next_page().await? {
            *calls += 1;
            left_out.extend(page.into_iter().filter(|host| self.applies_to(host)).filter_map(|host| host.host_id));
        }
        Ok(targets.retain_hosts(|id| !left_out.contains(id))?)
    }
}

/// Returns whether the service has to be asked which ids the flags mean.
pub(crate) fn needs_look_up(args: &TargetArgs) -> bool {
    !args.host_name.is_empty() || !args.group_name.is_empty()
}

/// Replaces name patterns by the ids that match, and removes servers that are left out.
pub(crate) async fn look_up(
    connection: &Connection,
    args: &TargetArgs,
    left_out: Option<LeftOut>,
    targets: &mut [TargetSet],
) -> Result<LookUp, CliError> {
    let mut done = LookUp::default();
    for ((region, queue), targets) in connection.queues.iter().zip(targets) {
        let client = connection.client(region.as_ref())?;
        if !args.host_name.is_empty() {
            *targets = hosts(client, queue, &args.host_name, &mut done.host_calls).await?;
        }
        if !args.group_name.is_empty() {
            *targets = groups(client, queue, &args.group_name, &mut done.group_calls).await?;
        }
        if let Some(left_out) = left_out {
            done.left_out += left_out.remove(client, queue, targets, &mut done.host_calls).await?;
        }
    }
    Ok(done)
}
