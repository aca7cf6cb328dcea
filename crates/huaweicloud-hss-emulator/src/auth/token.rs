//! Owns the check of the token header: how long a token may be is the spec's business, which one is right is set here.

use crate::auth::issuer::Standing;
use crate::error::EmulatorError;
use crate::error_response::Refusal;
use http::HeaderMap;
use http::header::HeaderName;
use std::fmt;

/// What the spec says about the token of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenRule {
    pub(crate) header: HeaderName,
    /// The header's name in the spec's spelling, for messages.
    pub(crate) shown: String,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// Which tokens are right.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) enum Tokens {
    /// Every token of visible ASCII characters whose length the spec allows.
    #[default]
    AnyWellFormed,
    /// Only those that the emulator itself gave out.
    Issued,
    /// Only this one, and those that the emulator itself gave out.
    Fixed(String),
}

// Written by hand: a token must not get into a log through a `{:?}`.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnyWellFormed => "AnyWellFormed",
            Self::Issued => "Issued",
            Self::Fixed(_) => "Fixed(..)",
        })
    }
}

impl Tokens {
    /// Whether a request could carry the fixed token at all.
    pub(crate) fn usable(&self, rule: &TokenRule) -> Result<(), EmulatorError> {
        let Self::Fixed(token) = self else { return Ok(()) };
        well_formed(token.as_bytes(), rule).map_err(|text| EmulatorError::token(format!("the fixed token {text}")))
    }

    /// Checks the token of a request; those that the emulator itself gave out are good until they expire. No answer repeats it.
    pub(crate) fn check(
        &self,
        rule: &TokenRule,
        headers: &HeaderMap,
        issued: impl Fn(&[u8]) -> Standing,
    ) -> Result<(), Refusal> {
        let shown = &rule.shown;
        let mut values = headers.get_all(&rule.header).iter();
        let refuse = |text: String| Err(Refusal::unauthenticated(format!("incorrect IAM authentication: {text}")));
        let Some(value) = values.next() else {
            return refuse(format!("{shown} is missing, and the request is not signed"));
        };
        if values.next().is_some() {
            return refuse(format!("{shown} is given more than once"));
        }
        if let Err(text) = well_formed(value.as_bytes(), rule) {
            return refuse(format!("{shown} {text}"));
        }
        match issued(value.as_bytes()) {
            Standing::Alive => return Ok(()),
            Standing::Expired => return Err(Refusal::expired_token()),
            Standing::Foreign => {}
        }
        match self {
            Self::AnyWellFormed => Ok(()),
            Self::Fixed(token) if token.as_bytes() == value.as_bytes() => Ok(()),
            Self::Fixed(_) | Self::Issued => refuse(format!("{shown} is not valid here")),
        }
    }
}

fn well_formed(token: &[u8], rule: &TokenRule) -> Result<(), String> {
    let TokenRule { min, max, .. } = rule;
    if !(*min..=*max).contains(&token.len()) {
        return Err(format!("has {} characters, {min} to {max} are allowed", token.len()));
    }
    match token.iter().all(u8::is_ascii_graphic) {
        true => Ok(()),
        false => Err("has characters other than visible ASCII".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, TokenRule, Tokens};
    use http::header::{HeaderName, HeaderValue};
    use http::{HeaderMap, StatusCode};

    const HEADER: HeaderName = HeaderName::from_static("x-auth-token");

    fn rule() -> TokenRule {
        TokenRule { header: HEADER, shown: "X-Auth-Token".to_owned(), min: 1, max: 8 }
    }

    fn verdict(tokens: &Tokens, values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
        }
        let refusal = tokens.check(&rule(), &headers, |_| Standing::Foreign).err()?;
        assert_eq!((refusal.status, &*refusal.code), (StatusCode::UNAUTHORIZED, "APIGW.0301"));
        Some(refusal.text)
    }

    #[test]
    fn any_well_formed_token_passes() {
        let any = Tokens::AnyWellFormed;
        for good in ["a", "12345678", "~!{}\"\\"] {
            assert_eq!(verdict(&any, &[good.as_bytes()]), None, "{good}");
        }
        let cases: [(&[&[u8]], &str); 6] = [
            (&[], "is missing"),
            (&[b""], "has 0 characters, 1 to 8 are allowed"),
            (&[b"123456789"], "has 9 characters"),
            (&[b"a b"], "other than visible ASCII"),
            (&["é".as_bytes()], "other than visible ASCII"),
            (&[b"a", b"a"], "more than once"),
        ];
        for (values, part) in cases {
            let text = verdict(&any, values).unwrap();
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn only_the_fixed_token_passes_and_it_is_never_shown() {
        let fixed = Tokens::Fixed("secret".to_owned());
        assert_eq!(verdict(&fixed, &[b"secret"]), None);
        for wrong in ["secre", "secret1", "Secret"] {
            let text = verdict(&fixed, &[wrong.as_bytes()]).unwrap();
            assert!(text.ends_with("is not valid here") && !text.contains(wrong), "{text}");
        }
        assert_eq!(format!("{fixed:?}"), "Fixed(..)");
    }

    #[test]
    fn issued_tokens_pass_beside_a_fixed_one_until_they_expire() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static("issued"));
        let fixed = Tokens::Fixed("secret".to_owned());
        assert!(fixed.check(&rule(), &headers, |_| Standing::Alive).is_ok());
        assert!(Tokens::Issued.check(&rule(), &headers, |_| Standing::Alive).is_ok());
        assert_eq!(Tokens::Issued.check(&rule(), &headers, |_| Standing::Foreign).unwrap_err().code, "APIGW.0301");
        for tokens in [fixed, Tokens::AnyWellFormed, Tokens::Issued] {
            assert_eq!(tokens.check(&rule(), &headers, |_| Standing::Expired).unwrap_err().code, "APIGW.0307");
        }
    }

    #[test]
    fn a_token_no_request_could_carry_is_refused_at_the_start() {
        for (token, usable) in [("ok", true), ("", false), ("123456789", false), ("a\nb", false)] {
            assert_eq!(Tokens::Fixed(token.to_owned()).usable(&rule()).is_ok(), usable, "{token:?}");
        }
        assert!(Tokens::AnyWellFormed.usable(&rule()).is_ok());
    }
}
