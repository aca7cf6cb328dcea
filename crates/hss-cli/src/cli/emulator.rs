//! The arguments of `hss emulator`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use huaweicloud_hss_emulator::{FaultError, Faults};

use super::value_parsers::duration;

const AUTHENTICATION: &str = "Authentication (by default, every well-formed token is accepted)";

/// Run an emulator of the service on this machine
///
/// Runs until it is interrupted. The first line on standard output is "listening on http://ADDR"; open that address in a browser for a
/// live view. GET /_emulator/ledger returns the requests received, and GET /_emulator/assets what was collected from each server (JSON
/// lines); POST /_emulator/hosts sets attributes of a server, and POST /_emulator/reset restores the initial state.
#[derive(Args)]
pub(crate) struct EmulatorArgs {
    /// Listen address
    ///
    /// Port 0 chooses a free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Allow a non-loopback address
    ///
    /// Anyone who can reach the address can use and control the emulator. The web UI and the paths below /_emulator/ work under
    /// the address, localhost and, with --allow-remote=NAME,..., these host names.
    #[arg(long, value_name = "NAME", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_remote: Option<Vec<String>>,

    /// Duration of a scan
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    pub(crate) scan_duration: Duration,

    /// Number of simulated servers
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) hosts: usize,

    /// Keep the state in FILE across restarts
    ///
    /// Records queues, requests and tokens as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Minimum response latency
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) latency: Duration,

    /// Token to accept, as well as issued ones
    #[arg(long, value_name = "T", help_heading = AUTHENTICATION)]
    pub(crate) token: Option<String>,

    /// User who can log in (repeatable)
    #[arg(long, value_name = "DOMAIN/NAME:PASSWORD", value_parser = user)]
    #[arg(help_heading = AUTHENTICATION)]
    pub(crate) user: Vec<(String, String, String)>,

    /// Access key that can sign requests
    ///
    /// Use an invented key, not a real one.
    #[arg(long, value_name = "AK", requires = "sk")]
    #[arg(help_heading = AUTHENTICATION)]
    pub(crate) ak: Option<String>,

    /// Secret key of --ak
    #[arg(long, value_name = "SK", requires = "ak")]
    #[arg(help_heading = AUTHENTICATION)]
    pub(crate) sk: Option<String>,

    /// Accept every well-formed token as well
    #[arg(long, alias = "any-token", help_heading = AUTHENTICATION)]
    pub(crate) accept_any_token: bool,

    /// Project that IAM lists (repeatable)
    ///
    /// In IAM, the main project of a region has the name of the region. Default: emulator-project=cn-north-4.
    #[arg(long, value_name = "ID=NAME", value_parser = pair)]
    pub(crate) project: Vec<(String, String)>,

    /// Enterprise project and its size (repeatable)
    ///
    /// The other servers are in the default enterprise project, 0.
    #[arg(long, value_name = "ID=SERVERS", value_parser = enterprise_share)]
    pub(crate) enterprise_project: Vec<(String, usize)>,

    /// Fault to inject: status=503@5% (repeatable)
    ///
    /// The form is [OPERATION:]WHAT[@WHEN] [OPTIONS], such as "status=503@5%" or "CreateGlobalAssetScanTask:reset-after@3". WHEN is a
    /// probability (5%) or the numbers of calls (3 or 1,4-6,10-). WHAT is one of these:
    ///
    /// delay=50ms, delay=10ms..2s, delay=~50ms (spread around a mean): a delayed response.
    ///
    /// status=N (the request has no effect), status-after=N (the request takes effect): a response with this status. OPTIONS are
    /// code=CODE, retry-after=SECONDS and body=TEXT. In TEXT, $FIELDS are the fields of the usual response.
    ///
    /// throttle=5/min, throttle=20/10s, throttle=200/s: a rate limit, for each operation if OPERATION is *. OPTIONS are
    /// policy=user|ip|api|app|api-allenv, window=fixed|sliding, code=CODE, retry-after=SECONDS, no-time (the message does not state
    /// the period) and no-debug (no X-Apig-RateLimit headers).
    ///
    /// reset, reset-after, close, close-after, close-idle=50ms, truncate, garbage, html: a connection that ends before or after the
    /// request takes effect, or a damaged response.
    ///
    /// expire-token: all tokens issued so far are expired.
    ///
    /// empty-list, null-list, no-list, repeat-page, total=N, ignore-filter, cut-list=N: a list that loses or repeats servers.
    ///
    /// processed=N, exist-after=500ms, exist-never: a scan of another number of servers, or one that a status call shows late or
    /// never. The OPTION of the last two is selector=host_ids|server_group|all_hosts.
    ///
    /// skip-hosts, late-hosts=5m, fail-hosts, hang-hosts, keep-times, keep-status: servers that a scan does not collect, or only later,
    /// or without new times or status. OPTIONS are share=5% and hosts=ID,ID.
    ///
    /// POST /_emulator/faults changes the faults of a running emulator.
    #[arg(long, value_name = "RULE", value_parser = fault, help_heading = "Faults")]
    pub(crate) fault: Vec<Faults>,

    /// Read faults from FILE
    ///
    /// One rule per line. A line seed=N sets the seed; lines starting with # are ignored.
    #[arg(long, value_name = "FILE", help_heading = "Faults")]
    pub(crate) faults_from: Option<PathBuf>,

    /// Random seed [default: from the file, or 0]
    ///
    /// The same seed injects the same faults.
    #[arg(long, value_name = "N", help_heading = "Faults")]
    pub(crate) fault_seed: Option<u64>,
}

fn user(text: &str) -> Result<(String, String, String), String> {
    let parts = text.split_once('/').and_then(|(domain, rest)| Some((domain, rest.split_once(':')?)));
    let (domain, (name, password)) = parts.ok_or("expected DOMAIN/NAME:PASSWORD")?;
    Ok((domain.to_owned(), name.to_owned(), password.to_owned()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (id, name) = text.split_once('=').filter(|(id, _)| !id.is_empty()).ok_or("expected ID=NAME")?;
    Ok((id.to_owned(), name.to_owned()))
}

fn enterprise_share(text: &str) -> Result<(String, usize), String> {
    let parts = text.rsplit_once('=').and_then(|(id, hosts)| Some((id, hosts.parse().ok()?)));
    let (id, hosts) = parts.filter(|(id, _)| !id.is_empty()).ok_or("expected ID=SERVERS, such as 7b1c=20")?;
    Ok((id.to_owned(), hosts))
}

fn fault(text: &str) -> Result<Faults, String> {
    let faults: Faults = text.parse().map_err(|error: FaultError| error.to_string())?;
    if faults.is_empty() { Err("expected a rule, such as status=503@5%".to_owned()) } else { Ok(faults) }
}
