//! Faults of single hosts during a collection.

use serde::{Deserialize, Serialize};

use crate::model::prng::SplitMix64;

/// What goes wrong with a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HostFault {
    /// It is not collected, and nothing shows it.
    Skip,
    /// It is collected this many milliseconds after the end.
    Late(u64),
    /// Its collection fails.
    Fail,
    /// Its collection does not end in time.
    Hang,
    /// It is collected, but the times of its rows do not move.
    KeepTimes,
    /// It is collected, but the status of its collection does not show it.
    KeepStatus,
}

/// A fault, and the hosts that have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostFaultRule {
    pub(crate) fault: HostFault,
    /// The share of hosts, from 0 to 1.
    pub(crate) share: f64,
    /// The only hosts that can have it. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hosts: Vec<String>,
    /// Selects the share of the hosts.
    #[serde(default)]
    pub(crate) chance: u64,
}

/// The faults of one order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct HostFaults(pub(crate) Vec<HostFaultRule>);

impl HostFaults {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first fault that a host has.
    pub(crate) fn of_host(&self, index: usize, host_id: &str) -> Option<&HostFault> {
        let has = |rule: &&HostFaultRule| {
            let is_named = rule.hosts.is_empty() || rule.hosts.iter().any(|id| id == host_id);
            is_named && (rule.share >= 1.0 || fraction(rule.chance, index) < rule.share)
        };
        self.0.iter().find(has).map(|rule| &rule.fault)
    }
}

/// Returns a number from 0 to 1 for a host.
fn fraction(chance: u64, index: usize) -> f64 {
    let at = u64::try_from(index).unwrap_or(u64::MAX).wrapping_mul(0xD605_BBB5_8C8A_BBFD);
    SplitMix64(chance ^ at).next_fraction()
}
