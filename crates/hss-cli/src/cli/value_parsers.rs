//! Parsers of argument values.

use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime};

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

/// Parses a time in the past: a duration before now, or a date or time in UTC.
pub(super) fn since(text: &str) -> Result<SystemTime, String> {
    let date = || humantime::parse_rfc3339(&format!("{text}T00:00:00Z"));
    if let Ok(time) = humantime::parse_rfc3339_weak(text).or_else(|_| date()) {
        return Ok(time);
    }
    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the wall clock")]
    let now = SystemTime::now();
    let before = humantime::parse_duration(text).ok().and_then(|before| now.checked_sub(before));
    before.ok_or_else(|| "not a time; examples: 7d, 2026-11-01, 2026-11-01T08:00:00Z".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_the_past_is_a_date_or_a_duration() {
        let time = |text| humantime::parse_rfc3339(text).unwrap();
        for (text, expected) in [
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
            ("2026-11-01 08:00:00", "2026-11-01T08:00:00Z"),
        ] {
            assert_eq!(since(text), Ok(time(expected)), "{text}");
        }
        let day = since("1d").unwrap().elapsed().unwrap().as_secs() / 60;
        assert_eq!(day, 24 * 60);
        for text in ["", "now", "2026-13-01", "99999999999999 years"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
