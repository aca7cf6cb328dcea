//! Finds the differences of two saved lists, in bounded memory.
//!
//! Each list becomes rows of numbers: a hash of the key, a hash of the facts, and the position in the file. Sorted, equal
//! keys meet. What differs is sorted by position, and its lines are read again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::io;
use std::path::Path;
use std::thread;

use huaweicloud_hss::assets::{Asset, FieldChange};
use serde::Serialize;

use crate::commands::assets::saved::SavedList;
use crate::exit::{CliError, ExitStatus};

use super::sorter::{Sorted, Sorter};

/// What happened to an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChangeKind {
    Added,
    Removed,
    Changed,
}

impl ChangeKind {
    const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Change {
    pub(super) change: ChangeKind,
    /// The newer asset; the older one if it was removed.
    pub(super) asset: Asset,
    /// The fields that changed.
    pub(super) fields: BTreeMap<String, FieldChange>,
}

/// The differences of two lists.
pub(super) struct Changes {
    old: SavedList,
    new: SavedList,
    sorted: Sorted<3>,
    counts: [u64; 3],
}

/// Hashes with random keys: nobody can make up two assets with the same 128 bits.
#[derive(Clone, Default)]
struct Hashes(RandomState, RandomState);

impl Hashes {
    fn of(&self, value: &impl Hash) -> [u64; 2] {
        [self.0.hash_one(value), self.1.hash_one(value)]
    }
}

impl Changes {
    /// Compares two lists. Rows that are alike count as one asset.
    pub(super) fn find(old: &Path, new: &Path, memory_bytes: usize) -> Result<Self, CliError> {
        for path in [old, new] {
            if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
                return Err(CliError::usage(format!("{} is read twice: it must be a file", path.display())));
            }
        }
        let hashes = Hashes::default();
        let read = |path| sorted(path, &hashes, memory_bytes);
        let (old_rows, new_rows) = thread::scope(|scope| {
            let newer = scope.spawn(|| read(new));
            (read(old), newer.join().unwrap_or_else(|_| Err(CliError::internal("a reader panicked"))))
        });
        let (mut old_groups, mut new_groups) = (Groups::new(old_rows?)?, Groups::new(new_rows?)?);
        let (mut old, mut new) = (SavedList::open(old)?, SavedList::open(new)?);
        let mut changes = Sorter::new(memory_bytes);
        let mut counts = [0; 3];
        let mut push = |kind: ChangeKind, offset, older| {
            counts[kind as usize] += 1;
            changes.push([kind as u64, offset, older]).map_err(temporary)
        };
        while let Some(key) = [old_groups.key(), new_groups.key()].into_iter().flatten().min() {
            let (mut removed, mut added) = (old_groups.take(key)?, new_groups.take(key)?);
            if removed.keys().eq(added.keys()) {
                continue;
            }
            let both: Vec<_> = removed.keys().filter(|facts| added.contains_key(*facts)).copied().collect();
            for facts in both {
                removed.remove(&facts);
                added.remove(&facts);
            }
            let mut removed: Vec<_> = removed.into_values().collect();
            let mut added: Vec<_> = added.into_values().collect();
            // Several assets with one key: which of them became which does not depend on the order of the rows.
            if removed.len().max(added.len()) > 1 {
                by_facts(&mut old, &mut removed)?;
                by_facts(&mut new, &mut added)?;
            }
            let changed = removed.len().min(added.len());
            for (older, newer) in removed.drain(..changed).zip(added.drain(..changed)) {
                push(ChangeKind::Changed, newer, older)?;
            }
            added.into_iter().try_for_each(|offset| push(ChangeKind::Added, offset, 0))?;
            removed.into_iter().try_for_each(|offset| push(ChangeKind::Removed, offset, 0))?;
        }
        Ok(Self { old, new, sorted: changes.sorted().map_err(temporary)?, counts })
    }

    /// Returns how many assets were added, removed and changed.
    pub(super) fn counts(&self) -> [u64; 3] {
        self.counts
    }

    /// Returns the next difference: what was added, removed and changed, each in the order of its file.
    pub(super) fn next(&mut self) -> Result<Option<Change>, CliError> {
        let Some([kind, offset, older]) = self.sorted.next().map_err(temporary)? else { return Ok(None) };
        let change = ChangeKind::ALL[usize::try_from(kind).unwrap_or_default()];
        let list = if change == ChangeKind::Removed { &mut self.old } else { &mut self.new };
        let asset = list.at(offset)?;
        let fields = match change {
            ChangeKind::Changed => self.old.at(older)?.facts().changes(asset.facts()),
            _ => BTreeMap::new(),
        };
        Ok(Some(Change { change, asset, fields }))
    }
}

/// Reads a list, and returns its rows of numbers in ascending order.
fn sorted(path: &Path, hashes: &Hashes, memory_bytes: usize) -> Result<Sorted<5>, CliError> {
    let mut list = SavedList::open(path)?;
    let mut sorter = Sorter::new(memory_bytes);
    while let Some((offset, asset)) = list.next()? {
        let ([key, more_key], [facts, more_facts]) = (hashes.of(&asset.key()), hashes.of(&asset.facts()));
        sorter.push([key, more_key, facts, more_facts, offset]).map_err(temporary)?;
    }
    sorter.sorted().map_err(temporary)
}

/// The rows of a list, key by key.
struct Groups {
    rows: Sorted<5>,
    next: Option<[u64; 5]>,
}

impl Groups {
    fn new(mut rows: Sorted<5>) -> Result<Self, CliError> {
        let next = rows.next().map_err(temporary)?;
        Ok(Self { rows, next })
    }

    /// Returns the next key.
    fn key(&self) -> Option<[u64; 2]> {
        self.next.map(|[key, more_key, ..]| [key, more_key])
    }

    /// Returns the rows with a key: facts, each with its first position.
    fn take(&mut self, key: [u64; 2]) -> Result<BTreeMap<[u64; 2], u64>, CliError> {
        let mut group = BTreeMap::new();
        while let Some([_, _, facts, more_facts, offset]) = self.next.filter(|_| self.key() == Some(key)) {
            group.entry([facts, more_facts]).or_insert(offset);
            self.next = self.rows.next().map_err(temporary)?;
        }
        Ok(group)
    }
}

/// Sorts the positions of assets by what is known about them.
fn by_facts(list: &mut SavedList, offsets: &mut [u64]) -> Result<(), CliError> {
    let mut texts = BTreeMap::new();
    for offset in &*offsets {
        texts.insert(*offset, format!("{:?}", list.at(*offset)?.facts()));
    }
    offsets.sort_by(|one, other| texts[one].cmp(&texts[other]));
    Ok(())
}

fn temporary(error: io::Error) -> CliError {
    let folder = std::env::temp_dir();
    CliError::new(
        ExitStatus::Partial,
        format!("cannot use a temporary file in {}: {error}. TMPDIR names another folder.", folder.display()),
    )
}
