//! A server that is verified, and the verdict about it.

use std::time::SystemTime;

use crate::assets::WitnessStrength;
use crate::types::host::Host;
use crate::verify::coverage::Coverage;
use crate::verify::verdict::{Decision, Verdict};
use crate::verify::witness::Source;

/// A server that is verified.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) id: Box<str>,
    name: Option<Box<str>>,
    pub(super) group_id: Option<Box<str>>,
    pub(super) coverage: Coverage,
    pub(super) is_linux: bool,
    /// When a scan of it was first ordered.
    pub(super) ordered_at: Option<SystemTime>,
    /// What proves that it was scanned.
    pub(super) proof: Option<Decision>,
}

impl Subject {
    pub(super) fn new(host: Host) -> Self {
        let coverage = Coverage::of(&host);
        Self {
            id: host.host_id.unwrap_or_default().into(),
            name: host.host_name.map(Into::into),
            group_id: host.group_id.map(Into::into),
            coverage,
            is_linux: host.os_type.as_deref() == Some("Linux"),
            ordered_at: None,
            proof: None,
        }
    }

    pub(super) fn set_ordered(&mut self, at: SystemTime) {
        self.ordered_at = Some(self.ordered_at.map_or(at, |before| before.min(at)));
    }
}

/// What is proved about one server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostVerdict {
    /// Its id.
    pub host_id: String,
    /// Its name.
    pub host_name: Option<String>,
    /// Whether a scan can refresh it.
    pub coverage: Coverage,
    /// When a scan of it was ordered.
    pub ordered_at: SystemTime,
    /// The verdict.
    pub verdict: Verdict,
    /// The time that led to the verdict; of a server whose data did not move, the newest that was read.
    pub at: Option<SystemTime>,
    /// Where that time comes from.
    pub source: Option<Source>,
    /// How much that time proves.
    pub strength: WitnessStrength,
    /// Whether the time was compared with the one before the scan, and not only with that of the order.
    pub is_compared: bool,
}

impl HostVerdict {
    pub(super) fn new(subject: &Subject, ordered_at: SystemTime, decision: Decision) -> Self {
        let Decision { verdict, at, source, strength, is_compared } = decision;
        Self {
            host_id: subject.id.to_string(),
            host_name: subject.name.as_deref().map(str::to_owned),
            coverage: subject.coverage,
            ordered_at,
            verdict,
            at,
            source,
            strength,
            is_compared,
        }
    }

    /// Returns whether the server was to be proved, and is not: a scan can or may refresh it.
    #[must_use]
    pub fn is_unproved(&self) -> bool {
        !self.coverage.is_gap() && self.verdict != Verdict::Scanned
    }
}
