//! The queue of a target as a list names it, possibly incompletely.

use huaweicloud_hss::{Category, EnterpriseProject, ProjectId, Queue, Region};

use crate::cli::enterprise_project;

/// A queue whose parts may be missing. Flags, environment and defaults complete it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct QueueSpec {
    pub(crate) region: Option<Region>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) enterprise_project: Option<EnterpriseProject>,
    pub(crate) category: Option<Category>,
}

impl QueueSpec {
    /// Parses region, project, enterprise project and category. An empty cell means that the part is missing.
    pub(super) fn parse(cells: [&str; 4]) -> Result<Self, String> {
        let [region, project, enterprise, category] = cells.map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
        let text = |error: huaweicloud_hss::Error| error.to_string();
        let category = category
            .map(|text| text.parse().map_err(|_| format!("unknown category {text:?}; use host or container")))
            .transpose()?;
        Ok(Self {
            region: region.map(str::parse).transpose().map_err(text)?,
            project: project.map(str::parse).transpose().map_err(text)?,
            enterprise_project: enterprise.map(enterprise_project).transpose().map_err(text)?,
            category,
        })
    }

    /// Returns the specification of a complete queue.
    pub(crate) fn of(region: Option<&Region>, queue: &Queue) -> Self {
        let Queue { project_id, enterprise_project, category } = queue.clone();
        let (project, enterprise_project) = (Some(project_id), Some(enterprise_project));
        Self { region: region.cloned(), project, enterprise_project, category: Some(category) }
    }
}
