//! The arguments of the commands that list ids.

use clap::{Args, Subcommand};
use glob::Pattern;
use huaweicloud_hss::api::choices::list_host_status as choices;
use huaweicloud_hss::{AgentStatus, AssetValue, DetectResult, Edition, HostStatus, OsType, ProtectStatus};

use crate::exit;

use super::common::{ConnectionArgs, OutputArgs, ProjectArgs};
use super::value_parsers::{choice, id, pattern};

/// The subcommand `list`, whose arguments differ between the commands.
#[derive(Subcommand)]
pub(crate) enum ListCommand<T: Args> {
    List(T),
}

/// List all servers of a project
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct HostsListArgs {
    /// Only servers whose names match
    ///
    /// *, ? and [...] work as in a shell.
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) name: Option<Pattern>,

    /// Agent status
    #[arg(long, value_name = "STATE", value_parser = choice::<AgentStatus>(&choices::AGENT_STATUS), help_heading = "Filters")]
    pub(crate) agent_status: Option<AgentStatus>,

    /// Protection status
    #[arg(long, value_name = "STATE", value_parser = choice::<ProtectStatus>(&choices::PROTECT_STATUS), help_heading = "Filters")]
    pub(crate) protect_status: Option<ProtectStatus>,

    /// Server status
    #[arg(long, value_name = "STATE", value_parser = choice::<HostStatus>(&choices::HOST_STATUS), help_heading = "Filters")]
    pub(crate) host_status: Option<HostStatus>,

    /// Result of the last detection
    #[arg(long, value_name = "RESULT", value_parser = choice::<DetectResult>(&choices::DETECT_RESULT), help_heading = "Filters")]
    pub(crate) detect_result: Option<DetectResult>,

    /// Protection edition
    #[arg(long, value_name = "EDITION", value_parser = choice::<Edition>(&choices::VERSION), help_heading = "Filters")]
    pub(crate) edition: Option<Edition>,

    /// Operating system
    #[arg(long, value_name = "OS", value_parser = choice::<OsType>(&choices::OS_TYPE), help_heading = "Filters")]
    pub(crate) os_type: Option<OsType>,

    /// Importance of the server
    #[arg(long, value_name = "VALUE", value_parser = choice::<AssetValue>(&choices::ASSET_VALUE), help_heading = "Filters")]
    pub(crate) asset_value: Option<AssetValue>,

    /// Server group id
    #[arg(long, value_name = "ID", value_parser = id, help_heading = "Filters")]
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
    /// Only groups whose names match
    ///
    /// *, ? and [...] work as in a shell.
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) name: Option<Pattern>,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// List the projects of the account, from IAM
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
    /// EPS endpoint [default: that of the region]
    ///
    /// Endpoint of the enterprise project service. HUAWEICLOUD_SDK_REGION_EPS_<REGION> in the environment replaces the endpoint of a
    /// region.
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    pub(crate) eps_endpoint: Option<String>,

    /// Account id, for signed requests
    ///
    /// Default: HUAWEICLOUD_SDK_DOMAIN_ID or HW_DOMAIN_ID in the environment, else looked up in IAM.
    #[arg(long, value_name = "ID", value_parser = id, help_heading = "Connection")]
    pub(crate) domain_id: Option<String>,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How a list is fetched and printed.
#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The service or its emulator.
#[derive(Args)]
pub(crate) struct ServiceArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Use the built-in emulator, not the service
    ///
    /// No account or credentials are needed, and nothing leaves this machine.
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Connection")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,
}
