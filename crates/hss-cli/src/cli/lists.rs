//! The arguments of the commands that list ids.

use clap::{Args, Subcommand};
use glob::Pattern;
use huaweicloud_hss::api::choices::list_host_status as choices;
use huaweicloud_hss::{AgentStatus, AssetValue, DetectResult, Edition, HostStatus, OsType, ProtectStatus};

use crate::exit;

use super::common::{ConnectionArgs, OutputArgs, ProjectArgs};
use super::value_parsers::{choice, pattern};

/// `list` is the only thing to do so far, with other arguments for each command.
#[derive(Subcommand)]
pub(crate) enum ListCommand<T: Args> {
    List(T),
}

/// List all servers of a project
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct HostsListArgs {
    /// Only servers whose names match this pattern (*, ? and [...] as in a shell)
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) name: Option<Pattern>,

    /// State of the agent
    #[arg(long, value_name = "STATE", value_parser = choice::<AgentStatus>(&choices::AGENT_STATUS), help_heading = "Filters")]
    pub(crate) agent_status: Option<AgentStatus>,

    /// Whether protection is on
    #[arg(long, value_name = "STATE", value_parser = choice::<ProtectStatus>(&choices::PROTECT_STATUS), help_heading = "Filters")]
    pub(crate) protect_status: Option<ProtectStatus>,

    /// State of the server itself
    #[arg(long, value_name = "STATE", value_parser = choice::<HostStatus>(&choices::HOST_STATUS), help_heading = "Filters")]
    pub(crate) host_status: Option<HostStatus>,

    /// What the last detection found
    #[arg(long, value_name = "RESULT", value_parser = choice::<DetectResult>(&choices::DETECT_RESULT), help_heading = "Filters")]
    pub(crate) detect_result: Option<DetectResult>,

    /// Edition that protects the server
    #[arg(long, value_name = "EDITION", value_parser = choice::<Edition>(&choices::VERSION), help_heading = "Filters")]
    pub(crate) edition: Option<Edition>,

    /// Operating system
    #[arg(long, value_name = "OS", value_parser = choice::<OsType>(&choices::OS_TYPE), help_heading = "Filters")]
    pub(crate) os_type: Option<OsType>,

    /// How important the server is
    #[arg(long, value_name = "VALUE", value_parser = choice::<AssetValue>(&choices::ASSET_VALUE), help_heading = "Filters")]
    pub(crate) asset_value: Option<AssetValue>,

    /// Id of the server group
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    pub(crate) group_id: Option<String>,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// List all server groups of a project
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct GroupsListArgs {
    /// Only groups whose names match this pattern (*, ? and [...] as in a shell)
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) name: Option<Pattern>,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// List the projects of the account, as IAM knows them
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct ProjectsListArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// List the enterprise projects of the account
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct EnterpriseProjectsListArgs {
    /// Endpoint of the enterprise project service, instead of the region's [else env: HUAWEICLOUD_SDK_REGION_EPS_<REGION>]
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    pub(crate) eps_endpoint: Option<String>,

    /// Id of the account, for signed requests [else env: HUAWEICLOUD_SDK_DOMAIN_ID, HW_DOMAIN_ID; else looked up in IAM]
    #[arg(long, value_name = "ID", help_heading = "Connection")]
    pub(crate) domain_id: Option<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How a list is fetched and printed.
#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Use the built-in emulator instead of the service; nothing leaves this machine
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Connection")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
