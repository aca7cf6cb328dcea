//! What a command returns: its status, and the text that `main` prints.

use std::fmt::Display;
use std::process::ExitCode;

/// The status of a command, which becomes its exit code. A later one outweighs an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Everything matches: exit code 0.
    #[default]
    Clean,
    /// Something differs: exit code 1.
    Dirty,
    /// The command failed before it had a result: exit code 2.
    Error,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Clean => Self::SUCCESS,
            Status::Dirty => Self::from(1),
            Status::Error => Self::from(2),
        }
    }
}

/// The outcome of a command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: Status,
    /// For standard output.
    pub(crate) out: String,
    /// For standard error: notes, and why the command failed.
    pub(crate) err: String,
}

impl Outcome {
    /// Creates the outcome of a failed command.
    pub(crate) fn error(message: String) -> Self {
        let mut outcome = Self::default();
        outcome.fail(message);
        outcome
    }

    /// Adds a line to standard output.
    pub(crate) fn line(&mut self, line: impl Display) {
        self.out += &format!("{line}\n");
    }

    /// Adds a line to standard error.
    pub(crate) fn note(&mut self, line: impl Display) {
        self.err += &format!("{line}\n");
    }

    /// Adds an error to standard error, and sets the status.
    pub(crate) fn fail(&mut self, message: impl Display) {
        self.note(message);
        self.worsen(Status::Error);
    }

    /// Sets the status, unless it is worse already.
    pub(crate) fn worsen(&mut self, status: Status) {
        self.status = self.status.max(status);
    }
}

/// Output format of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions, shown beside the lines they name
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
