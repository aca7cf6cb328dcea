//! Reads lists that `hss assets list -o jsonl` printed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use huaweicloud_hss::assets::Asset;

use crate::exit::{CliError, ExitStatus};

/// Maximum length of a line in bytes: many times that of the longest row that the service documents.
const MAX_LINE_BYTES: u64 = 1024 * 1024;

/// A saved list.
pub(super) struct SavedList {
    path: PathBuf,
    file: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    offset: u64,
}

impl SavedList {
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let file = BufReader::with_capacity(1 << 18, file);
        Ok(Self { path: path.to_owned(), file, line: Vec::new(), number: 0, offset: 0 })
    }

    /// Reads the next asset, and returns it with the position of its line; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Asset)>, CliError> {
        loop {
            let start = self.offset;
            let length = self.read_line()?;
            if length == 0 {
                return Ok(None);
            }
            self.offset += length;
            self.number += 1;
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((start, self.parse()?)));
            }
        }
    }

    /// Reads the asset at a position that [`SavedList::next`] returned.
    pub(super) fn at(&mut self, offset: u64) -> Result<Asset, CliError> {
        let current = self.file.stream_position().map_err(|error| unreadable(&self.path, &error))?;
        let seek = match i64::try_from(i128::from(offset) - i128::from(current)) {
            // This keeps what is already in memory.
            Ok(distance) => self.file.seek_relative(distance),
            Err(_) => self.file.seek(SeekFrom::Start(offset)).map(drop),
        };
        seek.map_err(|error| unreadable(&self.path, &error))?;
        self.read_line()?;
        self.parse()
    }

    fn read_line(&mut self) -> Result<u64, CliError> {
        self.line.clear();
        let read = (&mut self.file).take(MAX_LINE_BYTES).read_until(b'\n', &mut self.line);
        read.map(|length| length as u64).map_err(|error| unreadable(&self.path, &error))
    }

    fn parse(&self) -> Result<Asset, CliError> {
        serde_json::from_slice(&self.line).map_err(|error| {
            let (path, number) = (self.path.display(), self.number);
            // The library's position is that within the line.
            let error = error.to_string();
            let cause = error.split(" at line ").next().unwrap_or_default();
            CliError::usage(format!(
                "{path}: line {number} is not an asset: {cause}. Save a list with `hss assets list all -o jsonl`."
            ))
        })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::new(ExitStatus::Usage, format!("cannot read {}: {error}", path.display()))
}
