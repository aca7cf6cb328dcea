//! The exports of asset lists that were ordered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::Instant;

use super::assets::index::Query;
use super::prng::SplitMix64;

/// What to export.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) query: Query,
    /// The fields and titles of the columns.
    pub(crate) columns: Vec<(String, String)>,
    /// When the file is there; `None` for never.
    pub(crate) ends_at: Option<Instant>,
}

/// A file for download.
#[derive(Debug)]
pub(crate) struct ExportedFile {
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

/// The last exports. A state file does not have them.
#[derive(Debug, Default)]
pub(crate) struct Exports(Mutex<Stored>);

#[derive(Debug, Default)]
struct Stored {
    count: u64,
    exports: VecDeque<(Ids, Arc<Export>)>,
}

#[derive(Debug)]
struct Ids {
    task: String,
    file: String,
}

/// The maximum number of exports. The oldest are dropped.
const CAPACITY: usize = 100;

impl Exports {
    /// Adds an export, and returns the id of its task.
    pub(crate) fn add(&self, export: Export) -> String {
        let mut stored = self.lock();
        stored.count += 1;
        let mut numbers = SplitMix64(stored.count);
        let ids = Ids { task: numbers.uuid(), file: numbers.uuid() };
        let task = ids.task.clone();
        stored.exports.push_back((ids, Arc::new(export)));
        if stored.exports.len() > CAPACITY {
            stored.exports.pop_front();
        }
        task
    }

    /// Returns the export of a task, and the id of its file.
    pub(crate) fn of_task(&self, id: &str) -> Option<(Arc<Export>, String)> {
        let stored = self.lock();
        let (ids, export) = stored.exports.iter().find(|(ids, _)| ids.task == id)?;
        Some((Arc::clone(export), ids.file.clone()))
    }

    /// Returns the export of a file.
    pub(crate) fn of_file(&self, id: &str) -> Option<Arc<Export>> {
        let stored = self.lock();
        stored.exports.iter().find(|(ids, _)| ids.file == id).map(|(_, export)| Arc::clone(export))
    }

    /// Forgets all exports.
    pub(crate) fn clear(&self) {
        self.lock().exports.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Stored> {
        // No code panics between two changes under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
