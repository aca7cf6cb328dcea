//! Arguments that several commands share.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use huaweicloud_hss::{Category, CredentialsResolver, EnterpriseProject, ProjectId, RateLimit, Region};

use super::value_parsers::{deadline, enterprise_project, positive_duration};

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

    /// Kind of asset: host (default) or container
    #[arg(long, value_name = "CATEGORY", default_value = "host", help_heading = "Queue")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) category: CategoryName,
}

/// Selects a project and an enterprise project.
#[derive(Args)]
#[command(next_help_heading = "Queue")]
pub(crate) struct ProjectArgs {
    /// Project id
    ///
    /// Default: HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID in the environment, else the project of the credentials, else the main
    /// project of the region, looked up in IAM.
    #[arg(long, value_name = "ID")]
    pub(crate) project_id: Option<ProjectId>,

    /// Enterprise project id, or all [default: 0]
    ///
    /// 0 is the default enterprise project; "all" means every enterprise project you have access to.
    #[arg(long, value_name = "ID", value_parser = enterprise_project)]
    pub(crate) enterprise_project: Option<EnterpriseProject>,
}

/// Where to send requests, with which credentials, and how.
#[derive(Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Region, such as cn-north-4
    ///
    /// Default: HW_REGION_NAME in the environment, else the region of the credentials, if they are from KooCLI.
    #[arg(long, value_name = "ID")]
    pub(crate) region: Option<Region>,

    /// HSS endpoint [default: that of the region]
    ///
    /// HUAWEICLOUD_SDK_REGION_HSS_<REGION> in the environment replaces the endpoint of a region.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,

    /// IAM endpoint [default: that of the region]
    ///
    /// HUAWEICLOUD_SDK_IAM_ENDPOINT or HW_AUTH_URL in the environment replaces the endpoint of the region.
    #[arg(long, value_name = "URL")]
    pub(crate) iam_endpoint: Option<String>,

    /// Read an IAM user token from FILE
    ///
    /// - reads standard input. Takes precedence over all other credentials. `hss auth whoami` prints which credentials are used.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Skip a source of credentials (repeatable)
    ///
    /// token: HW_AUTH_TOKEN
    /// sdk: HUAWEICLOUD_SDK_AK and its siblings
    /// terraform: HW_ACCESS_KEY and its siblings
    /// profile: ~/.huaweicloud/credentials
    /// koocli: ~/.hcloud/config.json
    /// iam-user: HW_USER_NAME and its siblings
    /// metadata: the metadata service of the cloud server
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(CredentialsResolver::SOURCES))]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub(crate) skip_source: Vec<String>,

    /// Allow plain HTTP to other machines
    ///
    /// Credentials are then sent unencrypted.
    #[arg(long)]
    pub(crate) allow_http: bool,

    /// Also trust the CA certificates in FILE
    ///
    /// PEM format, in addition to the certificates of the system.
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Maximum time to connect
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = positive_duration, help_heading = "Network")]
    pub(crate) connect_timeout: Duration,

    /// Maximum time per call
    ///
    /// For its attempts and the delays between them. Waiting for its turn, where the service limits calls, does not
    /// count.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = positive_duration, help_heading = "Network")]
    pub(crate) timeout: Duration,

    /// Maximum time for the whole command
    ///
    /// After it, no call starts. Calls in flight finish, and the others are reported as not sent.
    #[arg(long, value_name = "DURATION", value_parser = deadline, help_heading = "Network")]
    pub(crate) deadline: Option<Instant>,

    /// Maximum rate, such as 5/min or 200/s
    ///
    /// For each operation and region; a number alone is calls per second. Limits that the service reports are kept to
    /// without this flag.
    #[arg(long, alias = "rate", value_name = "RATE", value_parser = RateLimit::from_str, help_heading = "Network")]
    pub(crate) rate_limit: Option<RateLimit>,

    /// Resend calls that may have taken effect
    ///
    /// Without this flag, such a call is reported as unknown: sending it again could start a second scan.
    #[arg(long, alias = "retry-unknown", help_heading = "Network")]
    pub(crate) retry_ambiguous: bool,
}

/// How to print the result.
#[derive(Args)]
pub(crate) struct OutputArgs {
    /// Format: table (default), json, jsonl, csv
    ///
    /// table: aligned columns for people
    /// json:  one JSON value: an object, or an array for a list
    /// jsonl: one JSON object per line; a scan ends with the totals
    /// csv:   one row per item, or per target of a scan
    // Without a heading of its own: clap would continue that of the arguments before. The values are part of the text, so that the short
    // help has one line per flag.
    #[arg(short = 'o', long = "output", value_name = "FORMAT", default_value = "table", help_heading = None::<&str>)]
    #[arg(hide_default_value = true, hide_possible_values = true, verbatim_doc_comment)]
    pub(crate) format: OutputFormat,
}

/// Where to write metrics.
#[derive(Args)]
pub(crate) struct MetricsArgs {
    /// Write metrics to FILE, for Prometheus
    ///
    /// OpenMetrics text for the textfile collector of a node exporter. The file is replaced as a whole at the end of the run, also
    /// if the run fails. docs/fleet.md lists the names.
    // Without a heading of its own, as the format.
    #[arg(id = "metrics", long, value_name = "FILE", help_heading = None::<&str>)]
    pub(crate) file: Option<PathBuf>,
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
    /// One JSON object per line; a scan ends with the totals
    Jsonl,
    /// One row per item, or per target of a scan
    Csv,
}

/// Format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Aligned columns for people
    Table,
    /// A JSON array
    Json,
    /// One JSON object per line
    Jsonl,
    /// One row per item
    Csv,
    /// A Markdown table
    Markdown,
}

impl From<OutputFormat> for ListFormat {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table => Self::Table,
            OutputFormat::Json => Self::Json,
            OutputFormat::Jsonl => Self::Jsonl,
            OutputFormat::Csv => Self::Csv,
        }
    }
}
