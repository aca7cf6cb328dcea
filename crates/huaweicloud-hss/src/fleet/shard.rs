//! A stable share of the lanes, so that several machines can scan a fleet without speaking to each other.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::error::Error;

use super::plan::QueuePlan;

/// One of several shares: `2/5` is the third of five, for the first is 0.
///
/// Which share a lane is in depends on its region, project, enterprise project and category alone, not on its targets nor on the
/// other lanes. The shares of few lanes are not of equal size; those of many nearly are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The most shares there can be.
    pub const MAX_COUNT: u32 = 10_000;

    /// Share number `index`, from 0, of `count`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such share, or more than [`Shard::MAX_COUNT`].
    pub fn new(index: u32, count: u32) -> Result<Self, Error> {
        if index >= count || count > Self::MAX_COUNT {
            return Err(Error::invalid_input(format!(
                "there is no shard {index}/{count}: the first of N is 0/N, the last is N-1/N, and N is 1 to {}",
                Self::MAX_COUNT
            )));
        }
        Ok(Self { index, count })
    }

    /// Whether a lane is in this share.
    #[must_use]
    pub fn contains(&self, lane: &QueuePlan) -> bool {
        let mut hasher = Sha256::new();
        let category = lane.queue.category.to_string();
        let region = lane.region.as_ref().map_or("", |region| region.as_str());
        for part in [region, lane.queue.project_id.as_str(), lane.queue.enterprise_project.as_str(), &category] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let number = hasher.finalize().iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let (index, count) = numbers
            .ok_or_else(|| Error::invalid_input(format!("shard {text:?} is not written as I/N, such as 0/5")))?;
        Self::new(index, count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Queue;
    use crate::scan::Selector;

    fn lanes(count: usize) -> Vec<QueuePlan> {
        let lane = |n| QueuePlan::new(Queue::new(format!("p{n}").parse().unwrap()), &Selector::AllHosts).unwrap();
        (0..count).map(lane).collect()
    }

    #[test]
    fn every_lane_is_in_exactly_one_share_and_the_shares_are_alike() {
        let lanes = lanes(2000);
        let shards: Vec<Shard> = (0..7).map(|index| Shard::new(index, 7).unwrap()).collect();
        let mut sizes = [0; 7];
        for lane in &lanes {
            let in_it: Vec<usize> = (0..7).filter(|index| shards[*index].contains(lane)).collect();
            let [one] = in_it[..] else { panic!("{in_it:?}") };
            sizes[one] += 1;
        }
        assert!(sizes.iter().all(|size| (220..360).contains(size)), "{sizes:?}");
    }

    #[test]
    fn the_shares_are_frozen() {
        // A change here would send hosts twice when some machines of a fleet run an older version.
        let shard = Shard::new(0, 3).unwrap();
        let in_it: Vec<usize> = (0..20).filter(|n| shard.contains(&lanes(20)[*n])).collect();
        assert_eq!(in_it, [1, 5, 10, 12, 13]);
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "1/", "/1", "a/b", "-1/2", "1/1", "2/2", "0/0", "0/10001", "1/2/3", "0.5/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text:?}");
        }
        for text in ["0/1", "4/5", "9999/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
    }
}
