//! The rows of the asset lists, derived from the seed, the host and the kind whenever they are needed.

use crate::model::host_details::{HostDetails, role};
use crate::model::inventory::{Host, Inventory};
use crate::model::prng::SplitMix64;

use super::catalogue::{Item, On, Selected};
use super::filter::RowFilter;
use super::kind::{AssetCategory, AssetKind};

/// One coverable host in this many has no rows of the weekly kinds.
const NO_WEEKLY_ROWS_ONE_IN: u64 = 16;

/// A node of a cluster has at most this many containers.
const MAX_CONTAINERS: u64 = 4;

/// One row of a list.
pub(crate) struct Row<'i> {
    pub(crate) index: usize,
    pub(crate) host: &'i Host,
    pub(crate) item: &'static Item,
    /// The number of the container; `None` on the server itself.
    pub(crate) container: Option<u64>,
    /// Selects what differs between hosts.
    chance: u64,
}

impl Row<'_> {
    /// Returns the version; empty if there is none.
    pub(crate) fn version(&self) -> &'static str {
        version(self.item, self.chance)
    }

    /// Returns a number that is the same each time, for another detail of the row.
    pub(crate) fn number(&self, detail: u64) -> u64 {
        SplitMix64(self.chance ^ detail.wrapping_mul(0xA24B_AED4_963E_E407)).next()
    }

    /// Returns a hash of 64 hexadecimal digits.
    pub(crate) fn hash(&self) -> String {
        // The same file in the same version has the same hash everywhere.
        let text = self.item.path.bytes().chain(self.item.name.bytes()).chain(self.version().bytes());
        let mut numbers =
            SplitMix64(text.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
            }));
        (0..4).map(|_| format!("{:016x}", numbers.next())).collect()
    }
}

fn version(item: &Item, chance: u64) -> &'static str {
    let count = u64::try_from(item.versions.len()).unwrap_or_default().max(1);
    // The low bits decide whether the item is there.
    let at = usize::try_from((chance >> 32) % count).unwrap_or_default();
    item.versions.get(at).copied().unwrap_or_default()
}

/// Calls a function for each row of a host that matches, in a fixed order. The host must be one that has rows.
pub(crate) fn for_each_row<'i>(
    inventory: &'i Inventory,
    index: usize,
    (kind, category): (AssetKind, AssetCategory),
    (items, filter): (&Selected, &RowFilter),
    mut call: impl FnMut(usize, Row<'i>),
) {
    let Some(host) = inventory.hosts().get(index).filter(|host| filter.matches_host(index, host)) else { return };
    let details = HostDetails::of(inventory, index, host);
    let host_chance = chance_of(inventory, index);
    if kind.is_weekly() && host_chance.is_multiple_of(NO_WEEKLY_ROWS_ONE_IN) {
        return;
    }
    let (role, is_windows) = (role(host), details.os_type == "Windows");
    let containers = match category {
        AssetCategory::Host => 0..1,
        AssetCategory::Container => 0..containers(&details, host_chance),
    };
    for number in containers {
        let container = (category == AssetCategory::Container).then_some(number);
        // Each kind of each container has its own numbers.
        let unit = SplitMix64(host_chance ^ container.map_or(0, |number| number + 1) << 8 ^ kind as u64).next();
        for (position, item) in items {
            let may_have = match item.on {
                On::Linux => !is_windows,
                On::LinuxHost => !is_windows && container.is_none(),
                On::Windows => is_windows,
                On::Role(own) => !is_windows && own == role,
            };
            if !may_have {
                continue;
            }
            let at = u64::try_from(*position).unwrap_or_default().wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let chance = SplitMix64(unit.wrapping_add(at)).next();
            let has = item.share == u8::MAX || chance % 255 < u64::from(item.share);
            if has && filter.matches_version(|| version(item, chance)) {
                call(*position, Row { index, host, item, container, chance });
            }
        }
    }
}

/// Whether a host has containers.
pub(crate) fn has_containers(details: &HostDetails) -> bool {
    details.in_cluster
}

fn containers(details: &HostDetails, host_chance: u64) -> u64 {
    if has_containers(details) { 1 + (host_chance >> 8) % MAX_CONTAINERS } else { 0 }
}

/// Returns the number from which the rows of a host are derived.
pub(crate) fn chance_of(inventory: &Inventory, index: usize) -> u64 {
    let mut numbers = inventory.random_for(index);
    // The details of the host come from the stream itself, its rows from the stream of this number.
    SplitMix64(!numbers.next()).next()
}
