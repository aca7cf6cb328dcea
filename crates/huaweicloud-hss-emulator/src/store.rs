//! Owns the state file: queues, calls and the seal of tokens in SQLite, so that they outlive the process.

use crate::calls::RecordedRequest;
use crate::clock::WallClock;
use crate::error::EmulatorError;
use crate::issuer::Issuer;
use crate::keep::{Earlier, Filled, KeepError, Keeper};
use crate::queues::Lane;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::{Duration, Instant};

/// Written into the file, so that another program's database is not taken for one of these.
const APPLICATION_ID: i64 = 0x4853_5345;

/// Raised when the tables change.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE calls (number INTEGER PRIMARY KEY, line TEXT NOT NULL);
    CREATE TABLE queues (
        project_id TEXT NOT NULL, enterprise_project_id TEXT NOT NULL, category TEXT NOT NULL, ends_millis INTEGER,
        PRIMARY KEY (project_id, enterprise_project_id, category)
    ) WITHOUT ROWID;
";

struct Store {
    connection: Mutex<Connection>,
    /// The same moment on both clocks: queues end by tokio's, files know only the wall's.
    started: (Instant, i64),
}

/// Who keeps, what is still known of an earlier run, and the issuer whose tokens stay good.
type Opened = (Option<Box<dyn Keeper>>, Earlier, Issuer);

/// Opens a state file, or makes one.
pub(crate) fn open(
    file: &Path,
    token_lifetime: Duration,
    request_log_capacity: usize,
) -> Result<Opened, EmulatorError> {
    let store = Store::open(file).map_err(|error| EmulatorError::state(file, error))?;
    let earlier = store.earlier(request_log_capacity).map_err(|error| EmulatorError::state(file, error))?;
    let issuer = store.issuer(token_lifetime).map_err(|error| EmulatorError::state(file, error))?;
    Ok((Some(Box::new(store)), earlier, issuer))
}

impl Store {
    fn open(file: &Path) -> Result<Self, KeepError> {
        let connection = Connection::open(file)?;
        // Whoever has the file does not give it back soon.
        connection.busy_timeout(Duration::ZERO)?;
        // One process at a time: two would give out the same numbers.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // A file of somebody else's is not changed: first it is looked at.
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        match (number("application_id")?, number("user_version")?) {
            (APPLICATION_ID, VERSION) => {}
            (APPLICATION_ID, other) => return Err(format!("it is of version {other}, not {VERSION}").into()),
            (0, 0) if number("schema_version")? == 0 => {
                connection.execute_batch(&format!(
                    "BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
                ))?;
            }
            _ => return Err("it is a database of something else".into()),
        }
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        // What is handed to the operating system outlives this process; waiting for the disk would cost each call milliseconds.
        connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(Self { connection: Mutex::new(connection), started: (Instant::now(), wall_millis()) })
    }

    fn earlier(&self, request_log_capacity: usize) -> Result<Earlier, KeepError> {
        let connection = self.lock();
        let answered: i64 = connection.query_row("SELECT coalesce(max(number), 0) FROM calls", [], |row| row.get(0))?;
        let mut last = connection.prepare("SELECT line FROM calls ORDER BY number DESC LIMIT ?1")?;
        let lines =
            last.query_map([i64::try_from(request_log_capacity).unwrap_or(i64::MAX)], |row| row.get::<_, String>(0))?;
        let mut calls: Vec<RecordedRequest> =
            lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<_, KeepError>>()?;
        calls.reverse();
        let mut queues = connection.prepare("SELECT * FROM queues WHERE ends_millis IS NULL OR ends_millis > ?1")?;
        let queues = queues.query_map([self.started.1], |row| {
            let lane = Lane { project_id: row.get(0)?, enterprise_project_id: row.get(1)?, category: row.get(2)? };
            Ok((lane, row.get::<_, Option<i64>>(3)?))
        })?;
        let queues = queues
            .map(|queue| {
                let (lane, ends) = queue?;
                Ok((lane, ends.and_then(|millis| self.instant(millis))))
            })
            .collect::<Result<_, KeepError>>()?;
        Ok(Earlier { answered: u64::try_from(answered)?, calls, queues })
    }

    fn issuer(&self, lifetime: Duration) -> Result<Issuer, KeepError> {
        let connection = self.lock();
        let fact = |name: &str| {
            let value = connection.query_row("SELECT value FROM facts WHERE name = ?1", [name], |row| row.get(0));
            value.optional().map(|value: Option<Vec<u8>>| value)
        };
        let number = |bytes: Vec<u8>| Ok::<_, KeepError>(u64::from_le_bytes(bytes.as_slice().try_into()?));
        let (Some(seal_key), Some(born)) = (fact("seal_key")?, fact("born_millis")?) else {
            let issuer = Issuer::new(lifetime);
            let born = u64::try_from(self.started.1)?;
            set(&connection, "seal_key", &issuer.seal_key())?;
            set(&connection, "born_millis", &born.to_le_bytes())?;
            return Ok(issuer);
        };
        let age = u64::try_from(self.started.1)?.saturating_sub(number(born)?);
        let ended_below = fact("tokens_ended_below")?.map_or(Ok(0), number)?;
        Ok(Issuer::going_on(lifetime, seal_key.as_slice().try_into()?, Duration::from_millis(age), ended_below))
    }

    /// A moment of the wall clock on tokio's clock; `None` when it lies beyond what that can count.
    fn instant(&self, millis: i64) -> Option<Instant> {
        let left = u64::try_from(millis.saturating_sub(self.started.1)).unwrap_or_default();
        self.started.0.checked_add(Duration::from_millis(left))
    }

    fn millis(&self, instant: Instant) -> i64 {
        let since = instant.saturating_duration_since(self.started.0).as_millis();
        self.started.1.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction has rolled it back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set(connection: &Connection, name: &str, value: &[u8]) -> Result<(), KeepError> {
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?1, ?2)", params![name, value])?;
    Ok(())
}

fn wall_millis() -> i64 {
    i64::try_from(WallClock::default().now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

impl Keeper for Store {
    fn call(&self, call: &RecordedRequest, filled: Option<Filled>) -> Result<(), KeepError> {
        let line = serde_json::to_string(call)?;
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction
            .prepare_cached("INSERT INTO calls VALUES (?1, ?2)")?
            .execute(params![i64::try_from(call.sequence)?, line])?;
        if let Some((lane, ends)) = filled {
            let ends = ends.map(|ends| self.millis(ends));
            transaction.prepare_cached("INSERT OR REPLACE INTO queues VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                lane.project_id,
                lane.enterprise_project_id,
                lane.category,
                ends
            ])?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn tokens_ended_below(&self, number: u64) -> Result<(), KeepError> {
        set(&self.lock(), "tokens_ended_below", &number.to_le_bytes())
    }

    fn lines(&self) -> Result<String, KeepError> {
        let connection = self.lock();
        let mut all = connection.prepare_cached("SELECT line FROM calls ORDER BY number")?;
        let mut lines = String::new();
        for line in all.query_map([], |row| row.get::<_, String>(0))? {
            lines.push_str(&line?);
            lines.push('\n');
        }
        Ok(lines)
    }

    fn clear(&self) -> Result<(), KeepError> {
        self.lock().execute_batch("BEGIN; DELETE FROM calls; DELETE FROM queues; COMMIT;")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
