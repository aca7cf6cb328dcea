//! Owns the tokens the emulator itself gives out: making them, and telling later whether one is still alive.

use crate::auth::hash::hmac_sha256;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::{Duration, Instant};

/// Gives out tokens. A token carries its own end and a seal, so that none has to be remembered: memory stays the same
/// however many are given out, and the end of the oldest is still known.
pub(crate) struct Issuer {
    lifetime: Duration,
    seal_key: [u8; 32],
    epoch: Instant,
    /// How old the issuer was at the epoch: more than nothing when it goes on from an earlier run.
    age_at_epoch: Duration,
    next: AtomicU64,
    /// Tokens with a lower number are expired, whatever their end.
    ended_below: AtomicU64,
}

/// What the issuer says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// One of its own, and alive.
    Alive,
    /// One of its own, past its end.
    Expired,
    /// From elsewhere.
    Foreign,
}

const PREFIX: &str = "emulator-token-";
const END_DIGITS: usize = 32;

impl Issuer {
    pub(crate) fn new(lifetime: Duration) -> Self {
        let mut seal_key = [0; 32];
        for part in seal_key.chunks_exact_mut(8) {
            part.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Self::resume(lifetime, seal_key, Duration::ZERO, 0)
    }

    /// An issuer that goes on from an earlier run, so that the tokens of that one are still good.
    pub(crate) fn resume(lifetime: Duration, seal_key: [u8; 32], age: Duration, ended_below: u64) -> Self {
        // Never more than one token a nanosecond is given out, so these numbers are new.
        let next = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX / 2).max(ended_below);
        Self {
            lifetime,
            seal_key,
            epoch: Instant::now(),
            age_at_epoch: age,
            next: AtomicU64::new(next),
            ended_below: AtomicU64::new(ended_below),
        }
    }

    /// Returns the key that seals the tokens, a secret.
    pub(crate) fn seal_key(&self) -> [u8; 32] {
        self.seal_key
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A new token: 127 visible ASCII characters, never the same twice.
    pub(crate) fn issue(&self, now: Instant) -> String {
        let end = self.age(now).saturating_add(self.lifetime).as_nanos();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let content = format!("{end:0END_DIGITS$x}{number:016x}");
        let seal = hmac_sha256(&self.seal_key, content.as_bytes());
        format!("{PREFIX}{content}{seal}")
    }

    /// Whether a token is one of these, and alive.
    pub(crate) fn standing(&self, token: &[u8], now: Instant) -> Standing {
        match std::str::from_utf8(token).ok().and_then(|token| self.end_of(token)) {
            None => Standing::Foreign,
            Some((end, number))
                if self.age(now).as_nanos() < end && number >= self.ended_below.load(Ordering::Relaxed) =>
            {
                Standing::Alive
            }
            Some(_) => Standing::Expired,
        }
    }

    /// Ends all tokens that were given out so far: those with a number below the one returned.
    pub(crate) fn end_all(&self) -> u64 {
        let below = self.next.load(Ordering::Relaxed);
        self.ended_below.fetch_max(below, Ordering::Relaxed).max(below)
    }

    /// The end a token carries, in nanoseconds of the issuer's age, and its number; `None` when the seal is not this issuer's.
    fn end_of(&self, token: &str) -> Option<(u128, u64)> {
        let (content, seal) = token.strip_prefix(PREFIX)?.split_at_checked(END_DIGITS + 16)?;
        if hmac_sha256(&self.seal_key, content.as_bytes()) != seal {
            return None;
        }
        let (end, number) = content.split_at_checked(END_DIGITS)?;
        Some((u128::from_str_radix(end, 16).ok()?, u64::from_str_radix(number, 16).ok()?))
    }

    fn age(&self, now: Instant) -> Duration {
        self.age_at_epoch.saturating_add(now.saturating_duration_since(self.epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::{Issuer, Standing};
    use std::collections::HashSet;
    use tokio::time::{Duration, Instant};

    #[test]
    fn a_token_lives_for_its_lifetime() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let start = Instant::now();
        let token = issuer.issue(start);
        assert!(token.len() >= 64 && token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
        let last = start + Duration::from_nanos(9_999_999_999);
        assert_eq!(issuer.standing(token.as_bytes(), last), Standing::Alive);
        // A newer one does not end it.
        issuer.issue(last);
        assert_eq!(issuer.standing(token.as_bytes(), last), Standing::Alive);
        assert_eq!(issuer.standing(token.as_bytes(), start + Duration::from_secs(10)), Standing::Expired);
    }

    #[test]
    fn all_tokens_can_be_ended_at_once() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let now = Instant::now();
        let old = [issuer.issue(now), issuer.issue(now)];
        issuer.end_all();
        let new = issuer.issue(now);
        assert!(old.iter().all(|token| issuer.standing(token.as_bytes(), now) == Standing::Expired));
        assert_eq!(issuer.standing(new.as_bytes(), now), Standing::Alive);
    }

    #[test]
    fn extreme_lifetimes_work() {
        let now = Instant::now();
        let none = Issuer::new(Duration::ZERO);
        assert_eq!(none.standing(none.issue(now).as_bytes(), now), Standing::Expired);
        let ever = Issuer::new(Duration::MAX);
        let token = ever.issue(now);
        assert_eq!(ever.standing(token.as_bytes(), now + Duration::from_secs(1 << 30)), Standing::Alive);
    }

    #[test]
    fn changed_and_strange_tokens_are_foreign() {
        let (issuer, other) = (Issuer::new(Duration::from_secs(10)), Issuer::new(Duration::from_secs(10)));
        let now = Instant::now();
        let token = issuer.issue(now);
        assert_eq!(other.standing(token.as_bytes(), now), Standing::Foreign);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(issuer.standing(&changed, now), Standing::Foreign, "{at}");
        }
        for strange in [&b""[..], b"emulator-token-", "emulator-token-主".as_bytes(), b"\xff", &token.as_bytes()[..126]]
        {
            assert_eq!(issuer.standing(strange, now), Standing::Foreign);
        }
    }

    #[test]
    fn many_tokens_are_all_different_and_none_is_forgotten() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let start = Instant::now();
        let tokens: Vec<String> = (0..5000).map(|_| issuer.issue(start)).collect();
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), 5000);
        let late = start + Duration::from_secs(11);
        assert!(tokens.iter().all(|token| issuer.standing(token.as_bytes(), late) == Standing::Expired));
    }
}
