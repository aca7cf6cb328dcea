//! Owns percent-encoding: strict decoding, which reports a broken escape or broken UTF-8, and the encoding of signatures.

use std::fmt::Write as _;

/// Decodes one path segment, query name or query value. In a query `+` stands for a space, as HTML forms write it.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Result<String, &'static str> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err("has a % that two hexadecimal digits do not follow"),
            },
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| "is not UTF-8 after percent-decoding")
}

/// Encodes a text as signatures want it: only letters, digits and `-_.~` stay.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn encodes_all_but_the_unreserved() {
        assert_eq!(encode("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(encode("a b*/+主"), "a%20b%2A%2F%2B%E4%B8%BB");
    }

    #[test]
    fn decodes_what_is_well_formed() {
        for (text, plus, expected) in [
            ("", false, ""),
            ("plain", false, "plain"),
            ("a%2Fb%2fc", false, "a/b/c"),
            ("%E4%B8%BB%e6%9c%ba", false, "主机"),
            ("a+b", false, "a+b"),
            ("a+b%2B", true, "a b+"),
            ("%00", false, "\0"),
        ] {
            assert_eq!(decode(text, plus).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not() {
        for text in ["%", "a%2", "%zz", "%+1", "%FF", "%E4%B8", "%%41"] {
            assert!(decode(text, true).is_err(), "{text}");
        }
    }
}
