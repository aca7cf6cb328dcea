//! Random numbers that a seed repeats, and how many cases a test tries.

/// A small random number generator (xorshift).
pub struct Random(u64);

impl Random {
    /// Returns a generator whose seed is printed, so that a failure can be repeated: `HSS_TEST_SEED` sets it.
    pub fn new() -> Self {
        let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let seed = number("HSS_TEST_SEED").unwrap_or_else(now) | 1;
        println!("HSS_TEST_SEED={seed}");
        Self(seed)
    }

    /// Returns a number from 0 to below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }

    /// Returns another generator, whose numbers follow from this one's.
    pub fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX) | 1)
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns how many kills a test tries: `HSS_TEST_KILLS`, or `default`.
pub fn kills(default: u64) -> u64 {
    number("HSS_TEST_KILLS").unwrap_or(default)
}

/// Returns how many hostile responses a test tries: `HSS_TEST_RESPONSES`, or `default`.
pub fn responses(default: u64) -> u64 {
    number("HSS_TEST_RESPONSES").unwrap_or(default)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}
