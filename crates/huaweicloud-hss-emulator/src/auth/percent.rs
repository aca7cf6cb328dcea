//! Percent-encoding: decoding that reports a broken escape or broken UTF-8, and the encoding of signatures.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters that signatures encode: everything but letters, digits and `-_.~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Decodes one path segment, query name or query value. In a query `+` means a space, as in HTML forms.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Result<String, &'static str> {
    // `percent_decode_str` would leave a broken escape as it is.
    let is_escape = |after: &str| after.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !text.split('%').skip(1).all(is_escape) {
        return Err("has a % that two hexadecimal digits do not follow");
    }
    let spaced = if plus_is_space { text.replace('+', " ") } else { text.to_owned() };
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| "is not UTF-8 after percent-decoding")?;
    Ok(decoded.into_owned())
}

/// Encodes a text as signatures do.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
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
    fn decodes_well_formed_text() {
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
    fn rejects_broken_escapes() {
        for text in ["%", "a%2", "%zz", "%+1", "%FF", "%E4%B8", "%%41"] {
            assert!(decode(text, true).is_err(), "{text}");
        }
    }
}
