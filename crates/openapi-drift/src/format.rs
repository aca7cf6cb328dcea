//! The formats of reports: text, JSON, and annotations for GitHub Actions.

use serde_json::Value as Json;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// Workflow commands of GitHub Actions, one per line, shown beside the line that they name.
    Github,
}

/// Writes a list of findings as JSON.
pub(crate) fn json<T: serde::Serialize>(findings: &[T]) -> String {
    // Strings and numbers can always be serialised.
    serde_json::to_string_pretty(findings).unwrap_or_default() + "\n"
}

/// Writes one workflow command.
#[must_use]
pub fn github_annotation(level: &str, file: &str, line: u64, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let line = if line > 0 { format!(",line={line}") } else { String::new() };
    format!("::{level} file={}{line},title={}::{}\n", property(file), property(title), data(message))
}

/// Writes a scalar in YAML.
pub(crate) fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
                && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
                    .contains(&text.to_lowercase().as_str());
            if plain { text.clone() } else { format!("'{}'", text.replace('\'', "''")) }
        }
        other => other.to_string(),
    }
}
