//! Parsers of argument values.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use glob::Pattern;
use huaweicloud_hss::{EnterpriseProject, Error};

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write it as 90s, 30m or 1h 30m"))
}

/// Parses a timeout: with zero, no response could arrive in time.
pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err(format!("it takes more than 0s, but {text} was given; write it as 90s, 30m or 1h 30m")),
        timeout => Ok(timeout),
    }
}

pub(super) fn concurrency(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|calls| (1..=1000).contains(calls)).ok_or_else(|| "it takes 1 to 1000".to_owned())
}

/// Parses calls per second, up to the gateway's own limit, which is the same for every API of the service.
pub(super) fn rate_limit(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|calls| (0.01..=200.0).contains(calls))
        .ok_or_else(|| "it takes 0.01 to 200 calls a second; the service takes no more than 200".to_owned())
}

pub(crate) fn enterprise_project(text: &str) -> Result<EnterpriseProject, Error> {
    if text == "all" { Ok(EnterpriseProject::all()) } else { text.parse() }
}

pub(super) fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| format!("it is no pattern: {}", error.msg))
}

/// Parses one of the values that the spec lists.
pub(super) fn choice<T>(values: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(values).try_map(|text| text.parse())
}
