//! `hss doctor`: checks everything that a scan needs, step by step, and prints how to fix a failure. Changes nothing.

use std::time::{Duration, SystemTime};

use huaweicloud_hss::{
    CLOCK_TOLERANCE, Client, CredentialsProvider, Environment as _, Error, HttpConfig, OsEnvironment, RetryPolicy,
};
use serde::Serialize;

use crate::cli::{OutputFormat, QueueCommandArgs};
use crate::connect::{self, ConnectionSettings};
use crate::exit::{CliError, ExitStatus};
use crate::targets::QueueSpec;
use crate::{output, render};

/// The steps in order. After a failure, the remaining steps are skipped.
const STEPS: [&str; 7] = ["region", "endpoint", "connection and TLS", "clock", "credentials", "project", "permission"];

/// How often each call is attempted.
const MAX_ATTEMPTS: u32 = 4;

/// The result of a step.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Failed,
    Skipped,
}

#[derive(Serialize)]
struct Step {
    step: &'static str,
    verdict: Verdict,
    detail: String,
}

#[derive(Default)]
struct Checks {
    steps: Vec<Step>,
    exit_status: Option<ExitStatus>,
}

impl Checks {
    fn pass(&mut self, detail: impl Into<String>) {
        self.push(Verdict::Ok, detail.into());
    }

    fn fail(&mut self, error: &CliError) {
        self.exit_status = Some(error.exit_status());
        self.push(Verdict::Failed, error.to_string());
    }

    fn push(&mut self, verdict: Verdict, detail: String) {
        if let Some(step) = STEPS.get(self.steps.len()) {
            self.steps.push(Step { step, verdict, detail });
        }
    }
}

pub(crate) async fn run(args: QueueCommandArgs) -> Result<ExitStatus, CliError> {
    let format = args.output.format;
    let mut checks = Checks::default();
    if let Err(error) = run_checks(args, &mut checks).await {
        checks.fail(&error);
    }
    while checks.steps.len() < STEPS.len() {
        checks.push(Verdict::Skipped, "an earlier step failed".to_owned());
    }
    let json = || serde_json::to_string(&checks.steps).unwrap_or_default();
    output::print(&render::rows(format, &["step", "verdict", "detail"], rows(&checks, format), json));
    Ok(checks.exit_status.unwrap_or(ExitStatus::Ok))
}

/// Runs the checks until the first one fails.
async fn run_checks(args: QueueCommandArgs, checks: &mut Checks) -> Result<(), CliError> {
    let QueueCommandArgs { queue, connection, .. } = args;
    let region = connect::region(&connection)?;
    checks.pass(match &region {
        Some(region) if region.is_known() => region.to_string(),
        Some(region) => {
            format!("{region} (unknown to this version of hss; if a later step fails, check the spelling)")
        }
        None if connection.endpoint.is_some() => "none given; not needed with an endpoint".to_owned(),
        None => {
            return Err(CliError::usage("no region or endpoint given. Pass --region cn-north-4 or --endpoint URL"));
        }
    });
    let Some(endpoint) = connect::endpoint(&connection, region.as_ref())? else {
        return Err(CliError::usage("no endpoint is known. Pass --region cn-north-4 or --endpoint URL"));
    };
    HttpConfig::default().with_plain_http(connection.allow_http).validate_endpoint(&endpoint)?;
    checks.pass(endpoint.as_str());
    // A diagnosis does not wait for the service to come back.
    let retry = RetryPolicy::default().with_time_limit(connection.timeout).with_max_attempts(MAX_ATTEMPTS);
    let http_config = connect::http_config(&connection)?.with_retry(retry);
    let build = |provider| {
        Client::builder()
            .with_endpoint(&endpoint)
            .with_http_config(http_config.clone())
            .with_credentials(provider)
            .build()
    };
    // An invalid project id is reported in its own step.
    let given = connect::project(queue.project.project_id.as_ref());
    let any_project = given.as_ref().ok().cloned().flatten().map_or_else(|| "0".parse(), Ok)?;
    // Sent without credentials: only the service may get them, and errors in them are reported in their own step.
    let anonymous = build(CredentialsProvider::anonymous())?;
    let response = anonymous.status(&connect::complete_queue(&QueueSpec::default(), any_project, &queue)).await;
    if let Err(error) = response.as_ref()
        && error.is_clock_skew()
    {
        // The certificate may well be right, and no time of the service is known without it.
        checks.pass("the service responds, but by this machine's clock its certificate is not valid yet");
        return Err(CliError::access(error.to_string()));
    }
    let server_time = response.map_or_else(server_time_of_refusal, |response| Ok(response.meta.server_time))?;
    let through = http_config.proxy(&endpoint)?.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
    checks.pass(format!("the service responds{through}"));
    checks.pass(compare_clocks(server_time)?);
    let for_project = given.as_ref().ok().and_then(Option::as_ref);
    let settings =
        ConnectionSettings::from_parts(&connection, for_project, region, Some(endpoint.clone()), http_config.clone())?;
    let found = settings.resolve().await?;
    let notes: String = found.notes.iter().map(|note| format!("; {note}")).collect();
    // Sources such as IAM fetch the credentials on first use.
    found.provider.credentials().await?;
    checks.pass(format!("{} from {}{notes}", found.summary, found.location));
    let project = match given? {
        Some(project) => project,
        None => settings.find_project(&found, None).await?,
    };
    let others = connect::other_projects(queue.project.project_id.as_ref(), &found)?;
    checks.pass(others.map_or_else(|| project.to_string(), |text| format!("{project}; {text}")));
    let response =
        build(found.provider)?.status(&connect::complete_queue(&QueueSpec::default(), project, &queue)).await?;
    let limits: Vec<String> =
        response.meta.rate_limits.iter().map(|reported| format!("{} {}", reported.policy, reported.limit)).collect();
    let limits = if limits.is_empty() { String::new() } else { format!("; limits on calls: {}", limits.join(", ")) };
    let pending = if response.pending { "a" } else { "no" };
    checks.pass(format!("can read the scan status: {pending} scan is pending{limits}"));
    Ok(())
}

/// Returns the server time if the service itself refused the call. A response from anything else, such as the log-in page of a proxy,
/// is a connection error, so that no credentials are sent there.
fn server_time_of_refusal(error: Error) -> Result<Option<SystemTime>, CliError> {
    match error.http_status() {
        Some(404 | 407) => {}
        Some(400..=499) if error.code().is_some() => return Ok(error.server_time()),
        Some(status @ 400..=499) => {
            return Err(CliError::new(
                ExitStatus::Unreachable,
                format!(
                    "the response is not from HSS: it has HTTP status {status} but no error code. Check the endpoint, and whether a \
                     proxy requires a login"
                ),
            ));
        }
        Some(_) => {}
        None => return Err(error.into()),
    }
    Err(CliError::new(ExitStatus::Unreachable, error.to_string()))
}

/// Compares this machine's clock with the service's.
fn compare_clocks(server_time: Option<SystemTime>) -> Result<String, CliError> {
    let Some(server_time) = server_time else { return Ok("not checked: the response has no date".to_owned()) };
    let now = OsEnvironment.now();
    check_clock_skew(now.duration_since(server_time).unwrap_or_else(|behind| behind.duration()))
}

/// Checks the difference between two clocks.
fn check_clock_skew(skew: Duration) -> Result<String, CliError> {
    if skew <= CLOCK_TOLERANCE {
        return Ok(format!("differs from the service's by {}", render::counted(skew.as_secs(), "second")));
    }
    let allowed = CLOCK_TOLERANCE.as_secs() / 60;
    // Rounded to the nearest minute, but never down to the allowed skew.
    let minutes = ((skew.as_secs() + 30) / 60).max(allowed + 1);
    Err(CliError::access(format!(
        "this machine's clock differs from the service's by {minutes} minutes, and at most {allowed} are allowed. Synchronise it with a \
         time server"
    )))
}

/// Returns a row for each step. In a table, each further line of a detail, such as a list of reasons, is a row of its own.
fn rows(checks: &Checks, format: OutputFormat) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for Step { step, verdict, detail } in &checks.steps {
        let verdict = match verdict {
            Verdict::Ok => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        };
        let (first, rest) = match format {
            OutputFormat::Table => detail.split_once('\n').unwrap_or((detail, "")),
            _ => (detail.as_str(), ""),
        };
        rows.push([step, verdict, first].map(str::to_owned).to_vec());
        rows.extend(rest.lines().map(|line| ["", "", line].map(str::to_owned).to_vec()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_clock_skew_is_never_rounded_down_to_the_allowed_one() {
        for (milliseconds, minutes) in [
            (900_001, 16),
            (929_999, 16),
            (960_000, 16),
            (963_000, 16),
            (989_999, 16),
            (990_000, 17),
            (1_200_000, 20),
            (86_400_000, 1440),
        ] {
            let error = check_clock_skew(Duration::from_millis(milliseconds)).unwrap_err().to_string();
            let expected = format!(
                "this machine's clock differs from the service's by {minutes} minutes, and at most 15 are allowed"
            );
            assert!(error.starts_with(&expected), "{milliseconds}: {error}");
        }
        assert_eq!(check_clock_skew(Duration::from_secs(900)).unwrap(), "differs from the service's by 900 seconds");
    }
}
