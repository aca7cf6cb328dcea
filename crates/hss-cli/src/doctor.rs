//! `hss doctor`: everything that a scan needs, checked in order, with the way to mend what fails. Nothing is changed.

use std::time::{Duration, SystemTime};

use huaweicloud_hss::{Client, CredentialsProvider, OsSystem, System as _};
use serde::Serialize;

use crate::arguments::DoctorArguments;
use crate::connect::{self, Place};
use crate::exit::{Exit, Failure};
use crate::targets::PartialQueue;
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
    exit: Option<Exit>,
}

impl Report {
    fn ok(&mut self, detail: impl Into<String>) {
        self.push(Verdict::Ok, detail.into());
    }

    fn failed(&mut self, failure: &Failure) {
        self.exit = Some(failure.exit());
        self.push(Verdict::Failed, failure.to_string());
    }

    fn push(&mut self, verdict: Verdict, detail: String) {
        if let Some(step) = STEPS.get(self.steps.len()) {
            self.steps.push(Step { step, verdict, detail });
        }
    }
}

pub(crate) async fn run(arguments: DoctorArguments) -> Result<Exit, Failure> {
    let format = arguments.output;
    let mut report = Report::default();
    if let Err(failure) = examine(arguments, &mut report).await {
        report.failed(&failure);
    }
    while report.steps.len() < STEPS.len() {
        report.push(Verdict::Skipped, "a step before it failed".to_owned());
    }
    let json = || serde_json::to_string(&report.steps).unwrap_or_default();
    output::result(&render::rows(format, &["step", "verdict", "detail"], rows(&report), json));
    Ok(report.exit.unwrap_or(Exit::Ok))
}

/// Goes through the steps; the first failure ends it.
async fn examine(arguments: DoctorArguments, report: &mut Report) -> Result<(), Failure> {
    let DoctorArguments { queue, access, .. } = arguments;
    let named = connect::project(queue.project.project_id.as_ref())?;
    let place = Place::new(&access, named.as_ref())?;
    report.ok(match &place.region {
        Some(region) if region.is_known() => region.to_string(),
        Some(region) => {
            format!("{region}, which is not known to this version: the endpoint follows the pattern of the others")
        }
        None => "none named; the endpoint is given".to_owned(),
    });
    let Some(endpoint) = &place.endpoint else {
        return Err(Failure::usage("no endpoint is known. Give --region cn-north-4 or --endpoint URL"));
    };
    let build =
        |provider| Client::builder().endpoint(endpoint).network(place.network.clone()).credentials(provider).build();
    let nobody = build(CredentialsProvider::none())?;
    report.ok(endpoint.as_str());
    // Asked without credentials, so that what is wrong with those is told in its own step. Any answer will do.
    let any_project = named.clone().map_or_else(|| "0".parse(), Ok)?;
    let answered_at = match nobody.status(&connect::fill(&PartialQueue::default(), any_project, &queue)).await {
        Ok(reply) => reply.meta.answered_at,
        Err(error) if error.http_status().is_some() => error.answered_at(),
        Err(error) => return Err(error.into()),
    };
    report.ok("the endpoint answers");
    report.ok(clock(answered_at)?);
    let found = place.resolver.resolve(&OsSystem).await?;
    let notes: String = found.notes.iter().map(|note| format!("; {note}")).collect();
    // A source that has to be asked, such as IAM, is asked now.
    found.provider.credentials().await?;
    report.ok(format!("{} from {}{notes}", found.summary, found.source));
    let project = match named {
        Some(project) => project,
        None => place.project(&found, None).await?,
    };
    report.ok(project.to_string());
    let reply = build(found.provider)?.status(&connect::fill(&PartialQueue::default(), project, &queue)).await?;
    report.ok(format!("the status may be read; a scan is {}pending", if reply.exist { "" } else { "not " }));
    Ok(())
}

/// How far this machine's clock is from the service's.
fn clock(answered_at: Option<SystemTime>) -> Result<String, Failure> {
    let Some(theirs) = answered_at else { return Ok("the answer tells no time to compare with".to_owned()) };
    let ours = OsSystem.now();
    let off = ours.duration_since(theirs).unwrap_or_else(|behind| behind.duration());
    if off > CLOCK_TOLERANCE {
        let minutes = off.as_secs() / 60;
        return Err(Failure::access(format!(
            "this machine's clock is {minutes} minutes away from the service's, and 15 are allowed. Set the clock"
        )));
    }
    Ok(format!("{} seconds away from the service's", off.as_secs()))
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
