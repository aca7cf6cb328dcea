//! `hss hosts list` and `hss groups list`: what a project has, all pages of it.

use huaweicloud_hss::{Client, EnterpriseProject, Host, HostFilter, HostGroup, ProjectId};

use crate::cli::{
    CategoryName, GroupsArguments, GroupsListArguments, GroupsVerb, HostsArguments, HostsListArguments, HostsVerb,
    ListArguments, ProjectArguments, QueueArguments,
};
use crate::connect::{self, Connection};
use crate::exit::{Exit, Failure};
use crate::render::Listing;
use crate::targets::PartialQueue;

pub(crate) async fn run(arguments: HostsArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        HostsVerb::List(arguments) => hosts(arguments).await,
    }
}

pub(crate) async fn run_groups(arguments: GroupsArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        GroupsVerb::List(arguments) => groups(arguments).await,
    }
}

async fn hosts(arguments: HostsListArguments) -> Result<Exit, Failure> {
    let mut filter = HostFilter::default();
    filter.agent_status = arguments.agent_status;
    filter.protect_status = arguments.protect_status;
    filter.host_status = arguments.host_status;
    filter.detect_result = arguments.detect_result;
    filter.edition = arguments.edition;
    filter.os_type = arguments.os_type;
    filter.asset_value = arguments.asset_value;
    filter.group_id = arguments.group_id;
    let format = arguments.list.output;
    let (connection, client, project, enterprise_project) = place(arguments.project, &arguments.list).await?;
    let head =
        ["id", "name", "agent", "protection", "OS", "private address", "public address", "enterprise project", "group"];
    let mut list = Listing::new(format, &head);
    let mut hosts = client.hosts(project, enterprise_project, filter);
    while let Some(page) = hosts.next_page().await? {
        let named = |host: &Host| arguments.name.as_ref().is_none_or(|name| name.matches(text(&host.host_name)));
        let rows = page.into_iter().filter(named).map(|host| {
            let cells = [
                &host.host_id,
                &host.host_name,
                &host.agent_status,
                &host.protect_status,
                &host.os_type,
                &host.private_ip,
                &host.public_ip,
                &host.enterprise_project_id,
                &host.group_name,
            ];
            let row = cells.iter().map(|cell| text(cell).to_owned()).collect();
            (host, row)
        });
        list.page(rows);
    }
    list.end();
    drop(connection);
    Ok(Exit::Ok)
}

async fn groups(arguments: GroupsListArguments) -> Result<Exit, Failure> {
    let format = arguments.list.output;
    let (connection, client, project, enterprise_project) = place(arguments.project, &arguments.list).await?;
    let mut list = Listing::new(format, &["id", "name", "servers", "with risks", "unprotected"]);
    let mut groups = client.host_groups(project, enterprise_project);
    while let Some(page) = groups.next_page().await? {
        let named =
            |group: &HostGroup| arguments.name.as_ref().is_none_or(|name| name.matches(text(&group.group_name)));
        let rows = page.into_iter().filter(named).map(|group| {
            let number = |number: Option<i32>| number.map_or_else(String::new, |number| number.to_string());
            let row = vec![
                text(&group.group_id).to_owned(),
                text(&group.group_name).to_owned(),
                number(group.host_num),
                number(group.risk_host_num),
                number(group.unprotect_host_num),
            ];
            (group, row)
        });
        list.page(rows);
    }
    list.end();
    drop(connection);
    Ok(Exit::Ok)
}

pub(crate) fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

/// The connection, which keeps the built-in emulator alive, and what of it is asked.
async fn place(
    project: ProjectArguments,
    list: &ListArguments,
) -> Result<(Connection, Client, ProjectId, EnterpriseProject), Failure> {
    let queue = QueueArguments { project, category: CategoryName::Host };
    let connection = connect::to(&[PartialQueue::default()], &queue, &list.access, list.emulator).await?;
    let nothing = || Failure::usage("there is no project to ask for");
    let (region, queue) = connection.queues.first().cloned().ok_or_else(nothing)?;
    let client = connection.client(region.as_ref()).cloned().ok_or_else(nothing)?;
    Ok((connection, client, queue.project_id, queue.enterprise_project))
}
