//! Keeps credentials out of texts that a service sent: some repeat what they were given, whatever their documents say.

use std::borrow::Cow;
use std::sync::Arc;

use huaweicloud_auth::Credentials;

/// What stands in a secret's place.
const MASK: &str = "[hidden]";

/// Shorter secrets than this are not searched for: no real one is, and a text would be full of holes.
const SHORTEST: usize = 8;

/// How a signature is told in the Authorization header, and in texts that repeat it.
const SIGNATURE: &str = "Signature=";

/// The credentials that a request carried.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden(Option<Arc<Credentials>>);

impl Hidden {
    pub(crate) fn new(credentials: Option<Arc<Credentials>>) -> Self {
        Self(credentials)
    }

    /// The text without any of the credentials in it.
    pub(crate) fn hide<'a>(&self, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let mut text = text.into();
        let secrets = match self.0.as_deref() {
            Some(Credentials::Token { token, .. }) => [Some(token.expose()), None],
            Some(Credentials::AccessKey { key, .. }) => {
                [Some(key.secret().expose()), key.security_token().map(|token| token.expose())]
            }
            _ => [None, None],
        };
        for secret in secrets.into_iter().flatten() {
            text = without(text, secret);
        }
        // Few texts have an equals sign. Without a way out before the end many bytes are looked at in one step.
        if text.bytes().fold(0, |found, byte| found | u8::from(byte == b'=')) > 0 && text.contains(SIGNATURE) {
            text = Cow::Owned(without_signatures(&text));
        }
        text
    }
}

/// The text without a secret.
pub(crate) fn without<'a>(text: Cow<'a, str>, secret: &str) -> Cow<'a, str> {
    if holds(&text, secret) { Cow::Owned(text.replace(secret, MASK)) } else { text }
}

/// Whether the secret, of at least [`SHORTEST`] bytes, is in the text. Each text is searched and nearly none has it: the library's search
/// would first make itself ready, for longer than this one takes.
fn holds(text: &str, secret: &str) -> bool {
    let (text, secret) = (text.as_bytes(), secret.as_bytes());
    let Some(first) = secret.first() else { return false };
    secret.len() >= SHORTEST && text.windows(secret.len()).any(|bytes| bytes.first() == Some(first) && bytes == secret)
}

fn without_signatures(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use huaweicloud_auth::{AccessKey, Secret, Token};

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn no_part_of_the_credentials_is_left() {
        let key = AccessKey::new("AKID", secret("sk-0123456789"), Some(secret("st-0123456789"))).unwrap();
        let hidden = Hidden::new(Some(Arc::new(Credentials::access_key(key))));
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("|x-security-token:st-0123456789|", "|x-security-token:[hidden]|"),
            ("sk-0123456789 and sk-0123456789", "[hidden] and [hidden]"),
            ("Access=AKID, Signature=00ffAA, x", "Access=AKID, Signature=[hidden], x"),
            ("Signature=", "Signature="),
        ] {
            assert_eq!(hidden.hide(text), expected);
        }
        let token = Token::new(secret("token-0123456789")).unwrap();
        let hidden = Hidden::new(Some(Arc::new(Credentials::token(token))));
        assert_eq!(hidden.hide("a token-0123456789"), "a [hidden]");
        assert_eq!(Hidden::default().hide("a token-0123456789"), "a token-0123456789");
    }

    proptest::proptest! {
        #[test]
        fn a_secret_is_found_wherever_it_stands(text in "[ab]{0,24}", secret in "[ab]{8,10}") {
            let shown = without(Cow::Borrowed(&text), &secret);
            proptest::prop_assert_eq!(shown, text.replace(&secret, MASK));
        }
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_one_makes_no_holes() {
        let token = Token::new(secret("t")).unwrap();
        assert_eq!(Hidden::new(Some(Arc::new(Credentials::token(token)))).hide("the text"), "the text");
    }
}
