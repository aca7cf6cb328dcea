//! Reads and writes the lines of a state file: a header, then one entry for each event.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};

use serde::{Deserialize, Serialize};

use crate::model::assets::coverage::HostAttributes;
use crate::model::assets::orders::Order;
use crate::model::queues::QueueKey;
use crate::model::request_log::RecordedRequest;

/// The reason why a state file could not be used.
pub(crate) type StateError = Box<dyn Error + Send + Sync>;

/// Distinguishes the file from other JSON Lines files.
const FORMAT: &str = "huaweicloud-hss-emulator-state";

/// The version of the format, incremented when the meaning of lines changes.
const VERSION: u32 = 1;

/// The maximum length of a header, so that little of a foreign file is read.
const MAX_HEADER_LINE_BYTES: u64 = 4096;

/// The first bytes of a SQLite database, which the first versions of the emulator wrote.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// The first line. It has no `Debug`, because the seal key is a secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    format: String,
    version: u32,
    pub(super) created_millis: i64,
    /// In hexadecimal digits.
    seal_key: String,
}

/// The part of a header that all versions have.
#[derive(Deserialize)]
struct Format {
    format: String,
    version: u32,
}

impl Header {
    pub(super) fn new(created_millis: i64, seal_key: &[u8; 32]) -> Self {
        let seal_key = base16ct::lower::encode_string(seal_key);
        Self { format: FORMAT.to_owned(), version: VERSION, created_millis, seal_key }
    }

    /// Reads the header of a file. No error repeats its content.
    pub(super) fn read(file: &mut File) -> Result<Self, StateError> {
        let mut line = Vec::new();
        file.rewind()?;
        BufReader::new(file.take(MAX_HEADER_LINE_BYTES)).read_until(b'\n', &mut line)?;
        if line.starts_with(SQLITE) {
            return Err("it is a SQLite database, as earlier versions wrote; delete it or choose another file".into());
        }
        match serde_json::from_slice(&line) {
            Ok(Format { format, version }) if format == FORMAT && version != VERSION => {
                return Err(
                    format!("it has version {version} of the format, not {VERSION}; choose another file").into()
                );
            }
            Ok(Format { format, .. }) if format == FORMAT && line.ends_with(b"\n") => {}
            _ => return Err("it is not a state file of the emulator; choose another file".into()),
        }
        serde_json::from_slice(&line).map_err(|_| "line 1 is not a valid header".into())
    }

    pub(super) fn line(&self) -> Result<String, StateError> {
        line(self)
    }

    pub(super) fn seal_key(&self) -> Result<[u8; 32], StateError> {
        let mut key = [0; 32];
        match base16ct::mixed::decode(&self.seal_key, &mut key) {
            Ok(decoded) if decoded.len() == 32 => Ok(key),
            _ => Err("line 1 has no valid seal key".into()),
        }
    }
}

/// One event. All of it is in one line, so that a killed process loses all of it or nothing.
#[derive(Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<RecordedRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scan: Option<StoredScan>,
    /// The collection that the request ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<Order>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<StoredHostChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tokens_expired_below: Option<u64>,
    /// By how much the clock was moved forward so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clock_advanced_millis: Option<u64>,
    /// Whether earlier requests, scans, orders and changes of hosts are forgotten.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) reset: bool,
}

impl Entry {
    pub(super) fn line(&self) -> Result<String, StateError> {
        line(self)
    }
}

/// Attributes that were set for a host.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredHostChange {
    pub(crate) host_id: String,
    pub(crate) at_millis: i64,
    pub(crate) attributes: HostAttributes,
}

/// A scan that was started.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredScan {
    project_id: String,
    enterprise_project_id: String,
    category: String,
    /// The end in milliseconds since 1970; `None` for one without end.
    pub(super) ends_millis: Option<i64>,
}

impl StoredScan {
    pub(super) fn new(queue: &QueueKey, ends_millis: Option<i64>) -> Self {
        let QueueKey { project_id, enterprise_project_id, category } = queue.clone();
        Self { project_id, enterprise_project_id, category, ends_millis }
    }

    pub(super) fn queue(&self) -> QueueKey {
        QueueKey {
            project_id: self.project_id.clone(),
            enterprise_project_id: self.enterprise_project_id.clone(),
            category: self.category.clone(),
        }
    }
}

fn line(value: &impl Serialize) -> Result<String, StateError> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    Ok(line)
}
