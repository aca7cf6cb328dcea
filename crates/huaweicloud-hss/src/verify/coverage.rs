//! Which servers a scan can refresh: pure rules on a row of the list of servers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::host::{AgentStatus, Edition, Host, ProtectStatus};

/// Whether a scan can refresh the assets of a server, and if not, the first reason why. Every server is in exactly one
/// class.
///
/// ```
/// use huaweicloud_hss::Host;
/// use huaweicloud_hss::verify::Coverage;
///
/// let host = Host { agent_status: Some("offline".to_owned()), ..Host::default() };
/// assert_eq!(Coverage::of(&host), Coverage::Offline);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coverage {
    /// A scan can refresh it.
    Coverable,
    /// It has no agent that works.
    NoAgent,
    /// Its agent is offline.
    Offline,
    /// Its protection is off.
    ProtectionOff,
    /// Its protection is interrupted or fails.
    Interrupted,
    /// Its protection is degraded.
    Degraded,
    /// Its edition has no asset fingerprints.
    NoFingerprints,
    /// The service does not list it, or does not report enough about it. A scan may refresh it.
    Unknown,
}

impl Coverage {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Coverable,
        Self::NoAgent,
        Self::Offline,
        Self::ProtectionOff,
        Self::Interrupted,
        Self::Degraded,
        Self::NoFingerprints,
        Self::Unknown,
    ];

    /// Returns the class of a server (`docs/design/service-behaviour.md#inventory`). The first reason in the order of
    /// the classes counts, and a certain reason before anything unknown.
    #[must_use]
    pub fn of(host: &Host) -> Self {
        let agent = match known::<AgentStatus>(&host.agent_status) {
            Some(AgentStatus::Online) => Ok(()),
            Some(AgentStatus::NotInstalled | AgentStatus::InstallFailed | AgentStatus::Installing) => {
                Err(Self::NoAgent)
            }
            Some(AgentStatus::Offline | AgentStatus::NotOnline) => Err(Self::Offline),
            _ => Err(Self::Unknown),
        };
        let protection = match known::<ProtectStatus>(&host.protect_status) {
            Some(ProtectStatus::Opened) => Ok(()),
            Some(ProtectStatus::Closed) => Err(Self::ProtectionOff),
            Some(ProtectStatus::ProtectionException) => Err(Self::Interrupted),
            None => Err(Self::Unknown),
        };
        // Older responses do not have these two.
        let unless = |flag: Option<bool>, reason| if flag == Some(true) { Err(reason) } else { Ok(()) };
        let edition = match known::<Edition>(&host.version) {
            Some(
                Edition::HssVersionEnterprise
                | Edition::HssVersionPremium
                | Edition::HssVersionWtp
                | Edition::HssVersionContainerEnterprise,
            ) => Ok(()),
            Some(Edition::HssVersionNull | Edition::HssVersionBasic | Edition::HssVersionAdvanced) => {
                Err(Self::NoFingerprints)
            }
            None => Err(Self::Unknown),
        };
        let parts = [
            agent,
            protection,
            unless(host.protect_interrupt, Self::Interrupted),
            unless(host.protect_degradation, Self::Degraded),
            edition,
        ];
        let reasons = || parts.iter().filter_map(|part| part.err());
        reasons().find(|reason| *reason != Self::Unknown).or_else(|| reasons().next()).unwrap_or(Self::Coverable)
    }

    /// Returns whether a scan certainly cannot refresh the server.
    #[must_use]
    pub const fn is_gap(self) -> bool {
        !matches!(self, Self::Coverable | Self::Unknown)
    }

    /// Returns its name in results, such as `no_agent`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coverable => "coverable",
            Self::NoAgent => "no_agent",
            Self::Offline => "offline",
            Self::ProtectionOff => "protection_off",
            Self::Interrupted => "interrupted",
            Self::Degraded => "degraded",
            Self::NoFingerprints => "no_fingerprints",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Parses a field; `None` if it is missing or has a value that the service does not document.
fn known<T: std::str::FromStr>(field: &Option<String>) -> Option<T> {
    field.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(agent: &str, protection: &str, edition: &str) -> Host {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Host { agent_status: text(agent), protect_status: text(protection), version: text(edition), ..Host::default() }
    }

    #[test]
    fn every_server_has_one_class() {
        let premium = "hss.version.premium";
        for (agent, protection, edition, expected) in [
            ("online", "opened", premium, Coverage::Coverable),
            ("online", "opened", "hss.version.enterprise", Coverage::Coverable),
            ("online", "opened", "hss.version.wtp", Coverage::Coverable),
            ("online", "opened", "hss.version.container.enterprise", Coverage::Coverable),
            ("online", "opened", "hss.version.basic", Coverage::NoFingerprints),
            ("online", "opened", "hss.version.advanced", Coverage::NoFingerprints),
            ("online", "closed", "hss.version.null", Coverage::ProtectionOff),
            ("online", "protection_exception", premium, Coverage::Interrupted),
            ("offline", "protection_exception", premium, Coverage::Offline),
            ("not_installed", "closed", "hss.version.null", Coverage::NoAgent),
            ("install_failed", "closed", "hss.version.null", Coverage::NoAgent),
            // What is certain counts more than what is unknown.
            ("new state", "closed", premium, Coverage::ProtectionOff),
            ("online", "new state", "hss.version.basic", Coverage::NoFingerprints),
            ("new state", "opened", premium, Coverage::Unknown),
            ("online", "", premium, Coverage::Unknown),
            ("online", "opened", "hss.version.new", Coverage::Unknown),
            ("", "", "", Coverage::Unknown),
        ] {
            assert_eq!(Coverage::of(&host(agent, protection, edition)), expected, "{agent} {protection} {edition}");
        }
        for (interrupt, degradation, expected) in [
            (Some(true), Some(true), Coverage::Interrupted),
            (Some(false), Some(true), Coverage::Degraded),
            (Some(false), Some(false), Coverage::Coverable),
        ] {
            let host = Host {
                protect_interrupt: interrupt,
                protect_degradation: degradation,
                ..host("online", "opened", premium)
            };
            assert_eq!(Coverage::of(&host), expected);
        }
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for class in Coverage::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
    }
}
