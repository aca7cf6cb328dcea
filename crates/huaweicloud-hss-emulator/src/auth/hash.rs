//! The hash functions of tokens and signatures. They return lower-case hexadecimal digits.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Returns the HMAC-SHA256 of bytes.
pub(crate) fn hmac_sha256(key: &[u8], bytes: &[u8]) -> String {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(bytes);
            base16ct::lower::encode_string(&mac.finalize().into_bytes())
        }
        // This algorithm accepts keys of every length. An empty text equals no signature.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{hmac_sha256, sha256};

    #[test]
    fn known_values_are_reproduced() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        // RFC 4231, test case 2.
        assert_eq!(
            hmac_sha256(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hmac_sha256(b"", b"").len(), 64);
    }
}
