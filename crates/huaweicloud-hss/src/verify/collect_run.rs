//! Collects kinds on several servers, and follows each collection to its end.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use futures_util::{Stream, stream};
use tokio::time::{Instant, sleep_until};

use crate::client::Client;
use crate::error::Error;
use crate::types::queue::Queue;

use super::collect::{CollectKind, CollectState, Collection};

/// The time between two rounds of reads: it grows by half, up to the longest.
const FIRST_DELAY: Duration = Duration::from_secs(2);
const MAX_DELAY: Duration = Duration::from_secs(30);

/// One collection of a [`CollectRun`].
#[derive(Debug)]
#[non_exhaustive]
pub struct HostCollection {
    /// The id of the server.
    pub host_id: String,
    /// The kind.
    pub kind: CollectKind,
    /// How it ended, or what was last seen of it.
    pub result: Result<Collection, Error>,
}

/// A collection that was ordered, and whose end was not seen.
#[derive(Debug)]
struct Pending {
    host_id: String,
    kind: CollectKind,
    /// The state before the order, if it could be read.
    before: Option<Collection>,
    ordered_at: Option<SystemTime>,
    last: Collection,
    /// Whether a state was seen that is not the one before the order.
    has_changed: bool,
}

impl Pending {
    /// Keeps a state, unless it is the end of a collection before this one. Returns whether it is the end of this one.
    fn see(&mut self, collection: Collection) -> bool {
        self.has_changed |= self.before.as_ref() != Some(&collection);
        let has_ended = match (&collection.state, self.ordered_at) {
            (CollectState::Scanned, Some(ordered_at)) => collection.at >= Some(ordered_at),
            (CollectState::Scanned | CollectState::Failed | CollectState::TimedOut, _) => self.has_changed,
            (CollectState::Never | CollectState::Running | CollectState::Other(_), _) => {
                self.last = collection;
                return false;
            }
        };
        if has_ended {
            self.last = collection;
        }
        has_ended
    }

    fn end(self) -> HostCollection {
        HostCollection { host_id: self.host_id, kind: self.kind, result: Ok(self.last) }
    }
}

/// Orders collections one by one, then reads how each went.
#[derive(Debug)]
pub struct CollectRun {
    client: Client,
    queue: Queue,
    to_order: std::vec::IntoIter<(String, CollectKind)>,
    pending: Vec<Pending>,
    /// Those of the last round that are not returned yet.
    ended: VecDeque<HostCollection>,
    /// How long to wait for the ends; `None` to wait for none.
    wait: Option<Duration>,
    end: Option<Instant>,
    next: Option<(Instant, Duration)>,
}

impl Client {
    /// Makes servers collect kinds, and waits at most this long until each has ended; without a wait, a collection is
    /// returned as running once it is ordered.
    ///
    /// A failed call is the result of its collection, and the others continue. With a wait, the state before each order
    /// is read too: a failure that the service reported before is not the end of this collection.
    #[must_use]
    pub fn collect_all(
        &self,
        queue: Queue,
        collections: Vec<(String, CollectKind)>,
        wait: Option<Duration>,
    ) -> CollectRun {
        let (pending, to_order) = (Vec::new(), collections.into_iter());
        CollectRun {
            client: self.clone(),
            queue,
            to_order,
            pending,
            ended: VecDeque::new(),
            wait,
            end: None,
            next: None,
        }
    }
}

impl CollectRun {
    /// Returns the next collection that has ended or failed, in the order of their ends; `None` after the last.
    ///
    /// It must not be dropped before it returns. When the time is over, those that have not ended follow with the last state
    /// that was read.
    pub async fn next(&mut self) -> Option<HostCollection> {
        for (host_id, kind) in self.to_order.by_ref() {
            let running = |at| Collection { state: CollectState::Running, at };
            let before = match self.wait {
                Some(_) => self.client.collection(&self.queue, &host_id, kind).await.ok(),
                None => None,
            };
            match self.client.collect(&self.queue, &host_id, kind).await {
                Err(error) => return Some(HostCollection { host_id, kind, result: Err(error) }),
                Ok(_) if self.wait.is_none() => {
                    return Some(HostCollection { host_id, kind, result: Ok(running(None)) });
                }
                Ok(ordered_at) => {
                    let last = running(None);
                    self.pending.push(Pending { host_id, kind, before, ordered_at, last, has_changed: false });
                }
            }
        }
        if let Some(ended) = self.ended.pop_front() {
            return Some(ended);
        }
        let wait = self.wait.unwrap_or_default();
        let end = *self.end.get_or_insert_with(|| Instant::now() + wait.min(Duration::from_secs(u32::MAX.into())));
        loop {
            if self.pending.is_empty() {
                return None;
            }
            let (moment, delay) = *self.next.get_or_insert_with(|| (Instant::now(), FIRST_DELAY));
            sleep_until(moment.min(end)).await;
            let is_last = Instant::now() >= end;
            for mut one in std::mem::take(&mut self.pending) {
                match self.client.collection(&self.queue, &one.host_id, one.kind).await {
                    Err(error) => self.ended.push_back(HostCollection { result: Err(error), ..one.end() }),
                    Ok(collection) => {
                        let has_ended = one.see(collection);
                        if has_ended || is_last { self.ended.push_back(one.end()) } else { self.pending.push(one) }
                    }
                }
            }
            self.next = Some((Instant::now() + delay, (delay + delay / 2).min(MAX_DELAY)));
            if let Some(ended) = self.ended.pop_front() {
                return Some(ended);
            }
        }
    }

    /// Returns a stream of the collections.
    pub fn into_stream(self) -> impl Stream<Item = HostCollection> + Send {
        stream::unfold(self, |mut run| async move { Some((run.next().await?, run)) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn the_state_of_an_earlier_collection_is_no_end() {
        let at = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        let of = |state, seconds| Collection { state, at: at(seconds) };
        let old = of(CollectState::Failed, 5);
        for (ordered_at, seen, expected) in [
            (at(10), vec![old.clone()], false),
            (at(10), vec![of(CollectState::Running, 5), old.clone()], true),
            (at(10), vec![of(CollectState::Failed, 11)], true),
            (at(10), vec![of(CollectState::Scanned, 9)], false),
            (at(10), vec![of(CollectState::Scanned, 10)], true),
            (None, vec![of(CollectState::TimedOut, 5)], true),
            (None, vec![old.clone()], false),
            (at(10), vec![of(CollectState::Running, 12)], false),
        ] {
            let mut pending = Pending {
                host_id: "host-1".to_owned(),
                kind: CollectKind::KernelModules,
                before: Some(old.clone()),
                ordered_at,
                last: of(CollectState::Running, 0),
                has_changed: false,
            };
            let ends: Vec<bool> = seen.iter().map(|collection| pending.see(collection.clone())).collect();
            assert_eq!(ends.last(), Some(&expected), "{seen:?}");
            let last = pending.end().result.unwrap().state;
            let is_end = !matches!(last, CollectState::Running | CollectState::Never);
            assert_eq!(is_end, expected, "{seen:?}: the end of an earlier collection is not reported, but {last:?}");
        }
    }
}
