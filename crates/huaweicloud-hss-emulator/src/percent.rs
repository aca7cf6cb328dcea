//! Owns strict percent-decoding: a broken escape or broken UTF-8 is reported, never passed on as it stands.

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
    use super::decode;

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
