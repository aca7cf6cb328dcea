//! `hss projects list` and `hss enterprise-projects list`: print the projects of the account.

use huaweicloud_hss::eps::{EnterpriseProjectDetail, EpsClient};
use huaweicloud_hss::iam::{IamClient, Project};

use crate::cli::{EnterpriseProjectsListArgs, ListArgs, OutputArgs, ProjectsListArgs, ServiceArgs};
use crate::connect;
use crate::exit::{CliError, ExitStatus};
use crate::render::{optional_text as text, print_pages};

pub(crate) async fn list_projects(args: ProjectsListArgs) -> Result<ExitStatus, CliError> {
    let ListArgs { service: ServiceArgs { connection, emulator }, output: OutputArgs { format } } = args.list;
    let services = connect::account_services(&connection, emulator).await?;
    let mut projects = services.iam()?.project_pages();
    let row = |project: &Project| {
        let enabled = project.enabled.map_or_else(String::new, |enabled| enabled.to_string());
        Some(vec![
            text(&project.id).to_owned(),
            text(&project.name).to_owned(),
            enabled,
            text(&project.description).to_owned(),
        ])
    };
    let header = ["id", "name", "enabled", "description"];
    print_pages(format, &header, async || projects.next_page().await, row).await?;
    Ok(ExitStatus::Ok)
}

pub(crate) async fn list_enterprise_projects(args: EnterpriseProjectsListArgs) -> Result<ExitStatus, CliError> {
    let EnterpriseProjectsListArgs { eps_endpoint, domain_id, list } = args;
    let ListArgs { service: ServiceArgs { connection, emulator }, output: OutputArgs { format } } = list;
    let services = connect::account_services(&connection, emulator).await?;
    let endpoint = services.eps_endpoint(eps_endpoint)?;
    let account = match services.domain_id(domain_id).await? {
        Some(id) => Some(id),
        None if services.uses_access_key().await? => account_of_projects(&services.iam()?).await?,
        None => None,
    };
    let eps = EpsClient::with_credentials(&endpoint, services.http_config.clone(), services.provider.clone(), account)?;
    let mut projects = eps.enterprise_project_pages();
    let row = |project: &EnterpriseProjectDetail| {
        let state = match project.status {
            Some(1) => "on".to_owned(),
            Some(2) => "off".to_owned(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Some(vec![
            text(&project.id).to_owned(),
            text(&project.name).to_owned(),
            state,
            text(&project.type_).to_owned(),
            text(&project.description).to_owned(),
        ])
    };
    let header = ["id", "name", "state", "type", "description"];
    print_pages(format, &header, async || projects.next_page().await, row).await?;
    Ok(ExitStatus::Ok)
}

/// Returns the account that the caller's projects belong to.
async fn account_of_projects(iam: &IamClient) -> Result<Option<String>, CliError> {
    Ok(iam.projects().await?.into_iter().find_map(|project| project.domain_id))
}
