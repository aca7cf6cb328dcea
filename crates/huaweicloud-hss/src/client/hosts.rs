//! Lists of servers and server groups, page by page: where the ids of a scan come from.

use futures_util::Stream;

use crate::client::Client;
use crate::error::Error;
use crate::generated::hss::bounds::{list_host_groups, list_host_status};
use crate::generated::hss::builder::{ListHostGroups, ListHostStatus};
use crate::generated::set_some::SetSome as _;
use crate::http::call_options::CallOptions;
use crate::http::executor::{CallControl, Operation};
use crate::http::pagination::{Listed, Page, PageRequest, Pager, stream_of_rows};
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};

const LIST_HOSTS: Operation = Operation::list("ListHostStatus");
const LIST_GROUPS: Operation = Operation::list("ListHostGroups");

/// Fetches a list of servers page by page. [`Client::hosts`] returns one.
///
/// [`HostPager::into_stream`] returns the servers one by one.
///
/// ```no_run
/// # async fn example(mut pager: huaweicloud_hss::HostPager) -> Result<(), huaweicloud_hss::Error> {
/// let mut hosts = Vec::new();
/// while let Some(page) = pager.next_page().await? {
///     hosts.extend(page);
///     println!("{} of {:?}", hosts.len(), pager.total());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HostPager {
    client: Client,
    project_id: ProjectId,
    enterprise_project: EnterpriseProject,
    filter: HostFilter,
    options: Option<CallOptions>,
    pager: Pager,
}

/// Fetches a list of server groups page by page. [`Client::host_groups`] returns one.
#[derive(Clone, Debug)]
pub struct HostGroupPager {
    client: Client,
    project_id: ProjectId,
    enterprise_project: EnterpriseProject,
    options: Option<CallOptions>,
    pager: Pager,
}

impl Client {
    /// Lists the servers of a project (`ListHostStatus`), in pages of at most 200.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use huaweicloud_hss::{AgentStatus, EnterpriseProject, HostFilter};
    ///
    /// let filter = HostFilter::default().with_agent_status(AgentStatus::Online);
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
        let pager = Pager::new("servers", list_host_status::LIMIT.max(), list_host_status::OFFSET.max());
        HostPager { client: self.clone(), project_id, enterprise_project, filter, options: None, pager }
    }

    /// Lists the server groups of a project (`ListHostGroups`), in pages of at most 200.
    #[must_use]
    pub fn host_groups(&self, project_id: ProjectId, enterprise_project: EnterpriseProject) -> HostGroupPager {
        let pager = Pager::new("server groups", list_host_groups::LIMIT.max(), list_host_groups::OFFSET.max());
        HostGroupPager { client: self.clone(), project_id, enterprise_project, options: None, pager }
    }

    async fn page_of_hosts(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        filter: &HostFilter,
        options: Option<&CallOptions>,
        PageRequest { offset, limit, .. }: PageRequest,
    ) -> Result<Page<Host>, Error> {
        filter.check()?;
        let control = CallControl { options, ..CallControl::default() };
        let completed = self
            .executor
            .call(LIST_HOSTS.in_project(project_id.as_str(), enterprise_project.as_str()), Some(&control), |context| {
                let api = self.generated(context);
                async move {
                    api.list_host_status()
                        .project_id(project_id.raw().clone())
                        .set_some(enterprise_project.raw().cloned(), ListHostStatus::enterprise_project_id)
                        .set_some(filter.agent_status, ListHostStatus::agent_status)
                        .set_some(filter.protect_status, ListHostStatus::protect_status)
                        .set_some(filter.host_status, ListHostStatus::host_status)
                        .set_some(filter.detect_result, ListHostStatus::detect_result)
                        .set_some(filter.edition, ListHostStatus::version)
                        .set_some(filter.os_type, ListHostStatus::os_type)
                        .set_some(filter.asset_value, ListHostStatus::asset_value)
                        .set_some(filter.group_id.clone(), ListHostStatus::group_id)
                        .limit(limit)
                        .offset(offset)
                        .send()
                        .await
                }
            })
            .await?;
        let (items, total) =
            completed.require(|page| Some((page.data_list, page.total_num?)), "it has no `total_num`")?;
        Ok(Page::with_total(items, total))
    }

    async fn page_of_groups(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        options: Option<&CallOptions>,
        PageRequest { offset, limit, .. }: PageRequest,
    ) -> Result<Page<HostGroup>, Error> {
        let control = CallControl { options, ..CallControl::default() };
        let completed = self
            .executor
            .call(LIST_GROUPS.in_project(project_id.as_str(), enterprise_project.as_str()), Some(&control), |context| {
                let api = self.generated(context);
                async move {
                    api.list_host_groups()
                        .project_id(project_id.raw().clone())
                        .set_some(enterprise_project.raw().cloned(), ListHostGroups::enterprise_project_id)
                        .limit(limit)
                        .offset(offset)
                        .send()
                        .await
                }
            })
            .await?;
        let (items, total) =
            completed.require(|page| Some((page.data_list, page.total_num?)), "it has no `total_num`")?;
        Ok(Page::with_total(items, total))
    }
}

impl Listed for Host {
    fn id(&self) -> Option<&str> {
        self.host_id.as_deref().filter(|id| !id.is_empty())
    }
}

impl Listed for HostGroup {
    fn id(&self) -> Option<&str> {
        self.group_id.as_deref().filter(|id| !id.is_empty())
    }
}

impl HostPager {
    /// Fetches the next page, of 1 to 200 servers; `None` after the last. No server is returned twice.
    ///
    /// # Cancellation
    /// A dropped future fetches nothing; the next call fetches the same page.
    ///
    /// # Errors
    /// Any error of a call, [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) for a response that is
    /// not a list, and [`ErrorKind::Refused`](crate::ErrorKind::Refused) for a list that is longer than the service
    /// returns: 2,000,000 records and one page.
    ///
    /// After the last page, [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) instead of `None` if the
    /// list is incomplete: if fewer servers were received than the service reported, on any page, as the total.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Host>>, Error> {
        let Self { client, project_id, enterprise_project, filter, options, pager } = self;
        let options = options.as_ref();
        pager.next_page(|request| client.page_of_hosts(project_id, enterprise_project, filter, options, request)).await
    }

    /// Returns a stream of the servers, which fetches each page when its first server is wanted, and ends after the
    /// first error.
    ///
    /// ```no_run
    /// # async fn example(pager: huaweicloud_hss::HostPager) -> Result<(), huaweicloud_hss::Error> {
    /// use std::pin::pin;
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut hosts = pin!(pager.into_stream());
    /// while let Some(host) = hosts.try_next().await? {
    ///     println!("{:?}", host.host_name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<Host, Error>> + Send {
        stream_of_rows(self, |mut pager| async move { (pager.next_page().await, pager) })
    }

    /// Sets the limits in time of the call for each page.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Returns the number of servers on all pages, the largest that a page reported; `None` before the first page.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pager.total()
    }
}

impl HostGroupPager {
    /// Fetches the next page, of 1 to 200 groups; `None` after the last. No group is returned twice.
    ///
    /// # Errors
    /// As [`HostPager::next_page`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<HostGroup>>, Error> {
        let Self { client, project_id, enterprise_project, options, pager } = self;
        let options = options.as_ref();
        pager.next_page(|request| client.page_of_groups(project_id, enterprise_project, options, request)).await
    }

    /// Returns a stream of the groups: see [`HostPager::into_stream`].
    pub fn into_stream(self) -> impl Stream<Item = Result<HostGroup, Error>> + Send {
        stream_of_rows(self, |mut pager| async move { (pager.next_page().await, pager) })
    }

    /// Sets the limits in time of the call for each page.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Returns the number of groups on all pages, the largest that a page reported; `None` before the first page.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pager.total()
    }
}
