//! Checks the token of a request: the spec limits its length, and the settings decide which tokens are valid.

use std::fmt;

use http::HeaderMap;
use http::header::HeaderName;

use crate::auth::issuer::TokenStatus;
use crate::error::EmulatorError;
use crate::error_response::ErrorResponse;

/// The rules of the spec for the token of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenRule {
    pub(crate) header: HeaderName,
    /// The header's name in the spec's spelling, for messages.
    pub(crate) header_name: String,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// Which tokens are valid.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) enum AcceptedTokens {
    /// Every token of visible ASCII characters whose length the spec allows.
    #[default]
    AnyWellFormed,
    /// Only those that the emulator itself issued.
    Issued,
    /// Only this one, and those that the emulator itself issued.
    Fixed(String),
}

// Written by hand, so that no log shows the token.
impl fmt::Debug for AcceptedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnyWellFormed => "AnyWellFormed",
            Self::Issued => "Issued",
            Self::Fixed(_) => "Fixed(..)",
        })
    }
}

impl AcceptedTokens {
    /// Checks that a request can carry the fixed token.
    pub(crate) fn validate(&self, rule: &TokenRule) -> Result<(), EmulatorError> {
        let Self::Fixed(token) = self else { return Ok(()) };
        well_formed(token.as_bytes(), rule).map_err(|text| EmulatorError::token(format!("the fixed token {text}")))
    }

    /// Checks the token of a request. Tokens that the emulator itself issued are valid until they expire. No response
    /// repeats a token.
    pub(crate) fn check(
        &self,
        rule: &TokenRule,
        headers: &HeaderMap,
        issued: impl Fn(&[u8]) -> TokenStatus,
    ) -> Result<(), ErrorResponse> {
        let name = &rule.header_name;
        let mut values = headers.get_all(&rule.header).iter();
        let reject =
            |text: String| Err(ErrorResponse::unauthenticated(format!("incorrect IAM authentication: {text}")));
        let Some(value) = values.next() else {
            return reject(format!("{name} is missing, and the request is not signed"));
        };
        if values.next().is_some() {
            return reject(format!("{name} is given more than once"));
        }
        if let Err(text) = well_formed(value.as_bytes(), rule) {
            return reject(format!("{name} {text}"));
        }
        match issued(value.as_bytes()) {
            TokenStatus::Valid => return Ok(()),
            TokenStatus::Expired => return Err(ErrorResponse::expired_token()),
            TokenStatus::Foreign => {}
        }
        match self {
            Self::AnyWellFormed => Ok(()),
            Self::Fixed(token) if token.as_bytes() == value.as_bytes() => Ok(()),
            Self::Fixed(_) | Self::Issued => reject(format!("{name} is not valid here")),
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
    use http::header::{HeaderName, HeaderValue};
    use http::{HeaderMap, StatusCode};

    use super::{AcceptedTokens, TokenRule, TokenStatus};

    const HEADER: HeaderName = HeaderName::from_static("x-auth-token");

    fn rule() -> TokenRule {
        TokenRule { header: HEADER, header_name: "X-Auth-Token".to_owned(), min: 1, max: 8 }
    }

    fn rejection(tokens: &AcceptedTokens, values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
        }
        let response = tokens.check(&rule(), &headers, |_| TokenStatus::Foreign).err()?;
        assert_eq!((response.status, &*response.code), (StatusCode::UNAUTHORIZED, "APIGW.0301"));
        Some(response.message)
    }

    #[test]
    fn any_well_formed_token_passes() {
        let any = AcceptedTokens::AnyWellFormed;
        for good in ["a", "12345678", "~!{}\"\\"] {
            assert_eq!(rejection(&any, &[good.as_bytes()]), None, "{good}");
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
            let text = rejection(&any, values).unwrap();
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn only_the_fixed_token_passes_and_no_response_repeats_it() {
        let fixed = AcceptedTokens::Fixed("secret".to_owned());
        assert_eq!(rejection(&fixed, &[b"secret"]), None);
        for wrong in ["secre", "secret1", "Secret"] {
            let text = rejection(&fixed, &[wrong.as_bytes()]).unwrap();
            assert!(text.ends_with("is not valid here") && !text.contains(wrong), "{text}");
        }
        assert_eq!(format!("{fixed:?}"), "Fixed(..)");
    }

    #[test]
    fn issued_tokens_are_valid_beside_a_fixed_one_until_they_expire() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static("issued"));
        let fixed = AcceptedTokens::Fixed("secret".to_owned());
        assert!(fixed.check(&rule(), &headers, |_| TokenStatus::Valid).is_ok());
        assert!(AcceptedTokens::Issued.check(&rule(), &headers, |_| TokenStatus::Valid).is_ok());
        assert_eq!(
            AcceptedTokens::Issued.check(&rule(), &headers, |_| TokenStatus::Foreign).unwrap_err().code,
            "APIGW.0301"
        );
        for tokens in [fixed, AcceptedTokens::AnyWellFormed, AcceptedTokens::Issued] {
            assert_eq!(tokens.check(&rule(), &headers, |_| TokenStatus::Expired).unwrap_err().code, "APIGW.0307");
        }
    }

    #[test]
    fn a_fixed_token_that_no_request_can_carry_is_an_error() {
        for (token, valid) in [("ok", true), ("", false), ("123456789", false), ("a\nb", false)] {
            assert_eq!(AcceptedTokens::Fixed(token.to_owned()).validate(&rule()).is_ok(), valid, "{token:?}");
        }
        assert!(AcceptedTokens::AnyWellFormed.validate(&rule()).is_ok());
    }
}
