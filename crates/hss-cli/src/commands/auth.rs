//! `hss auth whoami`: which credentials are used, and where they come from. Never the secret.

use serde_json::json;

use crate::cli::{AuthArguments, AuthVerb, Format, WhoamiArguments};
use crate::connect::{self, Place};
use crate::exit::{Exit, Failure};
use crate::{output, render};

pub(crate) async fn run(arguments: AuthArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        AuthVerb::Whoami(arguments) => whoami(arguments).await,
    }
}

async fn whoami(arguments: WhoamiArguments) -> Result<Exit, Failure> {
    let WhoamiArguments { access, output: format } = arguments;
    let named = connect::project(None)?;
    let place = Place::new(&access, named.as_ref())?;
    let found = place.resolve().await?;
    let project = named.map(|project| project.to_string()).or_else(|| found.project_id.clone());
    let row = vec![found.summary.clone(), found.source.to_string(), project.clone().unwrap_or_default()];
    let json = || {
        json!({
            "credentials": found.summary,
            "source": found.source.to_string(),
            "project_id": project,
            "notes": found.notes,
        })
        .to_string()
    };
    output::result(&render::rows(format, &["credentials", "source", "project"], vec![row], json));
    if format == Format::Table {
        for note in &found.notes {
            output::note(&format!("note: {note}"));
        }
    }
    Ok(Exit::Ok)
}
