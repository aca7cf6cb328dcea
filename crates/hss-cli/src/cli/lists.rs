//! The flags of the verbs that look up ids.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use glob::Pattern;
use huaweicloud_hss::api::choices::list_host_status as choices;
use huaweicloud_hss::{AgentStatus, AssetValue, DetectResult, Edition, HostStatus, OsType, ProtectStatus};

use super::{AccessArguments, Format, ProjectArguments, pattern};
use crate::exit;

/// Look up servers and their ids
#[derive(Args)]
pub(crate) struct HostsArguments {
    #[command(subcommand)]
    pub(crate) verb: HostsVerb,
}

#[derive(Subcommand)]
pub(crate) enum HostsVerb {
    List(HostsListArguments),
}

/// List the servers of a project, all pages of them
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct HostsListArguments {
    /// Only servers whose names match this pattern (*, ? and [...] as in a shell)
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Which servers")]
    pub(crate) name: Option<Pattern>,

    /// State of the agent
    #[arg(long, value_name = "STATE", value_parser = choice::<AgentStatus>(&choices::AGENT_STATUS), help_heading = "Which servers")]
    pub(crate) agent_status: Option<AgentStatus>,

    /// Whether protection is on
    #[arg(long, value_name = "STATE", value_parser = choice::<ProtectStatus>(&choices::PROTECT_STATUS), help_heading = "Which servers")]
    pub(crate) protect_status: Option<ProtectStatus>,

    /// State of the server itself
    #[arg(long, value_name = "STATE", value_parser = choice::<HostStatus>(&choices::HOST_STATUS), help_heading = "Which servers")]
    pub(crate) host_status: Option<HostStatus>,

    /// What the last detection found
    #[arg(long, value_name = "RESULT", value_parser = choice::<DetectResult>(&choices::DETECT_RESULT), help_heading = "Which servers")]
    pub(crate) detect_result: Option<DetectResult>,

    /// Edition that protects the server
    #[arg(long, value_name = "EDITION", value_parser = choice::<Edition>(&choices::VERSION), help_heading = "Which servers")]
    pub(crate) edition: Option<Edition>,

    /// Operating system
    #[arg(long, value_name = "OS", value_parser = choice::<OsType>(&choices::OS_TYPE), help_heading = "Which servers")]
    pub(crate) os_type: Option<OsType>,

    /// How important the server is
    #[arg(long, value_name = "VALUE", value_parser = choice::<AssetValue>(&choices::ASSET_VALUE), help_heading = "Which servers")]
    pub(crate) asset_value: Option<AssetValue>,

    /// Id of the server group
    #[arg(long, value_name = "ID", help_heading = "Which servers")]
    pub(crate) group_id: Option<String>,

    #[command(flatten)]
    pub(crate) project: ProjectArguments,

    #[command(flatten)]
    pub(crate) list: ListArguments,
}

/// Look up server groups and their ids
#[derive(Args)]
pub(crate) struct GroupsArguments {
    #[command(subcommand)]
    pub(crate) verb: GroupsVerb,
}

#[derive(Subcommand)]
pub(crate) enum GroupsVerb {
    List(GroupsListArguments),
}

/// List the server groups of a project, all pages of them
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct GroupsListArguments {
    /// Only groups whose names match this pattern (*, ? and [...] as in a shell)
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Which groups")]
    pub(crate) name: Option<Pattern>,

    #[command(flatten)]
    pub(crate) project: ProjectArguments,

    #[command(flatten)]
    pub(crate) list: ListArguments,
}

/// Look up projects and their ids
#[derive(Args)]
pub(crate) struct ProjectsArguments {
    #[command(subcommand)]
    pub(crate) verb: ProjectsVerb,
}

#[derive(Subcommand)]
pub(crate) enum ProjectsVerb {
    /// List the projects of the account, as IAM knows them
    #[command(after_long_help = exit::TABLE)]
    List(ListArguments),
}

/// Look up enterprise projects and their ids
#[derive(Args)]
pub(crate) struct EnterpriseProjectsArguments {
    #[command(subcommand)]
    pub(crate) verb: EnterpriseProjectsVerb,
}

#[derive(Subcommand)]
pub(crate) enum EnterpriseProjectsVerb {
    List(EnterpriseProjectsListArguments),
}

/// List the enterprise projects of the account
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct EnterpriseProjectsListArguments {
    /// Endpoint of the enterprise project service, instead of the region's [else env: HUAWEICLOUD_SDK_REGION_EPS_<REGION>]
    #[arg(long, value_name = "URL", help_heading = "Where")]
    pub(crate) eps_endpoint: Option<String>,

    /// Id of the account, for signed requests [else env: HUAWEICLOUD_SDK_DOMAIN_ID, HW_DOMAIN_ID; else asked of IAM]
    #[arg(long, value_name = "ID", help_heading = "Where")]
    pub(crate) domain_id: Option<String>,

    #[command(flatten)]
    pub(crate) list: ListArguments,
}

/// How a list is fetched and printed.
#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) access: AccessArguments,

    /// Use the built-in emulator instead of the service: nothing leaves this machine
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Where")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,

    /// How to print the result; json is one array, jsonl an object a line
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How")]
    pub(crate) output: Format,
}

/// One of the values that the spec lists.
fn choice<T>(values: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(values).try_map(|text| text.parse())
}
