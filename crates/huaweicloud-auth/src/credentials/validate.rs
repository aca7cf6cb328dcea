//! Which texts a credential may consist of, and the error for an invalid one, which never shows the text.

use std::fmt;

/// The part of a credential that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialField {
    /// An IAM token (the X-Auth-Token header).
    Token,
    /// The access key id, AK.
    AccessKeyId,
    /// The secret access key, SK.
    SecretKey,
    /// The security token that belongs to a temporary access key.
    SecurityToken,
    /// The project id.
    ProjectId,
    /// The account (domain) id.
    DomainId,
}

impl fmt::Display for CredentialField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::AccessKeyId => "access key id (AK)",
            Self::SecretKey => "secret access key (SK)",
            Self::SecurityToken => "security token",
            Self::ProjectId => "project id",
            Self::DomainId => "domain id",
        })
    }
}

/// What is wrong with a credential's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialProblem {
    /// The text is empty.
    Empty,
    /// It begins and ends with the same quotation mark, which an env file or a profile has kept.
    Quoted,
    /// It contains a space, a line break or another control character.
    WhitespaceOrControl,
    /// It contains a character outside visible ASCII, which cannot be sent in a header.
    NotAscii,
    /// The signing algorithm does not accept it as a key.
    Unusable,
}

/// A credential that cannot be used. It names the part and the problem, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvalidCredential {
    field: CredentialField,
    problem: CredentialProblem,
}

impl InvalidCredential {
    pub(crate) fn new(field: CredentialField, problem: CredentialProblem) -> Self {
        Self { field, problem }
    }

    /// Returns the part that is wrong.
    #[must_use]
    pub fn field(&self) -> CredentialField {
        self.field
    }

    /// Returns what is wrong with it.
    #[must_use]
    pub fn problem(&self) -> CredentialProblem {
        self.problem
    }

    /// Returns what to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self.problem {
            CredentialProblem::Empty => "give it a value, or remove the setting",
            CredentialProblem::Quoted => "write it without the quotation marks",
            _ => "copy it again, without spaces, line breaks or comments",
        }
    }
}

impl fmt::Display for InvalidCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            CredentialProblem::Empty => "is empty",
            CredentialProblem::Quoted => "is wrapped in quotation marks",
            CredentialProblem::WhitespaceOrControl => "contains a space, a line break or another control character",
            CredentialProblem::NotAscii => "contains a character that is not visible ASCII",
            CredentialProblem::Unusable => "cannot be used as a key",
        };
        write!(f, "the {} {problem}", self.field)
    }
}

impl std::error::Error for InvalidCredential {}

/// Accepts a text that goes into a header: non-empty, visible ASCII, not quoted.
pub(super) fn header_text(field: CredentialField, text: &str) -> Result<(), InvalidCredential> {
    plain_text(field, text)?;
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(InvalidCredential::new(field, CredentialProblem::NotAscii))
    }
}

/// Accepts a text that is not sent: non-empty, without whitespace and control characters, not quoted.
pub(super) fn plain_text(field: CredentialField, text: &str) -> Result<(), InvalidCredential> {
    let problem = if text.is_empty() {
        CredentialProblem::Empty
    } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        CredentialProblem::WhitespaceOrControl
    } else if text.len() > 1 && ['"', '\''].iter().any(|&q| text.starts_with(q) && text.ends_with(q)) {
        CredentialProblem::Quoted
    } else {
        return Ok(());
    };
    Err(InvalidCredential::new(field, problem))
}

#[cfg(test)]
mod tests {
    use super::{CredentialField, CredentialProblem, header_text, plain_text};

    #[test]
    fn each_problem_is_recognised() {
        let table = [
            ("", Some(CredentialProblem::Empty)),
            ("a b", Some(CredentialProblem::WhitespaceOrControl)),
            ("a\u{3000}b", Some(CredentialProblem::WhitespaceOrControl)),
            ("ab\n", Some(CredentialProblem::WhitespaceOrControl)),
            ("a\u{7f}b", Some(CredentialProblem::WhitespaceOrControl)),
            ("\"ab\"", Some(CredentialProblem::Quoted)),
            ("'ab'", Some(CredentialProblem::Quoted)),
            ("\"", None),
            ("a+/=~b", None),
        ];
        for (text, expected) in table {
            assert_eq!(plain_text(CredentialField::SecretKey, text).err().map(|e| e.problem()), expected, "{text:?}");
            assert_eq!(header_text(CredentialField::Token, text).err().map(|e| e.problem()), expected, "{text:?}");
        }
        assert!(plain_text(CredentialField::SecretKey, "schlüssel").is_ok());
        assert_eq!(
            header_text(CredentialField::Token, "schlüssel").err().map(|e| e.problem()),
            Some(CredentialProblem::NotAscii)
        );
    }

    #[test]
    fn the_text_names_part_and_problem_only() {
        let error = plain_text(CredentialField::SecretKey, "marker marker").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the secret access key (SK) contains a space, a line break or another control character"
        );
        assert!(!format!("{error:?}").contains("marker"));
    }
}
