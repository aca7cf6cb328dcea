//! A stable share of the queues, so that several machines can scan a fleet without coordination.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

use super::queue_plan::QueuePlan;

/// One of several shares of the queues: `2/5` is the third of five, because the first is `0/5`.
///
/// The share of a queue depends only on its region, project, enterprise project and category, not on its targets or on
/// other queues. The shares of few queues differ in size; those of many are nearly equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The largest number of shares.
    pub const MAX_COUNT: u32 = 10_000;

    /// Returns share number `index`, from 0, of `count`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such share, or `count` is more than
    /// [`Shard::MAX_COUNT`].
    pub fn new(index: u32, count: u32) -> Result<Self, Error> {
        if index >= count || count > Self::MAX_COUNT {
            return Err(Error::invalid_input(format!(
                "shard {index}/{count} does not exist: the shards of N are 0/N to (N-1)/N, and N is 1 to {}",
                Self::MAX_COUNT
            )));
        }
        Ok(Self { index, count })
    }

    /// Returns whether a queue is in this share.
    #[must_use]
    pub fn contains(&self, plan: &QueuePlan) -> bool {
        plan.queue_hash() % u64::from(self.count) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let (index, count) = numbers
            .ok_or_else(|| Error::invalid_input(format!("invalid shard {text:?}: expected I/N, such as 0/5")))?;
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
    use crate::types::queue::Queue;
    use crate::types::selector::Selector;

    fn plans(count: usize) -> Vec<QueuePlan> {
        let plan = |n| QueuePlan::new(Queue::new(format!("p{n}").parse().unwrap()), &Selector::AllHosts).unwrap();
        (0..count).map(plan).collect()
    }

    #[test]
    fn every_queue_is_in_exactly_one_share_and_the_shares_are_alike() {
        let plans = plans(2000);
        let shards: Vec<Shard> = (0..7).map(|index| Shard::new(index, 7).unwrap()).collect();
        let mut sizes = [0; 7];
        for plan in &plans {
            let containing: Vec<usize> = (0..7).filter(|index| shards[*index].contains(plan)).collect();
            let [one] = containing[..] else { panic!("{containing:?}") };
            sizes[one] += 1;
        }
        assert!(sizes.iter().all(|size| (220..360).contains(size)), "{sizes:?}");
    }

    #[test]
    fn the_shares_are_frozen() {
        // A change here would send hosts twice when some machines of a fleet run an older version.
        let shard = Shard::new(0, 3).unwrap();
        let plans = plans(20);
        let contained: Vec<usize> = (0..20).filter(|n| shard.contains(&plans[*n])).collect();
        assert_eq!(contained, [1, 5, 10, 12, 13]);
    }

    #[test]
    fn an_invalid_share_is_refused() {
        for text in ["", "1", "1/", "/1", "a/b", "-1/2", "1/1", "2/2", "0/0", "0/10001", "1/2/3", "0.5/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text:?}");
        }
        for text in ["0/1", "4/5", "9999/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
    }
}
