//! Issues tokens, and reports later whether one is still valid.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

use crate::auth::hash::hmac_sha256;

/// Issues tokens. A token has its own end and a seal, so none has to be stored: memory does not grow with the number of
/// tokens, and it knows the end even of the oldest. It has no `Debug`, because the seal key is a secret.
pub(crate) struct Issuer {
    lifetime: Duration,
    seal_key: [u8; 32],
    epoch: Instant,
    /// The age of the issuer at the epoch; more than zero if it resumes from an earlier process.
    age_at_epoch: Duration,
    next: AtomicU64,
    /// Tokens with a lower number are expired, regardless of their end.
    expired_below: AtomicU64,
}

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenStatus {
    /// The issuer issued the token, which is still valid.
    Valid,
    /// The issuer issued the token, which has expired.
    Expired,
    /// The issuer did not issue the token.
    Foreign,
}

const PREFIX: &str = "emulator-token-";
const END_DIGITS: usize = 32;
const NUMBER_DIGITS: usize = 16;
const USER_DIGITS: usize = 4;

/// The content of a token.
struct SealedToken {
    /// In nanoseconds of the issuer's age.
    end: u128,
    number: u64,
    user: u16,
}

impl Issuer {
    pub(crate) fn new(lifetime: Duration) -> Self {
        let mut seal_key = [0; 32];
        for part in seal_key.chunks_exact_mut(8) {
            part.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Self::resume(lifetime, seal_key, Instant::now(), Duration::ZERO, 0)
    }

    /// Returns an issuer that has this age now. It resumes from an earlier process, whose tokens stay valid.
    pub(crate) fn resume(
        lifetime: Duration,
        seal_key: [u8; 32],
        now: Instant,
        age: Duration,
        expired_below: u64,
    ) -> Self {
        // No more than one token per nanosecond is issued, so these numbers are new.
        let next = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX / 2).max(expired_below);
        Self {
            lifetime,
            seal_key,
            epoch: now,
            age_at_epoch: age,
            next: AtomicU64::new(next),
            expired_below: AtomicU64::new(expired_below),
        }
    }

    /// Returns the key that seals the tokens, a secret.
    pub(crate) fn seal_key(&self) -> [u8; 32] {
        self.seal_key
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns a new token of a user: 131 visible ASCII characters, never the same twice.
    pub(crate) fn issue(&self, user: u16, now: Instant) -> String {
        let end = self.age(now).saturating_add(self.lifetime).as_nanos();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let content = format!("{end:0END_DIGITS$x}{number:0NUMBER_DIGITS$x}{user:0USER_DIGITS$x}");
        let seal = hmac_sha256(&self.seal_key, content.as_bytes());
        format!("{PREFIX}{content}{seal}")
    }

    /// Reports whether it issued a token, and whether the token is still valid.
    pub(crate) fn status_of(&self, token: &[u8], now: Instant) -> TokenStatus {
        match std::str::from_utf8(token).ok().and_then(|token| self.open(token)) {
            None => TokenStatus::Foreign,
            Some(SealedToken { end, number, .. })
                if self.age(now).as_nanos() < end && number >= self.expired_below.load(Ordering::Relaxed) =>
            {
                TokenStatus::Valid
            }
            Some(_) => TokenStatus::Expired,
        }
    }

    /// Returns the user of a token that it issued.
    pub(crate) fn user_of(&self, token: &str) -> Option<u16> {
        self.open(token).map(|token| token.user)
    }

    /// Expires all tokens issued so far. Returns the number that all of them are below.
    pub(crate) fn expire_all(&self) -> u64 {
        let below = self.next.load(Ordering::Relaxed);
        self.expired_below.fetch_max(below, Ordering::Relaxed).max(below)
    }

    /// Returns the content of a token; `None` if the seal is not this issuer's.
    fn open(&self, token: &str) -> Option<SealedToken> {
        let (content, seal) = token.strip_prefix(PREFIX)?.split_at_checked(END_DIGITS + NUMBER_DIGITS + USER_DIGITS)?;
        if hmac_sha256(&self.seal_key, content.as_bytes()) != seal {
            return None;
        }
        let (end, rest) = content.split_at_checked(END_DIGITS)?;
        let (number, user) = rest.split_at_checked(NUMBER_DIGITS)?;
        Some(SealedToken {
            end: u128::from_str_radix(end, 16).ok()?,
            number: u64::from_str_radix(number, 16).ok()?,
            user: u16::from_str_radix(user, 16).ok()?,
        })
    }

    fn age(&self, now: Instant) -> Duration {
        self.age_at_epoch.saturating_add(now.saturating_duration_since(self.epoch))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tokio::time::{Duration, Instant};

    use super::{Issuer, TokenStatus};

    #[test]
    fn a_token_lives_for_its_lifetime() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let start = Instant::now();
        let token = issuer.issue(1, start);
        assert!(token.len() >= 64 && token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
        let last = start + Duration::from_nanos(9_999_999_999);
        assert_eq!(issuer.status_of(token.as_bytes(), last), TokenStatus::Valid);
        assert_eq!((issuer.user_of(&token), issuer.user_of("another")), (Some(1), None));
        // A newer token does not expire it.
        issuer.issue(1, last);
        assert_eq!(issuer.status_of(token.as_bytes(), last), TokenStatus::Valid);
        assert_eq!(issuer.status_of(token.as_bytes(), start + Duration::from_secs(10)), TokenStatus::Expired);
    }

    #[test]
    fn all_tokens_can_be_expired_at_once() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let now = Instant::now();
        let old = [issuer.issue(1, now), issuer.issue(1, now)];
        issuer.expire_all();
        let new = issuer.issue(1, now);
        assert!(old.iter().all(|token| issuer.status_of(token.as_bytes(), now) == TokenStatus::Expired));
        assert_eq!(issuer.status_of(new.as_bytes(), now), TokenStatus::Valid);
    }

    #[test]
    fn extreme_lifetimes_work() {
        let now = Instant::now();
        let none = Issuer::new(Duration::ZERO);
        assert_eq!(none.status_of(none.issue(1, now).as_bytes(), now), TokenStatus::Expired);
        let ever = Issuer::new(Duration::MAX);
        let token = ever.issue(1, now);
        assert_eq!(ever.status_of(token.as_bytes(), now + Duration::from_secs(1 << 30)), TokenStatus::Valid);
    }

    #[test]
    fn changed_and_strange_tokens_are_foreign() {
        let (issuer, other) = (Issuer::new(Duration::from_secs(10)), Issuer::new(Duration::from_secs(10)));
        let now = Instant::now();
        let token = issuer.issue(1, now);
        assert_eq!(other.status_of(token.as_bytes(), now), TokenStatus::Foreign);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(issuer.status_of(&changed, now), TokenStatus::Foreign, "{at}");
        }
        for strange in [&b""[..], b"emulator-token-", "emulator-token-主".as_bytes(), b"\xff", &token.as_bytes()[..130]]
        {
            assert_eq!(issuer.status_of(strange, now), TokenStatus::Foreign);
        }
    }

    #[test]
    fn many_tokens_are_all_different_and_all_expire() {
        let issuer = Issuer::new(Duration::from_secs(10));
        let start = Instant::now();
        let tokens: Vec<String> = (0..5000).map(|_| issuer.issue(1, start)).collect();
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), 5000);
        let late = start + Duration::from_secs(11);
        assert!(tokens.iter().all(|token| issuer.status_of(token.as_bytes(), late) == TokenStatus::Expired));
    }
}
