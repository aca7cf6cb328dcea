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
    /// The name of an IAM user.
    UserName,
    /// The password of an IAM user.
    Password,
    /// The name of the account (domain) of an IAM user.
    DomainName,
    /// The name of a project.
    ProjectName,
}

impl CredentialField {
    /// Checks a text for this field before it is used.
    ///
    /// A token, an AK, a security token and an id become header values: visible ASCII. The SK is not sent, and may have
    /// other characters. None of them may look like a value that a file or a script has damaged: with a quotation mark
    /// at either end, a comment, a separator at the end, or a placeholder. Names and the password may have any
    /// character that is not a control character, and spaces within; they may not be quoted or a placeholder.
    ///
    /// # Errors
    /// [`InvalidCredential`] names the field and the problem, and never shows the text.
    pub fn validate(self, text: &str) -> Result<(), InvalidCredential> {
        let problem = match self {
            Self::UserName | Self::DomainName | Self::ProjectName => name_problem(text).or_else(|| {
                let is_padded = text.trim() != text;
                is_padded.then_some(CredentialProblem::WhitespaceOrControl)
            }),
            Self::Password => name_problem(text),
            Self::SecretKey => key_problem(text),
            Self::Token | Self::AccessKeyId | Self::SecurityToken | Self::ProjectId | Self::DomainId => {
                key_problem(text).or_else(|| {
                    let is_sendable = text.bytes().all(|byte| byte.is_ascii_graphic());
                    (!is_sendable).then_some(CredentialProblem::NotAscii)
                })
            }
        };
        problem.map_or(Ok(()), |problem| Err(InvalidCredential::new(self, problem)))
    }
}

/// Returns what is wrong with a name or password.
fn name_problem(text: &str) -> Option<CredentialProblem> {
    if text.is_empty() {
        Some(CredentialProblem::Empty)
    } else if text.contains(char::is_control) {
        Some(CredentialProblem::WhitespaceOrControl)
    } else if text.len() > 1 && QUOTES.iter().any(|&quote| text.starts_with(quote) && text.ends_with(quote)) {
        Some(CredentialProblem::Quoted)
    } else if text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(is_identifier) {
        Some(CredentialProblem::Placeholder)
    } else {
        None
    }
}

/// Returns what is wrong with a key, token or id.
fn key_problem(text: &str) -> Option<CredentialProblem> {
    if text.is_empty() {
        Some(CredentialProblem::Empty)
    } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Some(CredentialProblem::WhitespaceOrControl)
    } else if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        Some(CredentialProblem::Quoted)
    } else if is_placeholder(text) {
        Some(CredentialProblem::Placeholder)
    } else if text.contains('#') {
        Some(CredentialProblem::Comment)
    } else if text.ends_with([';', ',']) {
        Some(CredentialProblem::Separator)
    } else {
        None
    }
}

/// Quotation marks, straight and typographic.
const QUOTES: [char; 6] = ['"', '\'', '“', '”', '‘', '’'];

/// Returns whether the text is the name of a variable.
fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns whether the text is a placeholder of a shell, a template or a manual that was not replaced.
fn is_placeholder(text: &str) -> bool {
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">")]
        .iter()
        .any(|(open, close)| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close))
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
            Self::UserName => "user name",
            Self::Password => "password",
            Self::DomainName => "domain name",
            Self::ProjectName => "project name",
        })
    }
}

/// What is wrong with a credential's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialProblem {
    /// The text is empty.
    Empty,
    /// It has a quotation mark at its beginning or end, which an env file or a profile has kept.
    Quoted,
    /// It is a placeholder such as `${AK}`, which nothing has replaced.
    Placeholder,
    /// It contains `#`: a comment behind a value is part of the value.
    Comment,
    /// It ends with a semicolon or a comma.
    Separator,
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
            CredentialProblem::Quoted => "write it without quotation marks",
            CredentialProblem::Placeholder => "replace it with the value itself",
            CredentialProblem::Comment => "write comments on lines of their own",
            CredentialProblem::Separator => "remove the last character",
            _ => "copy it again, without spaces, line breaks or comments",
        }
    }
}

impl fmt::Display for InvalidCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            CredentialProblem::Empty => "is empty",
            CredentialProblem::Quoted => "begins or ends with a quotation mark",
            CredentialProblem::Placeholder => "is a placeholder that was not replaced",
            CredentialProblem::Comment => "contains a `#`",
            CredentialProblem::Separator => "ends with a semicolon or a comma",
            CredentialProblem::WhitespaceOrControl => "contains a space, a line break or another control character",
            CredentialProblem::NotAscii => "contains a character that is not visible ASCII",
            CredentialProblem::Unusable => "cannot be used as a key",
        };
        write!(f, "the {} {problem}", self.field)
    }
}

impl std::error::Error for InvalidCredential {}

#[cfg(test)]
mod tests {
    use super::CredentialField::{self, AccessKeyId, DomainName, Password, ProjectId, SecretKey, Token, UserName};
    use super::CredentialProblem::{
        self, Comment, Empty, NotAscii, Placeholder, Quoted, Separator, WhitespaceOrControl,
    };

    fn problem(field: CredentialField, text: &str) -> Option<CredentialProblem> {
        field.validate(text).err().map(|error| error.problem())
    }

    #[test]
    fn each_problem_of_a_key_is_recognised() {
        for (text, expected) in [
            ("", Some(Empty)),
            ("a b", Some(WhitespaceOrControl)),
            ("a\u{3000}b", Some(WhitespaceOrControl)),
            ("ab\n", Some(WhitespaceOrControl)),
            ("ab\r", Some(WhitespaceOrControl)),
            ("a\u{7f}b", Some(WhitespaceOrControl)),
            ("\"ab\"", Some(Quoted)),
            ("'ab'", Some(Quoted)),
            ("\"ab", Some(Quoted)),
            ("ab'", Some(Quoted)),
            ("“ab”", Some(Quoted)),
            ("${AK}", Some(Placeholder)),
            ("$(cat ak)", Some(WhitespaceOrControl)),
            ("{{ak}}", Some(Placeholder)),
            ("<ak>", Some(Placeholder)),
            ("KEY#mine", Some(Comment)),
            ("KEY;", Some(Separator)),
            ("KEY,", Some(Separator)),
            ("a+/=~b", None),
            ("a;b", None),
        ] {
            for field in [Token, AccessKeyId, SecretKey, ProjectId] {
                assert_eq!(problem(field, text), expected, "{field:?} {text:?}");
            }
        }
        assert_eq!(problem(SecretKey, "schlüssel"), None);
        assert_eq!(problem(Token, "schlüssel"), Some(NotAscii));
    }

    #[test]
    fn a_name_or_password_that_was_damaged_on_its_way_is_recognised() {
        for (text, expected) in [
            ("", Some(Empty)),
            ("x\n", Some(WhitespaceOrControl)),
            ("x\r", Some(WhitespaceOrControl)),
            ("\u{feff}x\u{0}", Some(WhitespaceOrControl)),
            ("\"x\"", Some(Quoted)),
            ("'x'", Some(Quoted)),
            ("${NAME}", Some(Placeholder)),
            ("${}", None),
            ("<x>", None),
            ("\"x", None),
            ("x#;,$ y!", None),
            ("schlüssel", None),
        ] {
            for field in [UserName, Password, DomainName] {
                assert_eq!(problem(field, text), expected, "{field:?} {text:?}");
            }
        }
        assert_eq!(problem(UserName, "me "), Some(WhitespaceOrControl));
        assert_eq!(problem(Password, "me "), None);
    }

    #[test]
    fn the_text_names_part_and_problem_only() {
        let error = SecretKey.validate("marker marker").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the secret access key (SK) contains a space, a line break or another control character"
        );
        assert!(!format!("{error:?}").contains("marker"));
    }
}
