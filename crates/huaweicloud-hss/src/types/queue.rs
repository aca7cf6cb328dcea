//! Which scan queue a call is for: project, enterprise project and category, each checked when it is made.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::Error;
use crate::generated::hss::limits::create_global_asset_scan_task as limits;
use crate::generated::hss::types;

/// Id of the project whose servers are scanned: 1 to 256 characters, of no stated alphabet (page, table 1).
///
/// Ids that would change the called path are refused: `.`, `..`, and any with a backslash or a control character (P16).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectId(types::ProjectId);

impl ProjectId {
    /// The id as text.
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
        limits::PROJECT_ID.check_str(text)?;
        if text == "." || text == ".." || text.contains(|c: char| c == '\\' || c.is_control()) {
            return Err(Error::invalid_input(format!(
                "project_id {text:?} would change the called path: `.`, `..`, backslashes and control characters are refused"
            )));
        }
        text.parse()
            .map(Self)
            .map_err(|error: types::error::ConversionError| Error::invalid_input(format!("project_id: {error}")))
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which enterprise project is meant (page, table 2). The default is to leave the parameter out.
///
/// Leaving it out and naming the default one (`0`) mean the same, so both are equal here; each is sent as it was given.
#[derive(Clone, Debug, Default)]
pub struct EnterpriseProject(Option<types::EnterpriseProjectId>);

impl EnterpriseProject {
    /// The value that stands for every enterprise project the caller may use.
    pub const ALL: &'static str = "all_granted_eps";

    /// The id of the default enterprise project, used by the service when the parameter is left out.
    pub const DEFAULT: &'static str = "0";

    /// All enterprise projects that the caller may use.
    #[must_use]
    pub fn all() -> Self {
        Self(Self::ALL.parse().ok())
    }

    /// The id as the service understands it: `0` when the parameter is left out.
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

/// An id of 1 to 256 characters; a control character is refused.
impl FromStr for EnterpriseProject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        limits::ENTERPRISE_PROJECT_ID.check_str(text)?;
        if text.contains(char::is_control) {
            return Err(Error::invalid_input(format!("enterprise_project_id {text:?} has a control character")));
        }
        let id = text.parse().map_err(|error: types::error::ConversionError| {
            Error::invalid_input(format!("enterprise_project_id: {error}"))
        })?;
        Ok(Self(Some(id)))
    }
}

impl fmt::Display for EnterpriseProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Kind of asset: servers or containers (page, table 2). The default is [`Category::Host`].
pub use types::Category;

/// One scan queue of the service: while a scan is queued here, a further call for the same queue is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Queue {
    /// Project of the servers.
    pub project_id: ProjectId,
    /// Enterprise project, or all of them.
    pub enterprise_project: EnterpriseProject,
    /// Kind of asset.
    pub category: Category,
}

impl Queue {
    /// The queue of a project for servers of the default enterprise project.
    #[must_use]
    pub fn new(project_id: ProjectId) -> Self {
        Self { project_id, enterprise_project: EnterpriseProject::default(), category: Category::default() }
    }

    /// The same queue for another enterprise project.
    #[must_use]
    pub fn with_enterprise_project(mut self, enterprise_project: EnterpriseProject) -> Self {
        self.enterprise_project = enterprise_project;
        self
    }

    /// The same queue for another kind of asset.
    #[must_use]
    pub fn with_category(mut self, category: Category) -> Self {
        self.category = category;
        self
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { project_id, enterprise_project, category } = self;
        write!(f, "project {project_id}, enterprise project {enterprise_project}, category {category}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_at_and_past_each_edge() {
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
        assert_eq!(error.to_string(), "project_id takes 1 to 256 characters, but 257 characters were given");
    }

    #[test]
    fn a_project_id_that_would_change_the_path_is_refused() {
        for text in [".", "..", "a\\b", "..\\x", "a\nb", "\u{0}"] {
            let error = text.parse::<ProjectId>().unwrap_err();
            assert!(error.to_string().contains("would change the called path"), "{text:?}: {error}");
        }
        for text in ["a/b", "%2e%2e", "a b", "...", "ü?#"] {
            assert!(text.parse::<ProjectId>().is_ok(), "{text:?} is escaped, not refused");
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
}
