//! `hss hosts list` and `hss groups list`: print the servers and server groups of a project.

use huaweicloud_hss::{Client, EnterpriseProject, Host, HostFilter, HostGroup, ProjectId, Queue};

use crate::cli::{CategoryName, GroupsListArgs, HostsListArgs, ListArgs, ProjectArgs, QueueArgs};
use crate::connect::{self, Connection};
use crate::exit::{CliError, ExitStatus};
use crate::render::{GROUP_COLUMNS, HOST_COLUMNS, optional_text as text, print_pages};
use crate::targets::QueueSpec;

pub(crate) async fn list_hosts(args: HostsListArgs) -> Result<ExitStatus, CliError> {
    let mut filter = HostFilter::default();
    filter.agent_status = args.agent_status;
    filter.protect_status = args.protect_status;
    filter.host_status = args.host_status;
    filter.detect_result = args.detect_result;
    filter.edition = args.edition;
    filter.os_type = args.os_type;
    filter.asset_value = args.asset_value;
    filter.group_id = args.group_id;
    let format = args.list.output.format;
    let (connection, client, project, enterprise_project) = connect_project(args.project, &args.list).await?;
    let mut hosts = client.hosts(project, enterprise_project, filter);
    let row = |host: &Host| {
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
        let matches = args.name.as_ref().is_none_or(|name| name.matches(text(&host.host_name)));
        matches.then(|| cells.iter().map(|cell| text(cell).to_owned()).collect())
    };
    print_pages(format, &HOST_COLUMNS, async || hosts.next_page().await, row).await?;
    drop(connection);
    Ok(ExitStatus::Ok)
}

pub(crate) async fn list_groups(args: GroupsListArgs) -> Result<ExitStatus, CliError> {
    let format = args.list.output.format;
    let (connection, client, project, enterprise_project) = connect_project(args.project, &args.list).await?;
    let mut groups = client.host_groups(project, enterprise_project);
    let row = |group: &HostGroup| {
        let number = |number: Option<i32>| number.map_or_else(String::new, |number| number.to_string());
        let matches = args.name.as_ref().is_none_or(|name| name.matches(text(&group.group_name)));
        matches.then(|| {
            vec![
                text(&group.group_id).to_owned(),
                text(&group.group_name).to_owned(),
                number(group.host_num),
                number(group.risk_host_num),
                number(group.unprotect_host_num),
            ]
        })
    };
    print_pages(format, &GROUP_COLUMNS, async || groups.next_page().await, row).await?;
    drop(connection);
    Ok(ExitStatus::Ok)
}

/// Connects to one project. The connection keeps the built-in emulator alive.
async fn connect_project(
    project: ProjectArgs,
    list: &ListArgs,
) -> Result<(Connection, Client, ProjectId, EnterpriseProject), CliError> {
    let queue = QueueArgs { project, category: CategoryName::Host };
    let connection =
        connect::connect(&[QueueSpec::default()], &queue, &list.service.connection, list.service.emulator).await?;
    let (client, queue) = connection.only_queue()?;
    let (client, Queue { project_id, enterprise_project, .. }) = (client.clone(), queue.clone());
    Ok((connection, client, project_id, enterprise_project))
}
