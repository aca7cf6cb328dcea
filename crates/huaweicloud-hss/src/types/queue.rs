//! The scan queue that a call is for: project, enterprise project and category.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::http::executor::Operation;

use super::project::{EnterpriseProject, ProjectId};

/// The kind of asset: servers or containers. The default is [`Category::Host`].
pub use crate::generated::hss::types::Category;

/// A scan queue of the service: while a scan of it is pending, no other call for the same queue is accepted.
///
/// ```
/// use huaweicloud_hss::{Category, EnterpriseProject, Queue};
///
/// let queue = Queue::new("2b31ed520xxxxxxebedb6e57xxxxxxxx".parse()?)
///     .with_enterprise_project(EnterpriseProject::all())
///     .with_category(Category::Container);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Queue {
    /// The project of the servers.
    pub project_id: ProjectId,
    /// The enterprise project, or all of them.
    pub enterprise_project: EnterpriseProject,
    /// The kind of asset.
    pub category: Category,
}

impl Queue {
    /// Returns the queue of a project for servers of the default enterprise project.
    #[must_use]
    pub fn new(project_id: ProjectId) -> Self {
        Self { project_id, enterprise_project: EnterpriseProject::default(), category: Category::default() }
    }

    /// Sets the enterprise project.
    #[must_use]
    pub fn with_enterprise_project(mut self, enterprise_project: EnterpriseProject) -> Self {
        self.enterprise_project = enterprise_project;
        self
    }

    /// Names this queue in the span of an operation.
    pub(crate) fn label<'a>(&'a self, operation: Operation<'a>) -> Operation<'a> {
        let operation = operation.in_project(self.project_id.as_str(), self.enterprise_project.as_str());
        operation.in_category(&self.category)
    }

    /// Sets the kind of asset.
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
