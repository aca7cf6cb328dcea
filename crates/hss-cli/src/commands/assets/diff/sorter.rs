//! Sorts more rows of numbers than fit into memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// How many bytes of rows are in memory before they are written to a file.
pub(super) const MEMORY_BYTES: usize = 32 * 1024 * 1024;

/// Collects rows of `N` numbers.
pub(super) struct Sorter<const N: usize> {
    rows: Vec<[u64; N]>,
    /// How many rows are kept in memory.
    capacity: usize,
    /// Sorted rows in files without names, which only this process can open and which vanish with it.
    runs: Vec<BufReader<File>>,
}

impl<const N: usize> Sorter<N> {
    pub(super) fn new(memory_bytes: usize) -> Self {
        Self { rows: Vec::new(), capacity: (memory_bytes / size_of::<[u64; N]>()).max(1), runs: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [u64; N]) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() < self.capacity {
            return Ok(());
        }
        self.rows.sort_unstable();
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for number in self.rows.drain(..).flatten() {
            out.write_all(&number.to_le_bytes())?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(BufReader::with_capacity(1 << 16, file));
        Ok(())
    }

    /// Returns the rows in ascending order.
    pub(super) fn sorted(mut self) -> io::Result<Sorted<N>> {
        self.rows.sort_unstable();
        self.rows.reverse();
        let mut sorted = Sorted { rows: self.rows, runs: self.runs, next: BinaryHeap::new() };
        for source in 0..=sorted.runs.len() {
            sorted.refill(source)?;
        }
        Ok(sorted)
    }
}

/// The rows in ascending order.
pub(super) struct Sorted<const N: usize> {
    /// The rows that are in memory, the next one last.
    rows: Vec<[u64; N]>,
    runs: Vec<BufReader<File>>,
    /// The next row of each source: a run, or after the runs, the memory.
    next: BinaryHeap<Reverse<([u64; N], usize)>>,
}

impl<const N: usize> Sorted<N> {
    /// Returns the next row; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<[u64; N]>> {
        let Some(Reverse((row, source))) = self.next.pop() else { return Ok(None) };
        self.refill(source)?;
        Ok(Some(row))
    }

    fn refill(&mut self, source: usize) -> io::Result<()> {
        let row = match self.runs.get_mut(source) {
            Some(run) => read_row(run)?,
            None => self.rows.pop(),
        };
        self.next.extend(row.map(|row| Reverse((row, source))));
        Ok(())
    }
}

/// Reads a row; `None` at the end of the file.
fn read_row<const N: usize>(run: &mut BufReader<File>) -> io::Result<Option<[u64; N]>> {
    let mut row = [0; N];
    for (index, number) in row.iter_mut().enumerate() {
        let mut bytes = [0; 8];
        match run.read_exact(&mut bytes) {
            Err(error) if index == 0 && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        *number = u64::from_le_bytes(bytes);
    }
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_sorted_with_any_memory(mut rows: Vec<[u64; 2]>, memory in 0_usize..200) {
            let mut sorter = Sorter::new(memory);
            rows.iter().try_for_each(|row| sorter.push(*row)).unwrap();
            let mut sorted = sorter.sorted().unwrap();
            let found: Vec<_> = std::iter::from_fn(|| sorted.next().unwrap()).collect();
            rows.sort_unstable();
            prop_assert_eq!(found, rows);
        }
    }
}
