//! Reports the changes between two releases as text, JSON, and annotations of a CI run.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::change::Change;
use super::rules::Severity;
use super::version::{next_version, version_bump};
use crate::format::{Format, github_annotation};

/// The names of the two sides of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// The older side.
    pub base: &'a str,
    /// The newer side.
    pub new: &'a str,
    /// The version of the older side, if it is a release.
    pub version: Option<&'a str>,
}

/// Reports the changes.
#[must_use]
pub fn diff_report(release: Release<'_>, changes: &[Change], format: Format) -> String {
    match format {
        Format::Json => {
            let bump = version_bump(changes);
            let next = release.version.and_then(|version| next_version(version, bump));
            let report =
                json!({"base": release.base, "new": release.new, "step": bump, "next": next, "findings": changes});
            // Strings and numbers can always be serialised.
            serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
        }
        Format::Text => text(release, changes),
        Format::Github => changes.iter().fold(String::new(), |mut out, change| {
            let severity = match change.severity {
                Severity::Breaking if change.accepted.is_none() => "error",
                Severity::Compatible => "notice",
                _ => "warning",
            };
            let message = format!("{}: {}{}", change.severity, moved(change), reason(change));
            out.push_str(&github_annotation(
                severity,
                &change.file,
                change.line,
                &format!("{}: {}", subject(change), change.id),
                &message,
            ));
            out
        }),
    }
}

fn text(release: Release<'_>, changes: &[Change]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for severity in [Severity::Breaking, Severity::Caution, Severity::Compatible] {
        for change in changes.iter().filter(|change| change.severity == severity) {
            let _ =
                writeln!(out, "{severity}: [{}] {}: {}{}", change.id, subject(change), moved(change), reason(change));
            let _ = writeln!(out, "  at {}:{}", change.file, change.line);
        }
    }
    let count = |severity| changes.iter().filter(|change| change.severity == severity).count();
    let (breaking, caution, compatible) =
        (count(Severity::Breaking), count(Severity::Caution), count(Severity::Compatible));
    let Release { base, new, version } = release;
    if changes.is_empty() {
        let _ = writeln!(out, "nothing changed for callers from {base} to {new}: a patch bump is enough");
        return out;
    }
    let accepted = changes.iter().filter(|change| change.accepted.is_some()).count();
    let accepted = if accepted > 0 { format!(" ({accepted} accepted)") } else { String::new() };
    let _ = writeln!(
        out,
        "\nfrom {base} to {new}: {breaking} breaking, {caution} caution, {compatible} compatible{accepted}"
    );
    let bump = version_bump(changes);
    let word = format!("{bump:?}").to_lowercase();
    match version.and_then(|version| next_version(version, bump).map(|next| (version, next))) {
        Some((version, next)) => {
            let _ = writeln!(out, "this needs a {word} version bump: {version} to {next} or later");
        }
        None => {
            let _ = writeln!(out, "this needs a {word} version bump");
        }
    }
    if changes.iter().any(|change| change.severity == Severity::Breaking && change.accepted.is_none()) {
        let _ =
            writeln!(out, "run `cargo xtask explain ID` for the reason; record reviewed changes in spec/accepted.toml");
    }
    out
}

fn subject(change: &Change) -> String {
    if change.name.is_empty() { change.operation.clone() } else { format!("{} `{}`", change.operation, change.name) }
}

fn moved(change: &Change) -> String {
    let shown = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (&change.base, &change.new) {
        (Json::Null, Json::Bool(true)) => "added".to_owned(),
        (Json::Bool(true), Json::Null) => "removed".to_owned(),
        (Json::Null, new) => format!("{} added", shown(new)),
        (base, Json::Null) => format!("{} removed", shown(base)),
        (base, new) => format!("changed from {} to {}", shown(base), shown(new)),
    }
}

fn reason(change: &Change) -> String {
    change.accepted.as_ref().map(|reason| format!(" (accepted: {reason})")).unwrap_or_default()
}
