//! Keeps credentials and control characters out of texts that a service sent: some services repeat what they received.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use huaweicloud_auth::{Credentials, Secret};

use super::printable::is_unprintable;

/// Replaces a secret.
const MASK: &str = "[hidden]";

/// Shorter texts are not redacted: no secret is that short, and too much of the text would be lost.
const MIN_SECRET_BYTES: usize = 8;

/// Precedes a signature in the Authorization header, and in texts that repeat it
/// (`docs/design/service-behaviour.md#echoed-signatures`).
const SIGNATURE: &str = "Signature=";

/// The largest text of a service that is kept. The reference pages document at most 256 characters.
pub(super) const MAX_TEXT_CHARS: usize = 512;

/// Removes the credentials of a request, and the secret in its body, from texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    credentials: Option<Arc<Credentials>>,
    body_secret: Option<Secret>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(..)")
    }
}

impl Redactor {
    pub(crate) fn new(credentials: Option<Arc<Credentials>>, body_secret: Option<Secret>) -> Self {
        Self { credentials, body_secret }
    }

    /// Replaces each part of the credentials, and each signature.
    pub(crate) fn redact<'a>(&self, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let secrets = match self.credentials.as_deref() {
            Some(Credentials::Token { token, .. }) => [Some(token.expose()), None],
            Some(Credentials::AccessKey { key, .. }) => {
                [Some(key.secret().expose()), key.security_token().map(|token| token.expose())]
            }
            _ => [None, None],
        };
        let secrets = secrets.into_iter().flatten().chain(self.body_secret.as_ref().map(Secret::expose));
        let text = secrets.fold(text.into(), redact_secret);
        if text.contains(SIGNATURE) { Cow::Owned(redact_signatures(&text)) } else { text }
    }
}

/// Replaces a secret, however it is spelt.
fn redact_secret<'a>(text: Cow<'a, str>, secret: &str) -> Cow<'a, str> {
    let Some(first) = secret.chars().next().filter(|_| secret.len() >= MIN_SECRET_BYTES) else { return text };
    let mut redacted = String::new();
    let mut end = 0;
    // Every spelling of a character begins with itself or one of these.
    for (start, _) in text.match_indices([first, '%', '\\']) {
        if start >= end
            && let Some(length) = echo_length(&text[start..], secret)
        {
            redacted.push_str(&text[end..start]);
            redacted.push_str(MASK);
            end = start + length;
        }
    }
    if end == 0 {
        return text;
    }
    redacted.push_str(&text[end..]);
    Cow::Owned(redacted)
}

/// Returns the length of the secret at the beginning of a text, if it is there: as it is, escaped as in JSON,
/// percent-encoded, or cut off by the end of the text.
fn echo_length(text: &str, secret: &str) -> Option<usize> {
    // The lengths that the spellings of the secret up to here can have: a backslash, for example, may be escaped or not.
    let mut lengths = vec![0];
    for (matched, c) in secret.char_indices() {
        if matched >= MIN_SECRET_BYTES && lengths.contains(&text.len()) {
            return Some(text.len());
        }
        lengths = lengths.iter().flat_map(|at| spellings(&text[*at..], c).map(move |length| at + length)).collect();
        if lengths.is_empty() {
            return None;
        }
    }
    lengths.into_iter().max()
}

/// Returns the lengths of the spellings of a character that a text begins with.
fn spellings(text: &str, c: char) -> impl Iterator<Item = usize> + use<> {
    let literal = text.starts_with(c).then(|| c.len_utf8());
    // Letters and digits are never escaped.
    let may_be_escaped = !c.is_ascii_alphanumeric() && text.starts_with(['%', '\\']);
    let escaped = may_be_escaped.then(|| escapes(c)).into_iter().flatten();
    let lengths =
        escaped.filter(|escape| text.get(..escape.len()).is_some_and(|text| text.eq_ignore_ascii_case(escape)));
    let lengths: Vec<usize> = lengths.map(|escape| escape.len()).collect();
    literal.into_iter().chain(lengths)
}

/// Returns the escapes of a character in JSON, in JSON within JSON, and in a URL.
fn escapes(c: char) -> [String; 5] {
    let short = match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c => format!("\\{c}"),
    };
    let nested = short.replace('\\', r"\\").replace('"', "\\\"");
    let unicode: String = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    let percent: String = c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02x}")).collect();
    let twice = percent.replace('%', "%25");
    [short, nested, unicode, percent, twice]
}

fn redact_signatures(text: &str) -> String {
    let mut parts = text.split(SIGNATURE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(SIGNATURE);
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if rest.len() < part.len() {
            out.push_str(MASK);
        }
        out.push_str(rest);
    }
    out
}

/// Trims a text of a service, cuts it off at the limit, and replaces what cannot be printed by blanks.
pub(super) fn sanitize(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.chars().count() <= MAX_TEXT_CHARS && !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out: String = text.chars().take(MAX_TEXT_CHARS).map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    out.truncate(out.trim_end().len());
    if text.chars().count() > MAX_TEXT_CHARS {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use huaweicloud_auth::{AccessKey, Token};

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn credentials_are_redacted() {
        let key = AccessKey::new("AKID", secret("sk-0123456789"), Some(secret("st-0123456789"))).unwrap();
        let redactor = Redactor::new(Some(Arc::new(Credentials::access_key(key))), None);
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("|x-security-token:st-0123456789|", "|x-security-token:[hidden]|"),
            ("sk-0123456789 and sk-0123456789", "[hidden] and [hidden]"),
            ("Access=AKID, Signature=00ffAA, x", "Access=AKID, Signature=[hidden], x"),
            ("Signature=", "Signature="),
        ] {
            assert_eq!(redactor.redact(text), expected);
        }
        let token = Token::new(secret("token-0123456789")).unwrap();
        let redactor = Redactor::new(Some(Arc::new(Credentials::token(token))), None);
        assert_eq!(redactor.redact("a token-0123456789"), "a [hidden]");
        assert_eq!(Redactor::default().redact("a token-0123456789"), "a token-0123456789");
    }

    #[test]
    fn a_secret_is_redacted_however_it_is_spelt() {
        let password = "pa\"ss\\w/örd😀 1";
        let json = serde_json::to_string(password).unwrap();
        let json = json.trim_matches('"');
        let nested = serde_json::to_string(json).unwrap();
        for spelt in [
            password,
            json,
            nested.trim_matches('"'),
            "pa%22ss%5cw%2F%C3%B6rd%F0%9f%98%80%201",
            "pa%2522ss%255cw%252F%25C3%25B6rd%25F0%259f%2598%2580%25201",
            r#"pa\"ss\\w\/\u00f6rd\ud83d\uDE00 1"#,
        ] {
            let redactor = Redactor::new(None, Some(secret(password)));
            assert_eq!(redactor.redact(format!("<{spelt}> {spelt}.")), "<[hidden]> [hidden].", "{spelt}");
        }
        assert_eq!(redact_secret("cut off: pa\"ss\\w/".into(), password), "cut off: [hidden]");
        assert_eq!(redact_secret("pa\"ss is another".into(), password), "pa\"ss is another");
    }

    #[test]
    fn a_text_that_is_too_short_to_be_a_secret_is_not_redacted() {
        let token = Token::new(secret("t")).unwrap();
        assert_eq!(Redactor::new(Some(Arc::new(Credentials::token(token))), None).redact("the text"), "the text");
    }

    #[test]
    fn texts_of_a_service_are_sanitized() {
        assert_eq!(sanitize(" a\u{1b}[31mb\r\n "), "a [31mb");
        assert_eq!(sanitize("a\u{202e}b\u{200b}\u{9b}c"), "a b  c");
        assert_eq!(sanitize(&"x".repeat(600)).chars().count(), 513);
    }
}
