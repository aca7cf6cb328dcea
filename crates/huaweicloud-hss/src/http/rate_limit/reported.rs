//! The limits that the gateway reports: in the message of a 429, and in headers on request
//! (`docs/design/service-behaviour.md#rate-limits`).

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::rate::{RateLimit, parse_period};

/// Asks the gateway to report its limits.
pub(crate) const DEBUG_MODE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-apig-mode"), HeaderValue::from_static("debug"));

/// The start of the names of the headers with limits; the policy follows.
const HEADER_PREFIX: &str = "x-apig-ratelimit-";

/// The longest name of a policy.
const MAX_POLICY_BYTES: usize = 32;

/// A limit that the gateway of the service reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportedLimit {
    /// What the limit applies to: `api`, `user`, `app`, `ip` or `api-allenv`, as the gateway names it.
    pub policy: String,
    /// The limit.
    pub limit: RateLimit,
    /// How many more calls it allows in the current period.
    pub remaining: Option<u32>,
}

impl ReportedLimit {
    /// Returns the limits in the headers of a response.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Vec<Self> {
        let limits = headers.iter().filter_map(|(name, value)| {
            let policy = name.as_str().strip_prefix(HEADER_PREFIX)?;
            Some(Self { policy: valid_policy(policy)?, ..Self::parse(value.to_str().ok()?)? })
        });
        limits.collect()
    }

    /// Returns the limit in the message of a 429, such as `The throttling threshold has been reached: policy user over
    /// ratelimit,limit:100,time:1 minute`. A message without a period has none.
    pub(crate) fn from_message(message: &str) -> Option<Self> {
        let mut words = message.split([' ', ',', ':']).skip_while(|word| !word.eq_ignore_ascii_case("policy"));
        let policy = words.nth(1).unwrap_or_default();
        Some(Self { policy: valid_policy(policy).unwrap_or_default(), ..Self::parse(message)? })
    }

    /// Parses `limit:10,time:10 second`, possibly with `remain:9`, wherever in the text the parts are.
    fn parse(text: &str) -> Option<Self> {
        let value = |wanted: &str| {
            text.split([',', ';']).find_map(|part| {
                let (name, value) = part.split_once(':')?;
                name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_end_matches('.'))
            })
        };
        let calls = value("limit")?.parse().ok().filter(|calls| *calls > 0)?;
        let limit = RateLimit::new(calls, parse_period(value("time")?)?);
        let remaining = value("remain").and_then(|calls| calls.parse().ok());
        Some(Self { policy: String::new(), limit, remaining })
    }
}

/// Returns the name of a policy in lower case, unless it is not a name.
fn valid_policy(name: &str) -> Option<String> {
    let is_name = (1..=MAX_POLICY_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_name.then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(limit: &ReportedLimit) -> (String, String, Option<u32>) {
        (limit.policy.clone(), limit.limit.to_string(), limit.remaining)
    }

    #[test]
    fn the_message_of_a_429_has_the_limit() {
        let reached = "The throttling threshold has been reached: policy";
        for (message, expected) in [
            (format!("{reached} user over ratelimit,limit:100,time:1 minute"), Some(("user", "100/min"))),
            (format!("{reached} ip over ratelimit,limit:60,time:1 minute"), Some(("ip", "60/min"))),
            (format!("{reached} api over ratelimit,limit:200,time:5 minute"), Some(("api", "200/5min"))),
            (format!("{reached} app over ratelimit, limit: 5, time: 3 seconds."), Some(("app", "5/3s"))),
            (format!("{reached} api over ratelimit,limit:1000,time:1 day"), Some(("api", "1000/d"))),
            (format!("{reached} user over ratelimit,time:1 hour,limit:7"), Some(("user", "7/h"))),
            ("limit:5,time:1 MINUTE".to_owned(), Some(("", "5/min"))),
            (format!("{reached} user over ratelimit,limit:10"), None),
            (format!("{reached} user over ratelimit,limit:0,time:1 minute"), None),
            (format!("{reached} user over ratelimit,limit:-1,time:1 minute"), None),
            (format!("{reached} user over ratelimit,limit:5,time:1 fortnight"), None),
            (format!("{reached} user over ratelimit,limit:99999999999,time:1 minute"), None),
            ("too many requests".to_owned(), None),
            (String::new(), None),
        ] {
            let parsed = ReportedLimit::from_message(&message).map(|limit| shown(&limit));
            let expected = expected.map(|(policy, limit)| (policy.to_owned(), limit.to_owned(), None));
            assert_eq!(parsed, expected, "{message}");
        }
    }

    #[test]
    fn headers_have_limits_in_any_case() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("X-Apig-RateLimit-api", "remain:9,limit:10,time:10 second"),
            ("X-Apig-Ratelimit-User", "remain:4,limit:5,time:1 minute"),
            ("X-Apig-RateLimit-api-allenv", "remain:199,limit:200,time:1 second"),
            ("X-Apig-RateLimit-ip", "unlimited"),
            ("X-Apig-RateLimit-", "remain:9,limit:10,time:10 second"),
            ("X-Apig-Latency", "remain:9,limit:10,time:10 second"),
        ] {
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static(value));
        }
        let mut limits: Vec<_> = ReportedLimit::from_headers(&headers).iter().map(shown).collect();
        limits.sort();
        let expected = [("api", "10/10s", 9), ("api-allenv", "200/s", 199), ("user", "5/min", 4)];
        assert_eq!(limits, expected.map(|(policy, limit, left)| (policy.to_owned(), limit.to_owned(), Some(left))));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".*", number in any::<u64>()) {
            ReportedLimit::from_message(&text);
            ReportedLimit::from_message(&format!("policy {text},limit:{number},time:{number} day"));
        }

        #[test]
        fn every_documented_message_is_understood(calls in 1..u32::MAX, number in 1..1000_u32, unit in 0..4_usize) {
            let unit = ["second", "minute", "hour", "day"][unit];
            let message = format!(
                "The throttling threshold has been reached: policy user over ratelimit,limit:{calls},time:{number} {unit}"
            );
            let reported = ReportedLimit::from_message(&message).unwrap();
            let expected: RateLimit = format!("{calls}/{number}{unit}").parse().unwrap();
            prop_assert_eq!((reported.policy.as_str(), reported.limit), ("user", expected));
        }
    }
}
