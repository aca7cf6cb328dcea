//! The ids of projects and enterprise projects, validated when they are made.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::IdProblem;
use crate::error::Error;
use crate::generated::hss::bounds::create_global_asset_scan_task as bounds;
use crate::generated::hss::types;

/// The id of the project whose servers are scanned: 1 to 256 characters, of any alphabet, without an [`IdProblem`].
///
/// Ids that would change the path of a request are refused: `.`, `..`, and any with a backslash or a control character
/// (`docs/design/generator-traps.md#p16`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectId(types::ProjectId);

impl ProjectId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn raw(&self) -> &types::ProjectId {
        &self.0
    }
}

impl FromStr for ProjectId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        bounds::PROJECT_ID.check_str(text)?;
        if text == "." || text == ".." || text.contains(|c: char| c == '\\' || c.is_control()) {
            return Err(Error::invalid_input(format!(
                "project_id {text:?} would change the request path: `.`, `..`, backslashes and control characters are not allowed"
            )));
        }
        check("project_id", text)?;
        text.parse()
            .map(Self)
            .map_err(|error: types::error::ConversionError| Error::invalid_input(format!("project_id: {error}")))
    }
}

fn check(field: &str, id: &str) -> Result<(), Error> {
    IdProblem::find(id).map_or(Ok(()), |problem| Err(Error::invalid_input(format!("{field} {id:?} {problem}"))))
}

impl TryFrom<String> for ProjectId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<&str> for ProjectId {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ProjectId> for String {
    fn from(id: ProjectId) -> Self {
        id.as_str().to_owned()
    }
}

impl AsRef<str> for ProjectId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// For a call of the generated client.
impl From<&ProjectId> for types::ProjectId {
    fn from(id: &ProjectId) -> Self {
        id.raw().clone()
    }
}

/// For a call of the generated client.
impl From<ProjectId> for types::ProjectId {
    fn from(id: ProjectId) -> Self {
        id.0
    }
}

/// Checks what the generated type does not.
impl TryFrom<types::ProjectId> for ProjectId {
    type Error = Error;

    fn try_from(id: types::ProjectId) -> Result<Self, Error> {
        id.parse()
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An enterprise project, or all of them. The default value leaves the parameter out, which selects the default
/// enterprise project.
///
/// Leaving the parameter out and naming the default project (`0`) mean the same, so the two are equal; each is sent as
/// it was given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub struct EnterpriseProject(Option<types::EnterpriseProjectId>);

impl EnterpriseProject {
    /// The value for all enterprise projects that the caller may use.
    pub const ALL: &'static str = "all_granted_eps";

    /// The id of the default enterprise project, which the service uses if the parameter is left out.
    pub const DEFAULT: &'static str = "0";

    /// Returns the value for all enterprise projects that the caller may use.
    #[must_use]
    pub fn all() -> Self {
        Self(Self::ALL.parse().ok())
    }

    /// Returns the id as the service understands it: `0` if the parameter is left out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or(Self::DEFAULT, |id| id.as_str())
    }

    pub(crate) fn raw(&self) -> Option<&types::EnterpriseProjectId> {
        self.0.as_ref()
    }
}

impl PartialEq for EnterpriseProject {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for EnterpriseProject {}

impl Hash for EnterpriseProject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for EnterpriseProject {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EnterpriseProject {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// Parses an id of 1 to 256 characters without an [`IdProblem`].
impl FromStr for EnterpriseProject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        bounds::ENTERPRISE_PROJECT_ID.check_str(text)?;
        check("enterprise_project_id", text)?;
        let id = text.parse().map_err(|error: types::error::ConversionError| {
            Error::invalid_input(format!("enterprise_project_id: {error}"))
        })?;
        Ok(Self(Some(id)))
    }
}

impl TryFrom<&str> for EnterpriseProject {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for EnterpriseProject {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl AsRef<str> for EnterpriseProject {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// For a call of the generated client.
impl From<&EnterpriseProject> for types::EnterpriseProjectId {
    fn from(project: &EnterpriseProject) -> Self {
        project.raw().cloned().unwrap_or_default()
    }
}

impl TryFrom<Option<String>> for EnterpriseProject {
    type Error = Error;

    fn try_from(text: Option<String>) -> Result<Self, Error> {
        text.map_or_else(|| Ok(Self::default()), |text| text.parse())
    }
}

/// `None` if the parameter is left out.
impl From<EnterpriseProject> for Option<String> {
    fn from(project: EnterpriseProject) -> Self {
        project.raw().map(|id| id.as_str().to_owned())
    }
}

impl fmt::Display for EnterpriseProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_1_to_256_characters() {
        for (text, fine) in [
            (String::new(), false),
            ("p".to_owned(), true),
            ("p".repeat(256), true),
            ("項".repeat(256), true),
            ("p".repeat(257), false),
            ("項".repeat(257), false),
        ] {
            assert_eq!(text.parse::<ProjectId>().is_ok(), fine, "project of {} characters", text.chars().count());
            assert_eq!(
                text.parse::<EnterpriseProject>().is_ok(),
                fine,
                "enterprise project of {} characters",
                text.chars().count()
            );
        }
        let error = "p".repeat(257).parse::<ProjectId>().unwrap_err();
        assert_eq!(error.to_string(), "project_id takes 1 to 256 characters, not 257");
    }

    #[test]
    fn a_project_id_that_would_change_the_path_is_refused() {
        for text in [".", "..", "a\\b", "..\\x", "a\nb", "\u{0}"] {
            let error = text.parse::<ProjectId>().unwrap_err();
            assert!(error.to_string().contains("would change the request path"), "{text:?}: {error}");
        }
        for text in ["a/b", "%2e%2e", "...", "ü?#"] {
            assert!(text.parse::<ProjectId>().is_ok(), "{text:?} is escaped, not refused");
        }
    }

    #[test]
    fn what_cannot_be_an_id_is_refused() {
        for text in [" p", "p ", "\"p\"", "'p'", "p1,p2", "[\"p\"]", "p\u{200b}"] {
            for error in [text.parse::<ProjectId>().unwrap_err(), text.parse::<EnterpriseProject>().unwrap_err()] {
                assert!(error.to_string().contains(&format!("project_id {text:?} contains ")), "{error}");
            }
        }
    }

    #[test]
    fn leaving_the_enterprise_project_out_means_the_default_one() {
        assert_eq!(EnterpriseProject::default().as_str(), "0");
        assert_eq!(EnterpriseProject::default().raw(), None);
        assert_eq!(EnterpriseProject::all().as_str(), "all_granted_eps");
        let named: EnterpriseProject = "0".parse().unwrap();
        assert_eq!(named, EnterpriseProject::default());
        assert!(named.raw().is_some(), "it is sent as it was given");
        assert_ne!(named, EnterpriseProject::all());
    }

    #[test]
    fn ids_convert_to_and_from_texts_and_generated_types() {
        let id = ProjectId::try_from("p").unwrap();
        assert_eq!((id.as_ref(), ProjectId::try_from("p".to_owned()).unwrap()), ("p", id.clone()));
        assert!(ProjectId::try_from("a b").is_err());
        let generated = types::ProjectId::from(&id);
        assert_eq!(ProjectId::try_from(generated).unwrap(), id);
        let dots: types::ProjectId = "..".parse().unwrap();
        assert!(ProjectId::try_from(dots).is_err(), "the generated type allows it");
        let project = EnterpriseProject::try_from("all_granted_eps").unwrap();
        assert_eq!((project.as_ref(), &project), (EnterpriseProject::ALL, &EnterpriseProject::all()));
        assert_eq!(types::EnterpriseProjectId::from(&EnterpriseProject::default()).as_str(), "0");
    }
}
