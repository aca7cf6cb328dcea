//! Parsers of argument values.

use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use glob::Pattern;
use huaweicloud_hss::{EnterpriseProject, Error, IdProblem};

/// Names of columns, which a list of ids has if its header was not removed.
const COLUMN_NAMES: [&str; 12] = [
    "id",
    "ids",
    "host_id",
    "host_ids",
    "hostid",
    "group_id",
    "group_ids",
    "server_group",
    "server_id",
    "server_ids",
    "instance_id",
    "uuid",
];

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("not a duration ({error}); examples: 90s, 30m, 1h 30m"))
}

/// Parses a timeout. With zero, no response could arrive in time.
pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be greater than 0s; examples: 90s, 30m, 1h 30m".to_owned()),
        timeout => Ok(timeout),
    }
}

/// Parses the time that the command may take, counted from now.
pub(super) fn deadline(text: &str) -> Result<Instant, String> {
    Instant::now().checked_add(positive_duration(text)?).ok_or_else(|| "is too long".to_owned())
}

pub(super) fn concurrency(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|calls| (1..=1000).contains(calls)).ok_or_else(|| "must be from 1 to 1000".to_owned())
}

/// Validates an id without surrounding whitespace. The error quotes the id.
pub(crate) fn validate_id(id: &str) -> Result<(), String> {
    let lower = id.to_ascii_lowercase();
    let reason = if COLUMN_NAMES.contains(&lower.replace([' ', '-'], "_").as_str()) {
        "is the name of a column, not an id".to_owned()
    } else if lower.starts_with("sep=") {
        "is a note for Excel, not an id; remove the line".to_owned()
    } else {
        match IdProblem::find(id) {
            Some(problem) => problem.to_string(),
            None => return Ok(()),
        }
    };
    let start: String = id.chars().take(64).collect();
    let more = if start.len() < id.len() { "…" } else { "" };
    Err(format!("{start:?}{more} {reason}"))
}

/// Parses an id that is sent as it is.
pub(super) fn id(text: &str) -> Result<String, String> {
    validate_id(text).map(|()| text.to_owned())
}

pub(crate) fn enterprise_project(text: &str) -> Result<EnterpriseProject, Error> {
    if text == "all" { Ok(EnterpriseProject::all()) } else { text.parse() }
}

pub(super) fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| format!("not a valid pattern: {}", error.msg))
}

/// Parses one of the values that the spec lists.
pub(super) fn choice<T>(values: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(values).try_map(|text| text.parse())
}
