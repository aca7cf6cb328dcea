//! `hss doctor`: everything that a scan needs, checked in order, with the way to mend what fails. Nothing is changed.

use std::time::{Duration, SystemTime};

use huaweicloud_hss::{Client, CredentialsProvider, Environment as _, Error, HttpConfig, OsEnvironment};
use serde::Serialize;

use crate::cli::QueueCommandArgs;
use crate::connect::{self, Place};
use crate::exit::{CliError, ExitStatus};
use crate::targets::QueueSpec;
use crate::{output, render};

/// The steps, in their order. A step that fails keeps all after it from being tried.
const STEPS: [&str; 7] = ["region", "endpoint", "connection and TLS", "clock", "credentials", "project", "permission"];

/// What the gateway allows (facts, section 3).
const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What came of a step.
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
struct Report {
    steps: Vec<Step>,
    exit: Option<ExitStatus>,
}

impl Report {
    fn ok(&mut self, detail: impl Into<String>) {
        self.push(Verdict::Ok, detail.into());
    }

    fn failed(&mut self, failure: &CliError) {
        self.exit = Some(failure.exit_status());
        self.push(Verdict::Failed, failure.to_string());
    }

    fn push(&mut self, verdict: Verdict, detail: String) {
        if let Some(step) = STEPS.get(self.steps.len()) {
            self.steps.push(Step { step, verdict, detail });
        }
    }
}

pub(crate) async fn run(args: QueueCommandArgs) -> Result<ExitStatus, CliError> {
    let format = args.output.format;
    let mut report = Report::default();
    if let Err(failure) = examine(args, &mut report).await {
        report.failed(&failure);
    }
    while report.steps.len() < STEPS.len() {
        report.push(Verdict::Skipped, "a step before it failed".to_owned());
    }
    let json = || serde_json::to_string(&report.steps).unwrap_or_default();
    output::print(&render::rows(format, &["step", "verdict", "detail"], rows(&report), json));
    Ok(report.exit.unwrap_or(ExitStatus::Ok))
}

/// Goes through the steps; the first failure ends it.
async fn examine(args: QueueCommandArgs, report: &mut Report) -> Result<(), CliError> {
    let QueueCommandArgs { queue, connection, .. } = args;
    let region = connect::region(&connection)?;
    report.ok(match &region {
        Some(region) if region.is_known() => region.to_string(),
        Some(region) => {
            format!("{region}, which is not known to this version: the endpoint follows the pattern of the others")
        }
        None if connection.endpoint.is_some() => "none named; the endpoint is given".to_owned(),
        None => {
            return Err(CliError::usage(
                "neither a region nor an endpoint is named. Give --region cn-north-4 or --endpoint URL",
            ));
        }
    });
    let Some(endpoint) = connect::endpoint(&connection, region.as_ref())? else {
        return Err(CliError::usage("no endpoint is known. Give --region cn-north-4 or --endpoint URL"));
    };
    HttpConfig::default().with_plain_http(connection.allow_http).validate_endpoint(&endpoint)?;
    report.ok(endpoint.as_str());
    let network = connect::network(&connection)?;
    let build = |provider| {
        Client::builder().with_endpoint(&endpoint).with_http_config(network.clone()).with_credentials(provider).build()
    };
    // What is wrong with the project's id is told in its own step.
    let named = connect::project(queue.project.project_id.as_ref());
    let any_project = named.as_ref().ok().cloned().flatten().map_or_else(|| "0".parse(), Ok)?;
    // Asked without credentials, so that they go to nobody but the service, and what is wrong with them is told in its own step.
    let nobody = build(CredentialsProvider::anonymous())?;
    let answer = nobody.status(&connect::fill(&QueueSpec::default(), any_project, &queue)).await;
    let server_time = answer.map_or_else(not_the_service, |reply| Ok(reply.meta.server_time))?;
    report.ok("the endpoint answers");
    report.ok(clock(server_time)?);
    let for_project = named.as_ref().ok().and_then(Option::as_ref);
    let place = Place::of(&connection, for_project, region, Some(endpoint.clone()), network.clone())?;
    let found = place.resolve().await?;
    let notes: String = found.notes.iter().map(|note| format!("; {note}")).collect();
    // A source that has to be asked, such as IAM, is asked now.
    found.provider.credentials().await?;
    report.ok(format!("{} from {}{notes}", found.summary, found.source));
    let project = match named? {
        Some(project) => project,
        None => place.project(&found, None).await?,
    };
    let others = connect::other_projects(queue.project.project_id.as_ref(), &found)?;
    report.ok(others.map_or_else(|| project.to_string(), |told| format!("{project}; {told}")));
    let reply = build(found.provider)?.status(&connect::fill(&QueueSpec::default(), project, &queue)).await?;
    report.ok(format!("the status may be read; a scan is {}pending", if reply.pending { "" } else { "not " }));
    Ok(())
}

/// Takes a refusal for the service's own where it is one: then it tells the service's time. What anybody else answers, such as a
/// proxy with a log-in page, is a failure of the connection, and no credentials may follow.
fn not_the_service(error: Error) -> Result<Option<SystemTime>, CliError> {
    match error.http_status() {
        Some(404 | 407) => {}
        Some(400..=499) if error.code().is_some() => return Ok(error.server_time()),
        Some(status @ 400..=499) => {
            return Err(CliError::new(
                ExitStatus::Unreachable,
                format!(
                    "the answer has HTTP status {status}, but no code as the service's refusals have one. Check that the endpoint is \
                     that of HSS, and for a proxy with a log-in page"
                ),
            ));
        }
        Some(_) => {}
        None => return Err(error.into()),
    }
    Err(CliError::new(ExitStatus::Unreachable, error.to_string()))
}

/// How far this machine's clock is from the service's.
fn clock(server_time: Option<SystemTime>) -> Result<String, CliError> {
    let Some(theirs) = server_time else { return Ok("the answer tells no time to compare with".to_owned()) };
    let ours = OsEnvironment.now();
    apart(ours.duration_since(theirs).unwrap_or_else(|behind| behind.duration()))
}

/// Judges the distance between two clocks.
fn apart(off: Duration) -> Result<String, CliError> {
    if off <= CLOCK_TOLERANCE {
        return Ok(format!("{} seconds away from the service's", off.as_secs()));
    }
    let allowed = CLOCK_TOLERANCE.as_secs() / 60;
    // To the nearest minute, but never to what is allowed.
    let minutes = ((off.as_secs() + 30) / 60).max(allowed + 1);
    Err(CliError::access(format!(
        "this machine's clock is {minutes} minutes away from the service's, and {allowed} are allowed. Set the clock"
    )))
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let rows = report.steps.iter().map(|step| {
        let verdict = match step.verdict {
            Verdict::Ok => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        };
        vec![step.step.to_owned(), verdict.to_owned(), step.detail.clone()]
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_that_is_refused_is_never_told_as_one_that_is_allowed() {
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
            let failure = apart(Duration::from_millis(milliseconds)).unwrap_err().to_string();
            let expected =
                format!("this machine's clock is {minutes} minutes away from the service's, and 15 are allowed");
            assert!(failure.starts_with(&expected), "{milliseconds}: {failure}");
        }
        assert_eq!(apart(Duration::from_secs(900)).unwrap(), "900 seconds away from the service's");
    }
}
