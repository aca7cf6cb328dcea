//! Which hosts are collected, and the attributes of hosts that decide it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use crate::model::host_details::{HostDetails, LAST_LOSS_MILLIS, agent_status};
use crate::model::inventory::{AgentStatus, Inventory};

/// Why the assets of a host cannot be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotCoverable {
    /// It has no agent.
    NoAgent,
    /// Its agent is not connected.
    Offline,
    /// Its protection is off.
    ProtectionOff,
    /// Its protection is interrupted.
    Interrupted,
    /// Its protection is degraded.
    Degraded,
    /// Its edition has no asset fingerprints.
    Edition,
}

/// Attributes of one host that replace the seeded ones. Those that are not set stay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use = "attributes do nothing until they are set for a host"]
pub struct HostAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_status: Option<AgentStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protect_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protect_interrupt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protect_degradation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_value: Option<String>,
}

const PROTECT_STATUSES: [&str; 3] = ["opened", "closed", "protection_exception"];
const ASSET_VALUES: [&str; 3] = ["important", "common", "test"];
const EDITIONS: [&str; 7] = [
    "hss.version.null",
    "hss.version.basic",
    "hss.version.advanced",
    "hss.version.enterprise",
    "hss.version.premium",
    "hss.version.wtp",
    "hss.version.container.enterprise",
];

impl HostAttributes {
    /// Sets the state of the agent.
    pub fn with_agent_status(self, status: AgentStatus) -> Self {
        Self { agent_status: Some(status), ..self }
    }

    /// Sets whether protection is on: `opened`, `closed` or `protection_exception`.
    pub fn with_protect_status(self, status: impl Into<String>) -> Self {
        Self { protect_status: Some(status.into()), ..self }
    }

    /// Sets the edition, such as `hss.version.basic`.
    pub fn with_edition(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Sets whether protection is interrupted.
    pub fn with_protect_interrupt(self, is_interrupted: bool) -> Self {
        Self { protect_interrupt: Some(is_interrupted), ..self }
    }

    /// Sets whether protection is degraded.
    pub fn with_protect_degradation(self, is_degraded: bool) -> Self {
        Self { protect_degradation: Some(is_degraded), ..self }
    }

    /// Sets the importance: `important`, `common` or `test`.
    pub fn with_asset_value(self, value: impl Into<String>) -> Self {
        Self { asset_value: Some(value.into()), ..self }
    }

    /// Checks that every value is one that the service has.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (name, value, known) in [
            ("protect_status", &self.protect_status, &PROTECT_STATUSES[..]),
            ("version", &self.version, &EDITIONS),
            ("asset_value", &self.asset_value, &ASSET_VALUES),
        ] {
            if value.as_deref().is_some_and(|value| !known.contains(&value)) {
                return Err(format!("{name} must be one of {}", known.join(", ")));
            }
        }
        Ok(())
    }

    /// Adds the attributes that are set in others.
    fn merge(&mut self, others: Self) {
        let Self { agent_status, protect_status, version, protect_interrupt, protect_degradation, asset_value } =
            others;
        self.agent_status = agent_status.or(self.agent_status);
        self.protect_interrupt = protect_interrupt.or(self.protect_interrupt);
        self.protect_degradation = protect_degradation.or(self.protect_degradation);
        for (own, other) in [
            (&mut self.protect_status, protect_status),
            (&mut self.version, version),
            (&mut self.asset_value, asset_value),
        ] {
            *own = other.or_else(|| own.take());
        }
    }

    fn apply(&self, details: &mut HostDetails) {
        let set = |field: &mut &'static str, value: &Option<String>, known: &[&'static str]| {
            if let Some(value) = known.iter().find(|known| value.as_deref() == Some(*known)) {
                *field = value;
            }
        };
        set(&mut details.protect_status, &self.protect_status, &PROTECT_STATUSES);
        set(&mut details.version, &self.version, &EDITIONS);
        set(&mut details.asset_value, &self.asset_value, &ASSET_VALUES);
        details.agent_status = self.agent_status.map_or(details.agent_status, agent_status);
        details.protect_interrupt = self.protect_interrupt.unwrap_or(details.protect_interrupt);
        details.protect_degradation = self.protect_degradation.unwrap_or(details.protect_degradation);
    }
}

/// Returns why a host is not collected; `None` if it is.
pub(crate) fn gap(details: &HostDetails) -> Option<NotCoverable> {
    match details.agent_status {
        "not_installed" => return Some(NotCoverable::NoAgent),
        "online" => {}
        _ => return Some(NotCoverable::Offline),
    }
    if details.protect_status != "opened" {
        return Some(NotCoverable::ProtectionOff);
    }
    if details.protect_interrupt {
        return Some(NotCoverable::Interrupted);
    }
    if details.protect_degradation {
        return Some(NotCoverable::Degraded);
    }
    has_no_fingerprints(details).then_some(NotCoverable::Edition)
}

/// Whether the edition has no asset fingerprints: see `docs/design/service-behaviour.md#scan-and-status`.
fn has_no_fingerprints(details: &HostDetails) -> bool {
    matches!(details.version, "hss.version.null" | "hss.version.basic" | "hss.version.advanced")
}

/// The changes of attributes since the start, by the index of the host.
#[derive(Debug, Default)]
pub(crate) struct HostChanges(RwLock<Changes>);

#[derive(Debug, Default)]
struct Changes {
    /// For each change its time, and all attributes that are set from then on. In the order of time.
    by_host: HashMap<usize, Vec<(i64, HostAttributes)>>,
    /// The number of changes so far.
    generation: u64,
}

/// A time before everything: that of the attributes that a builder sets.
pub(crate) const BEFORE_ALL: i64 = i64::MIN;

impl HostChanges {
    /// Sets attributes of a host from a time on.
    pub(crate) fn set(&self, index: usize, at: i64, attributes: HostAttributes) {
        let mut changes = self.write();
        changes.generation += 1;
        let of_host = changes.by_host.entry(index).or_default();
        let mut merged = of_host.last().map(|(_, last)| last.clone()).unwrap_or_default();
        merged.merge(attributes);
        let at = of_host.last().map_or(at, |(last, _)| at.max(*last));
        of_host.push((at, merged));
    }

    /// Forgets all changes, except those of the builder.
    pub(crate) fn reset(&self) {
        let mut changes = self.write();
        changes.generation += 1;
        changes.by_host.retain(|_, of_host| {
            of_host.retain(|(at, _)| *at == BEFORE_ALL);
            !of_host.is_empty()
        });
    }

    /// Returns the number of changes so far.
    pub(crate) fn generation(&self) -> u64 {
        self.read().generation
    }

    /// Whether the attributes of some host may have changed between two times.
    pub(crate) fn is_any_between(&self, from: i64, to: i64) -> bool {
        let between = |at: i64| from <= at && at <= to;
        from <= LAST_LOSS_MILLIS || self.read().by_host.values().flatten().any(|(at, _)| between(*at))
    }

    /// Returns the current details of a host.
    pub(crate) fn details(&self, inventory: &Inventory, index: usize) -> Option<HostDetails> {
        let mut details = HostDetails::of(inventory, index, inventory.hosts().get(index)?);
        if let Some((_, last)) = self.read().by_host.get(&index).and_then(|of_host| of_host.last()) {
            last.apply(&mut details);
        }
        Some(details)
    }

    /// Returns the periods in which a host is collected, oldest first. An open end is `i64::MAX`.
    pub(crate) fn covered(&self, inventory: &Inventory, index: usize) -> Vec<Range<i64>> {
        let Some(host) = inventory.hosts().get(index) else { return Vec::new() };
        let base = HostDetails::of(inventory, index, host);
        let changes = self.read();
        let none = Vec::new();
        let of_host = changes.by_host.get(&index).unwrap_or(&none);
        let initial = of_host.iter().rev().find(|(at, _)| *at == BEFORE_ALL).map(|(_, attributes)| attributes);
        let later = || of_host.iter().filter(|(at, _)| *at != BEFORE_ALL);
        let mut covered: Vec<Range<i64>> = Vec::new();
        let mut add = |from: i64, to: i64| match covered.last_mut() {
            Some(last) if last.end == from => last.end = to,
            _ if from < to => covered.push(from..to),
            _ => {}
        };
        let mut details = base.clone();
        if let Some(attributes) = initial {
            attributes.apply(&mut details);
        }
        let first_change = later().next().map_or(i64::MAX, |(at, _)| *at);
        match gap(&details) {
            None => add(details.installed_at.min(first_change), first_change),
            // It was collected before it was lost, unless its edition never allowed it.
            Some(NotCoverable::Offline | NotCoverable::Interrupted | NotCoverable::Degraded)
                if details.protect_status != "closed" && !has_no_fingerprints(&details) =>
            {
                add(details.installed_at.min(first_change), details.lost_at.min(first_change));
            }
            Some(_) => {}
        }
        let ends = later().skip(1).map(|(at, _)| *at).chain([i64::MAX]);
        for ((from, attributes), to) in later().zip(ends) {
            let mut details = base.clone();
            attributes.apply(&mut details);
            if gap(&details).is_none() {
                add(*from, to);
            }
        }
        covered
    }

    fn read(&self) -> RwLockReadGuard<'_, Changes> {
        // No code panics between two changes under the lock.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Changes> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
