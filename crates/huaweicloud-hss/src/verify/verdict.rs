//! What is proved about one server: pure rules.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::assets::WitnessStrength;

use super::collect::{CollectState, Collection};
use super::coverage::Coverage;
use super::weekly;
use super::witness::Source;

/// What is proved about a server since a scan was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It was scanned: something moved that moves only when a server is scanned.
    Scanned,
    /// Its data is newer than the order, but the service may have collected it by itself.
    Refreshed,
    /// Its data is older than the order.
    Stale,
    /// The service reports that a collection failed.
    Failed,
    /// The service reports that a collection took too long.
    TimedOut,
    /// A scan cannot refresh it: [`Coverage`] has the reason.
    NotCovered,
    /// Nothing shows whether it was scanned.
    NoWitness,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] =
        [Self::Scanned, Self::Refreshed, Self::Stale, Self::Failed, Self::TimedOut, Self::NotCovered, Self::NoWitness];

    /// Returns its name in results, such as `timed_out`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scanned => "scanned",
            Self::Refreshed => "refreshed",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::NotCovered => "not_covered",
            Self::NoWitness => "no_witness",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The time of a witness before the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It was not read.
    Unread,
    /// The server did not have it.
    Absent,
    /// This time.
    At(SystemTime),
}

/// A witness on one server, before the scan and after it.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) source: Source,
    pub(super) strength: WitnessStrength,
    pub(super) before: Before,
    pub(super) after: Option<SystemTime>,
}

impl Sighting {
    /// Returns the time, if it moved after the order.
    fn moved(&self, ordered_at: SystemTime) -> Option<SystemTime> {
        let is_new = |after: &SystemTime| match self.before {
            Before::At(before) => *after > before,
            Before::Absent | Before::Unread => true,
        };
        self.after.filter(|after| *after >= ordered_at).filter(is_new)
    }
}

/// A verdict with what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    pub(super) at: Option<SystemTime>,
    pub(super) source: Option<Source>,
    pub(super) strength: WitnessStrength,
    pub(super) is_compared: bool,
}

impl Decision {
    fn new(verdict: Verdict) -> Self {
        Self { verdict, at: None, source: None, strength: WitnessStrength::None, is_compared: false }
    }

    fn by(verdict: Verdict, sighting: &Sighting) -> Self {
        Self {
            verdict,
            at: sighting.after,
            source: Some(sighting.source.clone()),
            strength: sighting.strength,
            is_compared: sighting.before != Before::Unread,
        }
    }
}

/// Decides about a server. `collection` is the last collection of a kind, with the witness that it is.
pub(super) fn decide(
    ordered_at: SystemTime,
    coverage: Coverage,
    sightings: &[Sighting],
    collection: Option<(&Source, &Collection)>,
) -> Decision {
    let collected = collection.map(|(source, collection)| {
        let after = collection.at.filter(|_| collection.state == CollectState::Scanned);
        let strength = WitnessStrength::Strong;
        (collection, Sighting { source: source.clone(), strength, before: Before::Unread, after })
    });
    let all = || sightings.iter().chain(collected.as_ref().map(|(_, sighting)| sighting));
    let moved = || all().filter(|sighting| sighting.moved(ordered_at).is_some());
    let is_proof = |sighting: &&Sighting| {
        sighting.strength == WitnessStrength::Strong && !sighting.after.is_some_and(weekly::may_be_automatic)
    };
    if let Some(proof) = moved().find(is_proof) {
        return Decision::by(Verdict::Scanned, proof);
    }
    if coverage.is_gap() {
        let newest = all().max_by_key(|sighting| sighting.after).filter(|newest| newest.after.is_some());
        return newest.map_or_else(|| Decision::new(Verdict::NotCovered), |n| Decision::by(Verdict::NotCovered, n));
    }
    let refreshed = moved().max_by_key(|sighting| (sighting.strength, sighting.after));
    let ended_badly = collected.as_ref().and_then(|(collection, sighting)| {
        let verdict = match collection.state {
            CollectState::Failed => Verdict::Failed,
            CollectState::TimedOut => Verdict::TimedOut,
            _ => return None,
        };
        let is_of_this_scan = collection.at.is_some_and(|at| at >= ordered_at);
        let decision = Decision { at: collection.at, ..Decision::by(verdict, sighting) };
        // Nothing dates an older failure. It is better than no verdict, but not than new data.
        (is_of_this_scan || refreshed.is_none()).then_some(decision)
    });
    if let Some(decision) = ended_badly {
        return decision;
    }
    if let Some(refreshed) = refreshed {
        return Decision::by(Verdict::Refreshed, refreshed);
    }
    let newest = all().filter(|sighting| sighting.after.is_some()).max_by_key(|sighting| sighting.after);
    newest.map_or_else(|| Decision::new(Verdict::NoWitness), |newest| Decision::by(Verdict::Stale, newest))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::assets::AssetKind;
    use crate::verify::collect::CollectKind;
    use crate::verify::witness::Witness;

    /// Wednesday, 2025-11-26 12:00 UTC, and hours after it.
    fn hour(hours: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(u64::try_from(1_764_158_400 + hours * 3600).unwrap())
    }

    fn sighting(kind: AssetKind, before: Before, after: Option<i64>) -> Sighting {
        let (source, strength) = (Source::Asset(Witness::new(kind, "x")), kind.witness_strength());
        Sighting { source, strength, before, after: after.map(hour) }
    }

    fn verdict(coverage: Coverage, sightings: &[Sighting], collection: Option<(CollectState, Option<i64>)>) -> Verdict {
        let source = Source::Collection(CollectKind::Packages);
        let collection = collection.map(|(state, at)| Collection { state, at: at.map(hour) });
        decide(hour(0), coverage, sightings, collection.as_ref().map(|collection| (&source, collection))).verdict
    }

    #[test]
    fn each_rule_leads_to_its_verdict() {
        use AssetKind::{Accounts, KernelModules, Software};
        let old = Before::At(hour(-50));
        for (sightings, expected) in [
            (vec![], Verdict::NoWitness),
            (vec![sighting(KernelModules, old, Some(1))], Verdict::Scanned),
            (vec![sighting(KernelModules, Before::Unread, Some(1))], Verdict::Scanned),
            (vec![sighting(KernelModules, Before::Absent, Some(0))], Verdict::Scanned),
            // It did not move, whatever the clock of the server shows.
            (vec![sighting(KernelModules, Before::At(hour(1)), Some(1))], Verdict::Stale),
            (vec![sighting(KernelModules, old, Some(-1))], Verdict::Stale),
            (vec![sighting(KernelModules, old, None)], Verdict::NoWitness),
            (vec![sighting(Accounts, old, Some(1))], Verdict::Refreshed),
            (vec![sighting(Software, old, Some(1)), sighting(KernelModules, old, Some(-1))], Verdict::Refreshed),
            (vec![sighting(Accounts, old, Some(2)), sighting(KernelModules, old, Some(1))], Verdict::Scanned),
            // Monday 04:10, somewhere.
            (vec![sighting(KernelModules, old, Some(4 * 24 + 20))], Verdict::Refreshed),
            (vec![sighting(KernelModules, old, Some(5 * 24 + 6))], Verdict::Scanned),
        ] {
            assert_eq!(verdict(Coverage::Coverable, &sightings, None), expected, "{sightings:?}");
        }
    }

    #[test]
    fn the_state_of_a_collection_counts_where_nothing_else_proves_a_scan() {
        let account = vec![sighting(AssetKind::Accounts, Before::Unread, Some(1))];
        let module = vec![sighting(AssetKind::KernelModules, Before::Unread, Some(1))];
        for (sightings, state, at, expected) in [
            (&account[..], CollectState::Scanned, Some(1), Verdict::Scanned),
            (&account, CollectState::Scanned, Some(-1), Verdict::Refreshed),
            (&[], CollectState::Scanned, Some(-1), Verdict::Stale),
            (&[], CollectState::Scanned, Some(4 * 24 + 20), Verdict::Refreshed),
            (&[], CollectState::Scanned, None, Verdict::NoWitness),
            (&[], CollectState::Never, None, Verdict::NoWitness),
            (&[], CollectState::Running, Some(1), Verdict::NoWitness),
            (&[], CollectState::Other("done".to_owned()), Some(1), Verdict::NoWitness),
            (&[], CollectState::Failed, None, Verdict::Failed),
            (&[], CollectState::TimedOut, Some(-9), Verdict::TimedOut),
            (&account, CollectState::Failed, Some(-9), Verdict::Refreshed),
            (&account, CollectState::Failed, Some(1), Verdict::Failed),
            (&module, CollectState::Failed, Some(1), Verdict::Scanned),
        ] {
            assert_eq!(
                verdict(Coverage::Coverable, sightings, Some((state.clone(), at))),
                expected,
                "{sightings:?} {state:?} {at:?}"
            );
        }
    }

    #[test]
    fn a_server_that_cannot_be_refreshed_is_scanned_only_by_proof() {
        let module = vec![sighting(AssetKind::KernelModules, Before::Unread, Some(1))];
        let account = vec![sighting(AssetKind::Accounts, Before::Unread, Some(1))];
        assert_eq!(verdict(Coverage::Offline, &account, None), Verdict::NotCovered);
        assert_eq!(verdict(Coverage::Offline, &[], Some((CollectState::Failed, None))), Verdict::NotCovered);
        assert_eq!(verdict(Coverage::Offline, &module, None), Verdict::Scanned);
        assert_eq!(verdict(Coverage::Unknown, &[], None), Verdict::NoWitness);
    }
}
