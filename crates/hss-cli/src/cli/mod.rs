//! The whole command line, as clap reads it. Frozen by a golden test: a change of the interface shows in review.

#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "these comments are help texts, not Markdown"
)]

#[cfg_attr(not(feature = "emulator"), path = "emulator_disabled.rs")]
mod emulator;
#[cfg(feature = "completions")]
mod generate;
mod lists;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand, ValueEnum};
use glob::Pattern;
use huaweicloud_hss::fleet::{FleetOptions, Shard};
use huaweicloud_hss::{Category, EnterpriseProject, Error, ProjectId, Region};

use crate::exit;

pub(crate) use emulator::EmulatorArguments;
#[cfg(feature = "completions")]
pub(crate) use generate::{CompletionsArguments, ManArguments};
pub(crate) use lists::{
    EnterpriseProjectsArguments, EnterpriseProjectsListArguments, EnterpriseProjectsVerb, GroupsArguments,
    GroupsListArguments, GroupsVerb, HostsArguments, HostsListArguments, HostsVerb, ListArguments, ProjectsArguments,
    ProjectsVerb,
};

/// Start and follow Huawei Cloud HSS asset scans, and account for every host
///
/// Results go to standard output, everything else to standard error.
#[derive(Parser)]
#[command(name = "hss", bin_name = "hss", version, after_long_help = exit::TABLE)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,

    /// Say on standard error what happens; twice, say more
    // Clap counts verbs and flags together: without a number of its own this one moves in the verbs' helps when a verb is added.
    #[arg(short, long, action = ArgAction::Count, global = true, display_order = 100)]
    pub(crate) verbose: u8,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    Scan(ScanArguments),
    Status(StatusArguments),
    Report(ReportArguments),
    Hosts(HostsArguments),
    Groups(GroupsArguments),
    Projects(ProjectsArguments),
    EnterpriseProjects(EnterpriseProjectsArguments),
    Auth(AuthArguments),
    Doctor(DoctorArguments),
    #[cfg_attr(not(feature = "emulator"), command(hide = true))]
    Emulator(EmulatorArguments),
    #[cfg(feature = "completions")]
    Completions(CompletionsArguments),
    #[cfg(feature = "completions")]
    Man(ManArguments),
}

/// Start an asset scan of all servers, of some, or of server groups
///
/// More than 200 ids are split into calls of at most 200, sent one after the other. A call that is answered "already in the task
/// queue" was not taken: if this run filled the queue itself, it waits until the queue is free and sends the call again; if
/// somebody else did, it does so only with --wait.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(group(ArgGroup::new("selector").required(true).args(["all_hosts", "host", "hosts_from", "host_name", "group", "groups_from", "group_name", "targets"])))]
pub(crate) struct ScanArguments {
    /// Scan every server of the project and enterprise project
    #[arg(long, help_heading = "What to scan")]
    pub(crate) all_hosts: bool,

    /// Scan the server with this id; may be given many times
    #[arg(long, value_name = "ID", num_args = 1.., help_heading = "What to scan")]
    pub(crate) host: Vec<String>,

    /// Scan the servers whose ids stand in this file, one a line (- is standard input; blank lines and lines that begin with # are
    /// skipped)
    #[arg(long, value_name = "FILE", help_heading = "What to scan")]
    pub(crate) hosts_from: Option<PathBuf>,

    /// Scan the servers whose names match this pattern (*, ? and [...] as in a shell); may be given many times
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern, help_heading = "What to scan")]
    pub(crate) host_name: Vec<Pattern>,

    /// Scan the server group with this id; may be given many times
    #[arg(long, value_name = "ID", num_args = 1.., help_heading = "What to scan")]
    pub(crate) group: Vec<String>,

    /// Scan the server groups whose ids stand in this file, as with --hosts-from
    #[arg(long, value_name = "FILE", help_heading = "What to scan")]
    pub(crate) groups_from: Option<PathBuf>,

    /// Scan the server groups whose names match this pattern, as with --host-name
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern, help_heading = "What to scan")]
    pub(crate) group_name: Vec<Pattern>,

    /// Scan what stands in this file, over any number of projects and regions: CSV with the header
    /// region,project_id,enterprise_project_id,category,selector,id or JSON lines with these keys (- is standard input; an empty cell
    /// is the default; selector is all_hosts, host or server_group)
    #[arg(long, value_name = "FILE", help_heading = "What to scan")]
    pub(crate) targets: Option<PathBuf>,

    /// Leave out the servers whose agent is not online, and count them; for servers named by id or by name
    #[arg(long, conflicts_with_all = ["all_hosts", "group", "groups_from", "group_name"], help_heading = "What to scan")]
    pub(crate) only_online: bool,

    #[command(flatten)]
    pub(crate) queue: QueueArguments,

    #[command(flatten)]
    pub(crate) access: AccessArguments,

    /// Use the built-in emulator instead of the service: nothing leaves this machine
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Where")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,

    /// Wait for a queue that somebody else filled, and wait until the scan has ended
    #[arg(long, help_heading = "How")]
    pub(crate) wait: bool,

    /// The longest wait for one call's turn, and for the end of the scan
    #[arg(long, help_heading = "How", value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) wait_timeout: Duration,

    /// Note each call in this file before and after it is sent (JSON lines, readable by its owner only)
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", help_heading = "How")]
    pub(crate) journal: Option<PathBuf>,

    /// Go on from the journal: what was accepted is not sent again, what may have arrived only with --retry-unknown
    #[arg(long, requires = "journal", help_heading = "How")]
    pub(crate) resume: bool,

    /// Only take share I of the N shares that the queues fall into, from 0/N to N-1/N; a queue is always in the same share
    #[arg(long, value_name = "I/N", help_heading = "How")]
    pub(crate) shard: Option<Shard>,

    /// How many calls are on their way at a time; the calls of one queue go one after the other all the same
    #[arg(long, value_name = "N", default_value_t = FleetOptions::DEFAULT_CONCURRENCY, value_parser = concurrency, help_heading = "How")]
    pub(crate) concurrency: usize,

    /// Show the calls that would be sent, and send nothing
    #[arg(long, help_heading = "How")]
    pub(crate) dry_run: bool,

    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How")]
    pub(crate) output: Format,
}

/// Ask whether a scan is pending
///
/// The service answers for one project, enterprise project and category. There is no progress and no result: the change from
/// true to false is the only sign that a scan ended.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pub(crate) queue: QueueArguments,

    #[command(flatten)]
    pub(crate) access: AccessArguments,

    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How")]
    pub(crate) output: Format,
}

/// Print the account of a run from its journal, also while the run is going on
///
/// The exit code is that of the account: 0 when every host and group was accepted, 1 when not.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct ReportArguments {
    /// The journal of a run: what --journal of `hss scan` was given
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,

    /// Also write the account as one self-contained web page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Format,
}

/// Look at the credentials
#[derive(Args)]
pub(crate) struct AuthArguments {
    #[command(subcommand)]
    pub(crate) verb: AuthVerb,
}

#[derive(Subcommand)]
pub(crate) enum AuthVerb {
    Whoami(WhoamiArguments),
}

/// Say which credentials are used and where they come from, never the secret
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct WhoamiArguments {
    #[command(flatten)]
    pub(crate) access: AccessArguments,

    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How")]
    pub(crate) output: Format,
}

/// Check region, endpoint, TLS, clock, credentials, project and permission, in this order
///
/// Nothing is changed: the permission is checked by asking whether a scan is pending. The first step that fails is told with the way
/// to mend it; later steps that need it are skipped.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) queue: QueueArguments,

    #[command(flatten)]
    pub(crate) access: AccessArguments,

    /// How to print the result
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How")]
    pub(crate) output: Format,
}

/// Which queue is meant.
#[derive(Args)]
#[command(next_help_heading = "Which queue")]
pub(crate) struct QueueArguments {
    #[command(flatten)]
    pub(crate) project: ProjectArguments,

    /// Kind of asset
    #[arg(long, value_name = "CATEGORY", default_value = "host", help_heading = "Which queue")]
    pub(crate) category: CategoryName,
}

/// Which project and enterprise project is meant.
#[derive(Args)]
#[command(next_help_heading = "Which project")]
pub(crate) struct ProjectArguments {
    /// Id of the project [else env: HUAWEICLOUD_SDK_PROJECT_ID, HW_PROJECT_ID; else that of the credentials, else asked of IAM]
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: Option<ProjectId>,

    /// Id of the enterprise project, or "all" for every one you may use; without it the service takes the default one (0)
    #[arg(long, value_name = "ID", value_parser = enterprise_project)]
    pub(crate) enterprise_project: Option<EnterpriseProject>,
}

/// Where to send calls, with which credentials, and how.
#[derive(Args)]
#[command(next_help_heading = "Where")]
pub(crate) struct AccessArguments {
    /// Region of the project, such as cn-north-4 [else env: HW_REGION_NAME]
    #[arg(long, value_name = "ID")]
    pub(crate) region: Option<Region>,

    /// The service's endpoint, instead of the region's [else env: HUAWEICLOUD_SDK_REGION_HSS_<REGION>]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// The identity service's endpoint, instead of the region's [else env: HUAWEICLOUD_SDK_IAM_ENDPOINT, HW_AUTH_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) iam_endpoint: Option<String>,

    /// File that holds an IAM user token; goes before all other sources of credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Take a plain http endpoint on another machine; credentials then travel in the clear
    #[arg(long)]
    pub(crate) allow_http: bool,

    /// File with CA certificates (PEM) to trust beside the system's own
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,

    /// The longest wait for a connection
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = longest_wait, help_heading = "Network")]
    pub(crate) connect_timeout: Duration,

    /// The longest wait for one call with its retries
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = longest_wait, help_heading = "Network")]
    pub(crate) timeout: Duration,

    /// How many calls a second go out at most; after the service said "too many", fewer go out for a while
    #[arg(long, value_name = "N", value_parser = rate, help_heading = "Network")]
    pub(crate) rate: Option<f64>,

    /// Also send again what may have arrived; a scan may then be started twice
    #[arg(long, help_heading = "Network")]
    pub(crate) retry_unknown: bool,
}

/// Kind of asset, on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CategoryName {
    /// Servers
    Host,
    /// Containers
    Container,
}

impl From<CategoryName> for Category {
    fn from(name: CategoryName) -> Self {
        match name {
            CategoryName::Host => Self::Host,
            CategoryName::Container => Self::Container,
        }
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the eye
    Table,
    /// One JSON object
    Json,
    /// One JSON object a line: each call when it is done, then the totals
    Jsonl,
    /// A line for each host and group, in the columns of --targets and some more
    Csv,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write it as 90s, 30m or 1h 30m"))
}

/// A wait for the network: with none at all, no answer could come in time.
fn longest_wait(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err(format!("it takes more than 0s, but {text} was given; write it as 90s, 30m or 1h 30m")),
        wait => Ok(wait),
    }
}

fn concurrency(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|calls| (1..=1000).contains(calls)).ok_or_else(|| "it takes 1 to 1000".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|calls| (0.01..=200.0).contains(calls)).ok_or_else(|| {
        // The gateway's own limit, the same for every API of the service (facts, section 3).
        "it takes 0.01 to 200 calls a second; the service takes no more than 200".to_owned()
    })
}

pub(crate) fn enterprise_project(text: &str) -> Result<EnterpriseProject, Error> {
    if text == "all" { Ok(EnterpriseProject::all()) } else { text.parse() }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| format!("it is no pattern: {}", error.msg))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
