//! Replays the lines of a state file, and selects those that are still current.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use crate::model::assets::orders::Order;
use crate::model::queues::QueueKey;
use crate::model::request_log::RecordedRequest;

use super::format::{Entry, StateError, StoredHostChange, StoredScan};

/// The state that the lines of a state file describe.
#[derive(Default)]
pub(super) struct Replay {
    /// The number of requests since the last reset.
    pub(super) answered: u64,
    /// The last of them.
    pub(super) requests: VecDeque<RecordedRequest>,
    pub(super) tokens_expired_below: u64,
    pub(super) clock_advanced_millis: u64,
    /// Whether the last line is incomplete, as a killed process leaves it.
    pub(super) torn_line: bool,
    /// Where the header ends.
    pub(super) header_end: usize,
    /// The lines of all requests since the last reset.
    request_lines: Vec<Range<usize>>,
    /// The last scan of each queue, and where its line begins.
    scans: HashMap<QueueKey, (StoredScan, usize)>,
    /// The collections that were ordered, and where their lines begin.
    pub(super) orders: Vec<(Order, usize)>,
    /// The changes of hosts since the last reset.
    pub(super) host_changes: Vec<StoredHostChange>,
}

impl Replay {
    /// Replays the content of a file whose header is known to be valid. Keeps at most `capacity` requests.
    pub(super) fn of(content: &[u8], capacity: usize) -> Result<Self, StateError> {
        let mut replay = Self::default();
        let mut start = 0;
        for (index, line) in content.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let place = start..start + line.len();
            start = place.end;
            if index == 0 {
                replay.header_end = place.end;
            } else if line.ends_with(b"\n") {
                let entry = serde_json::from_slice(line)
                    .map_err(|error| format!("line {} cannot be read: {error}", index + 1))?;
                replay.apply(entry, place, capacity);
            } else {
                replay.torn_line = true;
            }
        }
        Ok(replay)
    }

    fn apply(&mut self, entry: Entry, place: Range<usize>, capacity: usize) {
        let Entry { request, scan, order, host, tokens_expired_below, clock_advanced_millis, reset } = entry;
        if reset {
            self.answered = 0;
            self.requests.clear();
            self.request_lines.clear();
            self.scans.clear();
            self.orders.clear();
            self.host_changes.clear();
        }
        if let Some(scan) = scan {
            self.scans.insert(scan.queue(), (scan, place.start));
        }
        self.orders.extend(order.map(|order| (order, place.start)));
        self.host_changes.extend(host);
        self.tokens_expired_below = self.tokens_expired_below.max(tokens_expired_below.unwrap_or_default());
        self.clock_advanced_millis = self.clock_advanced_millis.max(clock_advanced_millis.unwrap_or_default());
        if let Some(request) = request {
            self.answered = request.sequence;
            self.request_lines.push(place);
            self.requests.push_back(request);
            if self.requests.len() > capacity {
                self.requests.pop_front();
            }
        }
    }

    /// Returns the scans that end after a time.
    pub(super) fn pending(&self, now_millis: i64) -> impl Iterator<Item = &StoredScan> {
        self.scans.values().map(|(scan, _)| scan).filter(move |scan| is_pending(scan, now_millis))
    }

    /// Returns the content without what a reset forgot, scans that ended, and as many of the oldest requests and orders
    /// as are over the limit. The last request always stays, because it has the number of requests.
    pub(super) fn compacted(&self, content: &[u8], max_bytes: u64, now_millis: i64) -> Result<Vec<u8>, StateError> {
        let mut left = max_bytes;
        let newest = self.request_lines.iter().rev().enumerate();
        let kept = newest.take_while(|(age, place)| {
            let fits = left.checked_sub(place.len() as u64);
            left = fits.unwrap_or_default();
            fits.is_some() || *age == 0
        });
        let kept = self.request_lines.len() - kept.count();
        let kept = self.request_lines.get(kept..).unwrap_or_default();
        let first = kept.first().map_or(content.len(), |place| place.start);
        let mut compacted = content.get(..self.header_end).unwrap_or_default().to_vec();
        let at_least_one = |number: u64| Some(number).filter(|number| *number > 0);
        let tokens_expired_below = at_least_one(self.tokens_expired_below);
        let clock_advanced_millis = at_least_one(self.clock_advanced_millis);
        if tokens_expired_below.is_some() || clock_advanced_millis.is_some() {
            let entry = Entry { tokens_expired_below, clock_advanced_millis, ..Entry::default() };
            compacted.extend(entry.line()?.bytes());
        }
        for host in &self.host_changes {
            compacted.extend(Entry { host: Some(host.clone()), ..Entry::default() }.line()?.bytes());
        }
        // The newest orders, if there are very many.
        let (mut left, mut orders) = (max_bytes / 4, Vec::new());
        for (order, _) in self.orders.iter().rev().filter(|(_, start)| *start < first) {
            let line = Entry { order: Some(order.clone()), ..Entry::default() }.line()?;
            let Some(rest) = left.checked_sub(line.len() as u64) else { break };
            left = rest;
            orders.push(line);
        }
        compacted.extend(orders.iter().rev().flat_map(|line| line.bytes()));
        // In the order of the file, so that compacted content stays as it is.
        let mut scans: Vec<&(StoredScan, usize)> =
            self.scans.values().filter(|(scan, start)| *start < first && is_pending(scan, now_millis)).collect();
        scans.sort_by_key(|(_, start)| *start);
        for (scan, _) in scans {
            compacted.extend(Entry { scan: Some(scan.clone()), ..Entry::default() }.line()?.bytes());
        }
        for place in kept {
            compacted.extend_from_slice(content.get(place.clone()).unwrap_or_default());
        }
        Ok(compacted)
    }
}

fn is_pending(scan: &StoredScan, now_millis: i64) -> bool {
    scan.ends_millis.is_none_or(|end| end > now_millis)
}
