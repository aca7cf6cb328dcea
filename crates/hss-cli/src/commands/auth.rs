//! `hss auth whoami`: prints which credentials are used and where they come from, without secrets.

use serde_json::json;

use crate::cli::{OutputArgs, OutputFormat, WhoamiArgs};
use crate::connect::{self, ConnectionSettings};
use crate::exit::{CliError, ExitStatus};
use crate::{output, render};

pub(crate) async fn whoami(args: WhoamiArgs) -> Result<ExitStatus, CliError> {
    let WhoamiArgs { connection, output: OutputArgs { format } } = args;
    let named = connect::project(None)?;
    let settings = ConnectionSettings::new(&connection, named.as_ref())?;
    let found = settings.resolve().await?;
    let project = named.map(|project| project.to_string()).or_else(|| found.project_id.clone());
    let row = vec![found.summary.clone(), found.location.to_string(), project.clone().unwrap_or_default()];
    let json = || {
        json!({
            "credentials": found.summary,
            "source": found.location.to_string(),
            "project_id": project,
            "notes": found.notes,
        })
        .to_string()
    };
    output::print(&render::rows(format, &["credentials", "source", "project"], vec![row], json));
    if format == OutputFormat::Table {
        for note in &found.notes {
            output::message(&format!("note: {note}"));
        }
    }
    Ok(ExitStatus::Ok)
}
