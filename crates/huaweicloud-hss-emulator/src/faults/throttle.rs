//! A rate limit of the gateway: its syntax, and how responses state it. See `docs/design/service-behaviour.md#rate-limits`.

use http::header::HeaderName;
use tokio::time::Duration;

/// A number of requests that may pass in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Throttle {
    pub(super) limit: Limit,
    pub(super) policy: Policy,
    /// Whether the period ends with each request. Otherwise periods begin with the first request after the last one.
    pub(super) is_sliding: bool,
    pub(crate) code: Option<String>,
    pub(crate) retry_after: Option<u64>,
    /// Whether the message of a 429 has the period.
    pub(super) states_period: bool,
    /// Whether responses have the state of the limit, if the request asks for it.
    pub(super) has_debug_header: bool,
}

/// A number of requests, and a period in the words of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(super) requests: u64,
    count: u32,
    unit: &'static Unit,
}

#[derive(Debug, PartialEq, Eq)]
struct Unit {
    name: &'static str,
    abbreviations: [&'static str; 2],
    seconds: u64,
}

const UNITS: [Unit; 4] = [
    Unit { name: "second", abbreviations: ["s", "sec"], seconds: 1 },
    Unit { name: "minute", abbreviations: ["m", "min"], seconds: 60 },
    Unit { name: "hour", abbreviations: ["h", "hr"], seconds: 60 * 60 },
    Unit { name: "day", abbreviations: ["d", "dy"], seconds: 24 * 60 * 60 },
];

/// Whose requests a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Policy {
    /// Those of everyone.
    Api,
    /// Those of everyone, in every environment. The emulator has one environment.
    ApiAllEnv,
    /// Those of a user.
    User,
    /// Those of an app. The emulator has no apps beside its users.
    App,
    /// Those of a source address.
    Ip,
}

pub(super) const POLICIES: [(&str, Policy); 5] = [
    ("user", Policy::User),
    ("ip", Policy::Ip),
    ("api", Policy::Api),
    ("app", Policy::App),
    ("api-allenv", Policy::ApiAllEnv),
];

impl Limit {
    /// Parses `10`, which is per second, `5/min`, or `20/10s`. The error is what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "a throttle must have the form 10 (requests per second), 5/min or 20/10s";
        let (requests, period) = text.split_once('/').unwrap_or((text, "s"));
        let digits = period.find(|letter: char| !letter.is_ascii_digit()).ok_or(FORM)?;
        let (count, name) = period.split_at(digits);
        let count = if count.is_empty() { 1 } else { count.parse().map_err(|_| FORM)? };
        let is_named = |unit: &&Unit| unit.abbreviations.contains(&name) || unit.name == name;
        let unit = UNITS.iter().find(is_named).ok_or(FORM)?;
        let requests = requests.parse().map_err(|_| FORM)?;
        if requests == 0 || count == 0 {
            return Err("a throttle must let at least one request pass, in at least one second");
        }
        Ok(Self { requests, count, unit })
    }

    pub(super) fn period(&self) -> Duration {
        Duration::from_secs(u64::from(self.count) * self.unit.seconds)
    }
}

impl Throttle {
    /// Returns the message of a 429.
    pub(crate) fn message(&self) -> String {
        let Limit { requests, count, unit } = self.limit;
        let period = if self.states_period { format!(",time:{count} {}", unit.name) } else { String::new() };
        let policy = self.policy.name_in_messages();
        format!("The throttling threshold has been reached: policy {policy} over ratelimit,limit:{requests}{period}")
    }

    /// Returns the value of the debug header while this many requests may still pass.
    pub(super) fn state(&self, remaining: u64) -> String {
        let Limit { requests, count, unit } = self.limit;
        format!("remain:{remaining},limit:{requests},time:{count} {}", unit.name)
    }
}

impl Policy {
    /// Returns the name in the message of a 429, of which four are documented.
    fn name_in_messages(self) -> &'static str {
        match self {
            Self::Api | Self::ApiAllEnv => "api",
            Self::User => "user",
            Self::App => "app",
            Self::Ip => "ip",
        }
    }

    /// Returns the response header with the state of a limit.
    pub(crate) fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::Api => "x-apig-ratelimit-api",
            Self::ApiAllEnv => "x-apig-ratelimit-api-allenv",
            Self::User => "x-apig-ratelimit-user",
            Self::App => "x-apig-ratelimit-app",
            Self::Ip => "x-apig-ratelimit-ip",
        })
    }
}
