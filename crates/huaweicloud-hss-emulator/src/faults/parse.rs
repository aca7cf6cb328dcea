//! Parses fault rules: `[OPERATION:]WHAT[@WHEN] [OPTIONS]`.

use std::str::FromStr;

use http::StatusCode;
use tokio::time::Duration;

use crate::model::assets::fault::{HostFault, HostFaultRule};
use crate::model::request_log::Selector;

use super::change::Change;
use super::rule::{DelayDistribution, FaultAction, FaultError, FaultResponse, Rule, Scope, Trigger};
use super::throttle::{Limit, POLICIES, Policy, Throttle};

/// Every fault, for the error about an unknown one.
const NAMES: &str = "delay=…, status=…, status-after=…, throttle=…, expire-token, reset, reset-after, close, close-after, \
     close-idle=…, truncate, garbage, html, empty-list, null-list, no-list, repeat-page, total=…, ignore-filter, \
     processed=…, exist-after=…, exist-never, \
     cut-list=…, skip-hosts, late-hosts=…, fail-hosts, hang-hosts, keep-times, keep-status";

/// The options of a rule that are not used yet.
struct Options<'t>(Vec<(&'t str, Option<&'t str>)>);

impl<'t> Options<'t> {
    /// Splits the options of a rule. The body is the rest of the line, because it may contain spaces.
    fn split(text: &'t str) -> Self {
        let (words, body) = match text.split_once(" body=") {
            Some((words, body)) => (words, Some(("body", Some(body)))),
            None => (text, None),
        };
        let word = |word: &'t str| word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        Self(words.split_ascii_whitespace().map(word).chain(body).collect())
    }

    /// Takes an option with a value, which only for a body may be empty.
    fn take(&mut self, name: &str) -> Option<&'t str> {
        let is_valid = |value: &str| name == "body" || !value.is_empty();
        let at = self.0.iter().position(|(given, value)| *given == name && value.is_some_and(is_valid))?;
        self.0.remove(at).1
    }

    /// Takes an option without a value.
    fn take_flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|option| *option == (name, None));
        at.map(|at| self.0.remove(at)).is_some()
    }

    fn take_parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        form: &str,
    ) -> Result<Option<T>, String> {
        self.take(name).map(|value| parse(value).ok_or_else(|| format!("{name} must be {form}"))).transpose()
    }

    fn take_retry_after(&mut self) -> Result<Option<u64>, String> {
        self.take_parsed("retry-after", |seconds| seconds.parse().ok(), "a number of seconds")
    }
}

impl FromStr for Rule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        parse(text).map_err(|why| FaultError(format!("invalid fault {text:?}: {why}")))
    }
}

fn parse(text: &str) -> Result<Rule, String> {
    let text = text.trim();
    let (first, options) = text.split_at(text.find(|letter: char| letter.is_ascii_whitespace()).unwrap_or(text.len()));
    if first.is_empty() {
        return Err("it is empty".to_owned());
    }
    let (scope, rest) = match first.split_once(':') {
        Some(("*", rest)) => (Scope::Each, rest),
        Some((operation, rest)) => (Scope::One(operation.to_owned()), rest),
        None => (Scope::All, first),
    };
    let (what, when) = rest.split_once('@').map_or((rest, None), |(what, when)| (what, Some(when)));
    let (name, value) = what.split_once('=').map_or((what, None), |(name, value)| (name, Some(value)));
    let mut options = Options::split(options);
    let action = action(name, value, &mut options)?;
    if let Some((option, value)) = options.0.first() {
        let value = value.map(|value| format!("={value}")).unwrap_or_default();
        return Err(format!("{name} has no option {option}{value}"));
    }
    let is_throttle = matches!(action, FaultAction::Throttle(_));
    if is_throttle && when.is_some() {
        return Err("a throttle has no @WHEN".to_owned());
    }
    if !is_throttle && scope == Scope::Each {
        return Err("only a throttle can be for each operation (*)".to_owned());
    }
    let trigger = match when {
        None => Trigger::Always,
        Some(when) => parse_trigger(when)
            .ok_or("@WHEN must be a probability such as 5%, or request numbers such as 3 or 1,4-6,10-")?,
    };
    Ok(Rule { scope, action, trigger, text: text.to_owned() })
}

fn action(name: &str, value: Option<&str>, options: &mut Options<'_>) -> Result<FaultAction, String> {
    let duration =
        |value: &str| parse_duration(value).ok_or_else(|| format!("{name} must have the form 50ms, 2s or 1m"));
    Ok(match (name, value) {
        ("delay", Some(value)) => {
            FaultAction::Delay(parse_delay(value).ok_or("a delay must have the form 50ms, 10ms..2s or ~50ms")?)
        }
        ("status" | "status-after", Some(value)) => {
            let number = value.parse().ok().filter(|status| (200..600).contains(status));
            let status = number.and_then(|status| StatusCode::from_u16(status).ok());
            let status = status.ok_or("a status must be a number from 200 to 599")?;
            let code = options.take("code").unwrap_or_else(|| usual_code(status)).to_owned();
            let (retry_after, body) = (options.take_retry_after()?, options.take("body").map(str::to_owned));
            let response = FaultResponse { status, code, retry_after, body };
            FaultAction::Respond { response, after_work: name == "status-after" }
        }
        ("throttle", Some(value)) => FaultAction::Throttle(throttle(value, options)?),
        ("expire-token", None) => FaultAction::ExpireToken,
        ("reset" | "reset-after" | "close" | "close-after", None) => {
            FaultAction::Disconnect { reset: name.starts_with("reset"), after_work: name.ends_with("-after") }
        }
        ("close-idle", Some(value)) => FaultAction::CloseIdle(duration(value)?),
        ("truncate", None) => FaultAction::Truncate,
        ("garbage", None) => FaultAction::Garbage,
        ("html", None) => FaultAction::Html,
        _ => FaultAction::Change(change(name, value, options)?),
    })
}

fn throttle(value: &str, options: &mut Options<'_>) -> Result<Throttle, String> {
    let named = |name: &str| POLICIES.iter().find(|(known, _)| *known == name).map(|(_, policy)| *policy);
    let is_sliding = |name: &str| ["fixed", "sliding"].iter().position(|known| *known == name).map(|at| at == 1);
    Ok(Throttle {
        limit: Limit::parse(value)?,
        policy: options.take_parsed("policy", named, "user, ip, api, app or api-allenv")?.unwrap_or(Policy::User),
        is_sliding: options.take_parsed("window", is_sliding, "fixed or sliding")?.unwrap_or_default(),
        code: options.take("code").map(str::to_owned),
        retry_after: options.take_retry_after()?,
        states_period: !options.take_flag("no-time"),
        has_debug_header: !options.take_flag("no-debug"),
    })
}

fn change(name: &str, value: Option<&str>, options: &mut Options<'_>) -> Result<Change, String> {
    let number = |value: &str| value.parse().map_err(|_| format!("{name} must be a number"));
    let mut hide_scan = |shown_after| {
        let named = |name: &str| serde_json::from_value(name.into()).ok();
        let selector: Option<Selector> =
            options.take_parsed("selector", named, "all_hosts, server_group or host_ids")?;
        Ok::<_, String>(Change::HideScan { shown_after, selector })
    };
    Ok(match (name, value) {
        ("empty-list", None) => Change::EmptyList,
        ("null-list", None) => Change::NullList,
        ("no-list", None) => Change::NoList,
        ("repeat-page", None) => Change::RepeatPage,
        ("total", Some(value)) => Change::Total(number(value)?),
        ("ignore-filter", None) => Change::IgnoreFilter,
        ("processed", Some(value)) => Change::Processed(number(value)?),
        ("exist-after", Some(value)) => {
            let time = parse_duration(value).ok_or("exist-after must have the form 50ms, 2s or 1m")?;
            hide_scan(Some(time))?
        }
        ("exist-never", None) => hide_scan(None)?,
        ("cut-list", Some(value)) => Change::CutList(number(value)?),
        _ => Change::Hosts(host_fault(name, value, options)?),
    })
}

fn host_fault(name: &str, value: Option<&str>, options: &mut Options<'_>) -> Result<HostFaultRule, String> {
    let fault = match (name, value) {
        ("skip-hosts", None) => HostFault::Skip,
        ("late-hosts", Some(value)) => {
            let time = parse_duration(value).ok_or("late-hosts must have the form 50ms, 2s or 1m")?;
            HostFault::Late(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
        }
        ("fail-hosts", None) => HostFault::Fail,
        ("hang-hosts", None) => HostFault::Hang,
        ("keep-times", None) => HostFault::KeepTimes,
        ("keep-status", None) => HostFault::KeepStatus,
        _ => return Err(format!("use one of {NAMES}")),
    };
    let share = options.take_parsed("share", parse_percent, "a percentage such as 5%")?.unwrap_or(1.0);
    let hosts = options.take("hosts").map(|ids| ids.split(',').map(str::to_owned).collect());
    Ok(HostFaultRule { fault, share, hosts: hosts.unwrap_or_default(), chance: 0 })
}

/// Returns the code that the gateway or HSS uses with a status: see `docs/design/service-behaviour.md#errors`.
fn usual_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "HSS.0001",
        401 => "APIGW.0301",
        403 => "APIGW.0302",
        404 | 405 => "APIGW.0101",
        429 => "APIGW.0308",
        502 => "APIGW.0610",
        503 => "APIGW.0613",
        500 => "APIGW.0601",
        _ => "APIGW.0201",
    }
}

fn parse_trigger(text: &str) -> Option<Trigger> {
    if text.ends_with('%') {
        return parse_percent(text).map(Trigger::Probability);
    }
    let range = |part: &str| {
        let (from, to) = match part.split_once('-') {
            Some((from, "")) => (from.parse().ok()?, u64::MAX),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        (from >= 1 && from <= to).then_some(from..=to)
    };
    text.split(',').map(range).collect::<Option<_>>().map(Trigger::Requests)
}

/// Parses a percentage into a number from 0 to 1.
fn parse_percent(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

fn parse_delay(text: &str) -> Option<DelayDistribution> {
    if let Some(mean) = text.strip_prefix('~') {
        return Some(DelayDistribution::Exponential { mean: parse_duration(mean)? });
    }
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (parse_duration(from)?, parse_duration(to)?);
    (from <= to).then_some(DelayDistribution::Uniform { from, to })
}

/// Parses a number with its unit. It is at most a year, so that the clock can represent the sum of delays.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => number,
        "s" => number.checked_mul(1000)?,
        "m" => number.checked_mul(60_000)?,
        "h" => number.checked_mul(3_600_000)?,
        "d" => number.checked_mul(86_400_000)?,
        _ => return None,
    };
    (millis <= 365 * 86_400_000).then_some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use crate::faults::Faults;

    use super::super::rule::Rule;

    #[test]
    fn rules_are_parsed_and_written_alike() {
        for text in [
            "delay=50ms",
            "delay=10ms..2s@5%",
            "delay=~1m",
            "delay=365d",
            "ListHostStatus:status=503@3 code=APIGW.0201 retry-after=2",
            "status-after=504@1,4-6,10-",
            r#"status-after=200@2 body={$FIELDS, "code": 0}"#,
            "throttle=10 retry-after=1",
            "*:throttle=5/min policy=ip window=sliding no-time no-debug code=APIG.0308",
            "throttle=20/10s policy=api-allenv window=fixed",
            "CreateGlobalAssetScanTask:reset-after@0.5%",
            "reset@100%",
            "close@1",
            "close-after",
            "close-idle=50ms",
            "expire-token@1",
            "truncate",
            "garbage",
            "html",
            "empty-list@2",
            "null-list",
            "no-list",
            "repeat-page",
            "total=0",
            "ignore-filter",
            "processed=0",
            "exist-after=500ms selector=host_ids",
            "exist-never",
            "cut-list=10000",
            "skip-hosts share=5%",
            "late-hosts=5m hosts=a,b",
            "fail-hosts@1 share=0.5% hosts=a",
            "hang-hosts",
            "keep-times",
            "RunHostAssetManualCollect:keep-status",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
            let faults: Faults = format!("# a comment\n\n seed=7\n  {text} \n").parse().unwrap();
            assert_eq!(faults.to_string(), format!("seed=7\n{text}\n"));
            assert_eq!(faults.to_string().parse::<Faults>().unwrap(), faults);
        }
    }

    #[test]
    fn invalid_rules_are_reported_with_the_reason() {
        for (text, part) in [
            ("delay", "use one of"),
            ("delay=5", "a delay must"),
            ("delay=2s..1s", "a delay must"),
            ("delay=25w", "a delay must"),
            ("delay=366d", "a delay must"),
            ("delay=99999999999999999999m", "a delay must"),
            ("status=199", "from 200 to 599"),
            ("status=600", "from 200 to 599"),
            ("status=70000", "from 200 to 599"),
            ("throttle=ten", "a throttle must have the form"),
            ("throttle=5/", "a throttle must have the form"),
            ("throttle=5/10", "a throttle must have the form"),
            ("throttle=5/week", "a throttle must have the form"),
            ("throttle=5/99999999999s", "a throttle must have the form"),
            ("throttle=0", "at least one request"),
            ("throttle=5/0s", "at least one second"),
            ("throttle=1@3", "no @WHEN"),
            ("throttle=1 policy=all", "policy must be user, ip, api, app or api-allenv"),
            ("throttle=1 window=open", "window must be fixed or sliding"),
            ("throttle=1 no-time=1", "throttle has no option no-time=1"),
            ("*:reset", "for each operation"),
            ("reset=1", "use one of"),
            ("explode", "use one of"),
            (":", "use one of"),
            ("reset@", "@WHEN must be"),
            ("reset@0", "@WHEN must be"),
            ("reset@5-3", "@WHEN must be"),
            ("reset@101%", "@WHEN must be"),
            ("reset@NaN%", "@WHEN must be"),
            ("reset code=X", "reset has no option code=X"),
            ("status=503 retry-after=soon", "number of seconds"),
            ("status=503 colour=red", "status has no option colour=red"),
            ("status=503 code=", "status has no option code="),
            ("total=x", "total must be a number"),
            ("processed=-1", "processed must be a number"),
            ("exist-after=5", "exist-after must have the form"),
            ("exist-never selector=none", "selector must be all_hosts, server_group or host_ids"),
            ("cut-list=x", "cut-list must be a number"),
            ("late-hosts=5", "late-hosts must have the form"),
            ("skip-hosts share=5", "share must be a percentage"),
            ("skip-hosts=5", "use one of"),
            ("close-idle=5", "close-idle must have the form"),
            ("seed=x", "a seed must be"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(text.split(' ').next().unwrap()), "{text}: {error}");
        }
    }
}
