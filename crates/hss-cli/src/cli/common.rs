//! Arguments that several commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use huaweicloud_hss::{Category, EnterpriseProject, ProjectId, Region};

use super::value_parsers::{enterprise_project, positive_duration, rate_limit};

/// The arguments of a command that reads one queue.
#[derive(Args)]
pub(crate) struct QueueCommandArgs {
    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Selects a queue.
#[derive(Args)]
pub(crate) struct QueueArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    /// Kind of asset
    #[arg(long, value_name = "CATEGORY", default_value = "host", help_heading = "Queue")]
    pub(crate) category: CategoryName,
}

/// Selects a project and an enterprise project.
#[derive(Args)]
#[command(next_help_heading = "Queue")]
pub(crate) struct ProjectArgs {
    /// Id of the project [else env: HUAWEICLOUD_SDK_PROJECT_ID, HW_PROJECT_ID; else that of the credentials, else looked up in IAM]
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: Option<ProjectId>,

    /// Id of the enterprise project, or "all" for every one you may use; without it, the service uses the default one (0)
    #[arg(long, value_name = "ID", value_parser = enterprise_project)]
    pub(crate) enterprise_project: Option<EnterpriseProject>,
}

/// Where to send requests, with which credentials, and how.
#[derive(Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Region of the project, such as cn-north-4 [else env: HW_REGION_NAME]
    #[arg(long, value_name = "ID")]
    pub(crate) region: Option<Region>,

    /// Endpoint of the service, instead of the region's [else env: HUAWEICLOUD_SDK_REGION_HSS_<REGION>]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// Endpoint of the identity service, instead of the region's [else env: HUAWEICLOUD_SDK_IAM_ENDPOINT, HW_AUTH_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) iam_endpoint: Option<String>,

    /// File that holds an IAM user token; takes precedence over all other sources of credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Allow plain HTTP to an endpoint on another machine; credentials are then sent unencrypted
    #[arg(long)]
    pub(crate) allow_http: bool,

    /// File with CA certificates (PEM) to trust in addition to the system's
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Maximum time to establish a connection
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = positive_duration, help_heading = "Network")]
    pub(crate) connect_timeout: Duration,

    /// Maximum time for one call, including its retries
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = positive_duration, help_heading = "Network")]
    pub(crate) timeout: Duration,

    /// Maximum number of calls per second; lowered for a while after the service reports too many
    #[arg(long, alias = "rate", value_name = "N", value_parser = rate_limit, help_heading = "Network")]
    pub(crate) rate_limit: Option<f64>,

    /// Also resend calls that may have taken effect; a scan may then be started twice
    #[arg(long, alias = "retry-unknown", help_heading = "Network")]
    pub(crate) retry_ambiguous: bool,
}

/// How to print the result.
#[derive(Args)]
pub(crate) struct OutputArgs {
    /// Format of the result
    // Its own heading, because clap would continue that of the arguments before.
    #[arg(short = 'o', long = "output", value_name = "FORMAT", default_value = "table", help_heading = None::<&str>)]
    pub(crate) format: OutputFormat,
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

/// Format of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Aligned columns for people
    Table,
    /// One JSON value: an object, or an array for a list
    Json,
    /// One JSON object per line; for a scan, each call when it finishes, then the totals
    Jsonl,
    /// One row per item; for a scan, the columns of --targets and the outcome of each host and group
    Csv,
}
