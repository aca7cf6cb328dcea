//! The servers and server groups of a project, page by page: where the ids to scan come from.

use crate::client::Client;
use crate::error::Error;
use crate::generated::hss::limits::{list_host_groups, list_host_status};
use crate::generated::hss::types;
use crate::http::executor::Operation;
use crate::http::pagination::Pages;
use crate::types::queue::{EnterpriseProject, ProjectId};

/// A server, its agent and its protection (facts, section 2). Every field may be missing.
pub use types::Host;

/// A server group (facts, section 2). Every field may be missing.
pub use types::HostGroup;

pub use types::{AgentStatus, AssetValue, DetectResult, Edition, HostStatus, OsType, ProtectStatus};

const LIST_HOSTS: Operation = Operation::question("ListHostStatus").with_long_answer();
const LIST_GROUPS: Operation = Operation::question("ListHostGroups").with_long_answer();

/// Which servers to list: those for which all that is given holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostFilter {
    /// State of the agent.
    pub agent_status: Option<AgentStatus>,
    /// Whether protection is on.
    pub protect_status: Option<ProtectStatus>,
    /// State of the server itself.
    pub host_status: Option<HostStatus>,
    /// What the last detection found.
    pub detect_result: Option<DetectResult>,
    /// Edition that protects the server.
    pub edition: Option<Edition>,
    /// Operating system.
    pub os_type: Option<OsType>,
    /// How important the server is.
    pub asset_value: Option<AssetValue>,
    /// Id of the server group.
    pub group_id: Option<String>,
}

impl HostFilter {
    /// Whether all that is given holds for a server, as far as the server tells it.
    ///
    /// The service filters by itself; this is for lists that are at hand already. How important a server is stands in no answer, so
    /// [`HostFilter::asset_value`] is not looked at.
    #[must_use]
    pub fn matches(&self, host: &Host) -> bool {
        let Self {
            agent_status,
            protect_status,
            host_status,
            detect_result,
            edition,
            os_type,
            asset_value: _,
            group_id,
        } = self;
        let is = |wanted: Option<String>, field: &Option<String>| wanted.is_none() || wanted == *field;
        let agent = match agent_status {
            Some(AgentStatus::NotOnline) => {
                host.agent_status.as_deref().is_some_and(|status| status != AgentStatus::Online.to_string())
            }
            other => is(other.map(|status| status.to_string()), &host.agent_status),
        };
        agent
            && is(protect_status.map(|status| status.to_string()), &host.protect_status)
            && is(host_status.map(|status| status.to_string()), &host.host_status)
            && is(detect_result.map(|result| result.to_string()), &host.detect_result)
            && is(edition.map(|edition| edition.to_string()), &host.version)
            && is(os_type.map(|os_type| os_type.to_string()), &host.os_type)
            && is(group_id.clone(), &host.group_id)
    }
}

/// A list of servers that is fetched page by page. Made by [`Client::hosts`].
#[derive(Clone, Debug)]
pub struct HostPager {
    client: Client,
    project_id: ProjectId,
    enterprise_project: EnterpriseProject,
    filter: HostFilter,
    pages: Pages,
}

/// A list of server groups that is fetched page by page. Made by [`Client::host_groups`].
#[derive(Clone, Debug)]
pub struct HostGroupPager {
    client: Client,
    project_id: ProjectId,
    enterprise_project: EnterpriseProject,
    pages: Pages,
}

impl Client {
    /// The servers of a project (`ListHostStatus`), in pages of at most 200.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use huaweicloud_hss::{AgentStatus, EnterpriseProject, HostFilter};
    ///
    /// let mut filter = HostFilter::default();
    /// filter.agent_status = Some(AgentStatus::Online);
    /// let mut hosts = client.hosts("p".parse()?, EnterpriseProject::all(), filter);
    /// while let Some(page) = hosts.next_page().await? {
    ///     for host in page {
    ///         println!("{:?} {:?}", host.host_id, host.host_name);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn hosts(&self, project_id: ProjectId, enterprise_project: EnterpriseProject, filter: HostFilter) -> HostPager {
        HostPager { client: self.clone(), project_id, enterprise_project, filter, pages: Pages::default() }
    }

    /// The server groups of a project (`ListHostGroups`), in pages of at most 200.
    #[must_use]
    pub fn host_groups(&self, project_id: ProjectId, enterprise_project: EnterpriseProject) -> HostGroupPager {
        HostGroupPager { client: self.clone(), project_id, enterprise_project, pages: Pages::default() }
    }
}

impl HostPager {
    /// The next page; `None` after the last. A page is never empty.
    ///
    /// # Errors
    /// Whatever a call can fail with, an answer that is no list, and a list that is longer than the service gives out (2,000,000
    /// records and a page).
    pub async fn next_page(&mut self) -> Result<Option<Vec<Host>>, Error> {
        let Some((offset, limit)) = self.pages.next(list_host_status::OFFSET, list_host_status::LIMIT)? else {
            return Ok(None);
        };
        let Self { client, project_id, enterprise_project, filter, .. } = &*self;
        let answered = client
            .caller
            .call(LIST_HOSTS, None, |attempt| {
                let api = client.generated(attempt);
                async move {
                    api.list_host_status(
                        project_id.raw(),
                        filter.agent_status,
                        filter.asset_value,
                        None,
                        filter.detect_result,
                        enterprise_project.raw(),
                        filter.group_id.as_deref(),
                        None,
                        None,
                        None,
                        None,
                        None,
                        filter.host_status,
                        None,
                        Some(limit),
                        Some(offset),
                        filter.os_type,
                        None,
                        filter.protect_status,
                        None,
                        None,
                        None,
                        None,
                        filter.edition,
                    )
                    .await
                }
            })
            .await?;
        let (page, total) = answered.need(|page| Some((page.data_list, page.total_num?)), "it has no `total_num`")?;
        Ok(self.pages.take(page, total))
    }

    /// How many servers there are over all pages, as the last page said.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pages.total
    }
}

impl HostGroupPager {
    /// The next page; `None` after the last. A page is never empty.
    ///
    /// # Errors
    /// As [`HostPager::next_page`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<HostGroup>>, Error> {
        let Some((offset, limit)) = self.pages.next(list_host_groups::OFFSET, list_host_groups::LIMIT)? else {
            return Ok(None);
        };
        let Self { client, project_id, enterprise_project, .. } = &*self;
        let answered = client
            .caller
            .call(LIST_GROUPS, None, |attempt| {
                let api = client.generated(attempt);
                async move {
                    api.list_host_groups(project_id.raw(), enterprise_project.raw(), None, Some(limit), Some(offset))
                        .await
                }
            })
            .await?;
        let (page, total) = answered.need(|page| Some((page.data_list, page.total_num?)), "it has no `total_num`")?;
        Ok(self.pages.take(page, total))
    }

    /// How many groups there are over all pages, as the last page said.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pages.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_matches_what_a_server_tells() {
        let host = |agent: &str| Host {
            agent_status: Some(agent.to_owned()),
            os_type: Some("Linux".to_owned()),
            version: Some("hss.version.premium".to_owned()),
            ..Host::default()
        };
        let filter = |change: fn(&mut HostFilter)| {
            let mut filter = HostFilter::default();
            change(&mut filter);
            filter
        };
        assert!(HostFilter::default().matches(&Host::default()));
        for (filter, online, offline) in [
            (filter(|filter| filter.agent_status = Some(AgentStatus::Online)), true, false),
            (filter(|filter| filter.agent_status = Some(AgentStatus::NotOnline)), false, true),
            (filter(|filter| filter.edition = Some(Edition::HssVersionPremium)), true, true),
            (filter(|filter| filter.os_type = Some(OsType::Windows)), false, false),
            (filter(|filter| filter.group_id = Some("g".to_owned())), false, false),
        ] {
            assert_eq!(
                (filter.matches(&host("online")), filter.matches(&host("offline"))),
                (online, offline),
                "{filter:?}"
            );
        }
    }
}
