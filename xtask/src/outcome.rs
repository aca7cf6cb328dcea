//! How a verb writes what it found: its `--format`, and where report, notes and refusals go.

use std::io::{self, Write};

use crate::Verdict;

/// A report with its verdict and a note, or the sentence why there is none.
pub(crate) type Outcome = Result<(String, Verdict, String), String>;

/// Writes a report to `out`, and all else to `err`. What has no report could not be told.
pub(crate) fn tell(outcome: Outcome, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    match outcome {
        Ok((report, verdict, note)) => {
            out.write_all(report.as_bytes())?;
            err.write_all(note.as_bytes())?;
            Ok(verdict)
        }
        Err(sentence) => {
            writeln!(err, "{sentence}")?;
            Ok(Verdict::Unknown)
        }
    }
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// Workflow commands, shown beside the lines they name
    Github,
}

impl From<Format> for openapi_drift::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Github => Self::Github,
        }
    }
}
