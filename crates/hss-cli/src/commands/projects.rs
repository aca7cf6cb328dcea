//! `hss projects list` and `hss enterprise-projects list`: what the account has.

use huaweicloud_hss::eps::Eps;
use huaweicloud_hss::iam::Iam;

use crate::cli::{
    EnterpriseProjectsArguments, EnterpriseProjectsListArguments, EnterpriseProjectsVerb, ListArguments,
    ProjectsArguments, ProjectsVerb,
};
use crate::commands::hosts::text;
use crate::connect;
use crate::exit::{Exit, Failure};
use crate::render::Listing;

pub(crate) async fn run(arguments: ProjectsArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        ProjectsVerb::List(arguments) => projects(arguments).await,
    }
}

pub(crate) async fn run_enterprise(arguments: EnterpriseProjectsArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        EnterpriseProjectsVerb::List(arguments) => enterprise_projects(arguments).await,
    }
}

async fn projects(arguments: ListArguments) -> Result<Exit, Failure> {
    let identity = connect::identity(&arguments.access, arguments.emulator).await?;
    let projects = identity.iam()?.projects().await?;
    let mut list = Listing::new(arguments.output, &["id", "name", "enabled", "description"]);
    list.page(projects.into_iter().map(|project| {
        let enabled = project.enabled.map_or_else(String::new, |enabled| enabled.to_string());
        let row = vec![
            text(&project.id).to_owned(),
            text(&project.name).to_owned(),
            enabled,
            text(&project.description).to_owned(),
        ];
        (project, row)
    }));
    list.end();
    Ok(Exit::Ok)
}

async fn enterprise_projects(arguments: EnterpriseProjectsListArguments) -> Result<Exit, Failure> {
    let EnterpriseProjectsListArguments { eps_endpoint, domain_id, list: ListArguments { access, emulator, output } } =
        arguments;
    let identity = connect::identity(&access, emulator).await?;
    let endpoint = identity.eps_endpoint(eps_endpoint)?;
    let domain = match identity.domain_id(domain_id).await? {
        Some(id) => Some(id),
        None if identity.signs().await? => domain_of(&identity.iam()?).await?,
        None => None,
    };
    let eps = Eps::with_credentials(&endpoint, identity.network.clone(), identity.provider.clone(), domain)?;
    let mut list = Listing::new(output, &["id", "name", "state", "type", "description"]);
    list.page(eps.enterprise_projects().await?.into_iter().map(|project| {
        let state = match project.status {
            Some(1) => "on".to_owned(),
            Some(2) => "off".to_owned(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let row = vec![
            text(&project.id).to_owned(),
            text(&project.name).to_owned(),
            state,
            text(&project.type_).to_owned(),
            text(&project.description).to_owned(),
        ];
        (project, row)
    }));
    list.end();
    Ok(Exit::Ok)
}

/// The account that the caller's projects belong to.
async fn domain_of(iam: &Iam) -> Result<Option<String>, Failure> {
    Ok(iam.projects().await?.into_iter().find_map(|project| project.domain_id))
}
