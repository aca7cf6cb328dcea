//! Ids without duplicates, in the chunks in which they are sent.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::error::Error;
use crate::generated::bounds::Bounds;
use crate::types::id;
use crate::types::id_list::{IdBuffer, IdList};

/// Ids without duplicates, in chunks of at most as many as one request may have.
///
/// The set of known ids holds positions in the chunks, five bytes per id, instead of a second copy of each text.
#[derive(Clone)]
pub(super) struct DedupedIds {
    limit: Bounds,
    chunk_size: usize,
    chunks: Vec<IdList>,
    current_chunk: IdBuffer,
    positions: HashTable<u32>,
    hasher: RandomState,
    pub(super) duplicates: u64,
}

impl DedupedIds {
    /// Creates an empty set of ids for the field that the limit belongs to.
    pub(super) fn new(limit: Bounds) -> Self {
        let chunk_size = usize::try_from(limit.max()).unwrap_or(usize::MAX).max(1);
        Self {
            limit,
            chunk_size,
            chunks: Vec::new(),
            current_chunk: IdBuffer::default(),
            positions: HashTable::new(),
            hasher: RandomState::new(),
            duplicates: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.len() * self.chunk_size + self.current_chunk.len()
    }

    /// Adds an id, or counts it as a duplicate.
    pub(super) fn add(&mut self, id: &str) -> Result<(), Error> {
        let next = self.len();
        let Self { limit, chunk_size, chunks, current_chunk, positions, hasher, duplicates } = self;
        let chunk_size = *chunk_size;
        id::check(limit.name(), id)?;
        let next = u32::try_from(next).map_err(|_| {
            Error::invalid_input(format!("{} has more than {} ids in one queue", limit.name(), u32::MAX))
        })?;
        let id_at = |position: u32| {
            let (chunk, index) = (position as usize / chunk_size, position as usize % chunk_size);
            chunks.get(chunk).map_or_else(|| current_chunk.get(index), |chunk| chunk.get(index))
        };
        let hash_at = |position: &u32| hasher.hash_one(id_at(*position).unwrap_or_default());
        match positions.entry(hasher.hash_one(id), |position| id_at(*position) == Some(id), hash_at) {
            Entry::Occupied(_) => *duplicates += 1,
            Entry::Vacant(entry) => {
                entry.insert(next);
                current_chunk.push(id);
                if current_chunk.len() == chunk_size {
                    chunks.push(current_chunk.take());
                }
            }
        }
        Ok(())
    }

    /// Adds all ids of another set.
    pub(super) fn extend(&mut self, other: &Self) -> Result<(), Error> {
        self.duplicates += other.duplicates;
        other.ids().try_for_each(|id| self.add(id))
    }

    /// Returns the ids in the order in which they were added.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let current = (0..self.current_chunk.len()).filter_map(|index| self.current_chunk.get(index));
        self.chunks.iter().flat_map(IdList::iter).chain(current)
    }

    pub(super) fn into_chunks(mut self) -> impl Iterator<Item = IdList> {
        let last = self.current_chunk.take();
        self.chunks.into_iter().chain((!last.is_empty()).then_some(last))
    }
}

impl fmt::Debug for DedupedIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DedupedIds")
            .field("ids", &self.len())
            .field("duplicates", &self.duplicates)
            .finish_non_exhaustive()
    }
}
