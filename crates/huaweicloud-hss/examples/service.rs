//! A nightly job in one program: finds credentials and the project, lists the servers of every enterprise project, scans
//! those whose agent is online, and stops gracefully on Ctrl-C. Run again after a crash, it resumes from its journal.
//!
//! Run it with a region, such as `cn-north-4`, and the path of a journal. `HSS_ENDPOINT`, `IAM_ENDPOINT` and
//! `EPS_ENDPOINT` replace the region's own endpoints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints its results")]

use std::env;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use huaweicloud_hss::eps::EpsClient;
use huaweicloud_hss::fleet::{
    Event, FleetOptions, Journal, PlanBuilder, QueuePlan, QueueReport, RunIdentity, ShutdownHandle, ShutdownSignal,
    Target, Totals, execute_all,
};
use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::{
    AgentStatus, Client, CredentialsResolver, EnterpriseProject, Error, HostFilter, HttpConfig, ProjectId, Queue,
    Region, RetryPolicy, ScanApi, install_default_crypto_provider,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // For a program that also uses reqwest or rustls on its own.
    install_default_crypto_provider();
    let mut args = env::args().skip(1);
    let region: Region = args.next().ok_or("give a region, such as cn-north-4")?.parse()?;
    let journal = args.next().ok_or("give the path of a journal")?;

    let http = HttpConfig::default()
        .with_timeout(Duration::from_secs(60))
        .with_retry(RetryPolicy::default().with_time_limit(Duration::from_secs(50)));
    let (client, project_id, enterprise_projects) = connect(&region, http).await?;

    // The queues of the enterprise projects are scanned at the same time.
    let mut builder = PlanBuilder::default();
    for enterprise_project in enterprise_projects {
        let queue = Queue::new(project_id.clone()).with_enterprise_project(enterprise_project.clone());
        let filter = HostFilter::default().with_agent_status(AgentStatus::Online);
        let mut hosts = pin!(client.hosts(project_id.clone(), enterprise_project, filter).into_stream());
        while let Some(host) = hosts.try_next().await? {
            builder.add(None, queue.clone(), Target::Host(&host.host_id.unwrap_or_default()))?;
        }
    }

    let (handle, shutdown) = ShutdownHandle::new();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            handle.request();
        }
    });
    let identity = RunIdentity::new(&client).with_selection("servers online", &[]);
    let reports = scan(&client, builder.build(), Path::new(&journal), &identity, &shutdown).await?;
    for (queue, id, outcome) in
        reports.iter().flat_map(|report| report.hosts().map(|(id, outcome)| (&report.queue, id, outcome)))
    {
        println!("{},{id},{outcome}", queue.enterprise_project);
    }
    let totals = Totals::from_reports(&reports);
    println!("{} of {} accepted", totals.accepted, totals.total());
    Ok(())
}

/// Returns a client of the region, the id of its project, and the enterprise projects.
async fn connect(region: &Region, http: HttpConfig) -> Result<(Client, ProjectId, Vec<EnterpriseProject>), Error> {
    let endpoint = |name: &str, default: String| env::var(name).unwrap_or(default);
    let resolver = CredentialsResolver::default()
        .with_region(region.clone())
        .with_iam_endpoint(env::var("IAM_ENDPOINT").ok())
        .with_http_config(http.clone());
    let found = resolver.resolve().await?;
    eprintln!("{} from {}", found.summary, found.location);

    let iam = IamClient::with_credentials(resolver.iam_endpoint(Some(&found)), http.clone(), found.provider.clone())?;
    let project_id = match &found.project_id {
        Some(id) => id.clone(),
        None => iam.project_id(region.as_str()).await?,
    };
    let eps_endpoint = endpoint("EPS_ENDPOINT", region.eps_endpoint());
    let eps = EpsClient::with_credentials(&eps_endpoint, http.clone(), found.provider.clone(), None)?;
    let ids = eps.enterprise_projects().await?.into_iter().filter_map(|project| project.id);
    let enterprise_projects = ids.map(EnterpriseProject::try_from).collect::<Result<_, _>>()?;

    let client = Client::builder()
        .with_endpoint(endpoint("HSS_ENDPOINT", region.hss_endpoint()))
        .with_credentials(found.provider)
        .with_http_config(http)
        .build()?;
    Ok((client, project_id.try_into()?, enterprise_projects))
}

/// Scans all servers of the plans, or those that are left according to the journal. Tests pass a `FakeClient`.
async fn scan(
    service: &impl ScanApi,
    mut plans: Vec<QueuePlan>,
    journal: &Path,
    identity: &RunIdentity,
    shutdown: &ShutdownSignal,
) -> Result<Vec<QueueReport>, Error> {
    // A resumed run scans the servers that it began with, even if others are online by now.
    if let Some(recorded) = Journal::plans(journal)? {
        plans = recorded;
    }
    let journal = Journal::resume(journal, &mut plans, identity, false)?;
    let options = FleetOptions::default()
        .with_concurrency(4)
        .with_wait(true)
        .with_wait_timeout(Duration::from_secs(60 * 60))
        .with_journal(journal);
    let plans = plans.into_iter().map(|plan| (plan, service));
    Ok(execute_all(plans, &options, shutdown, |_region, queue, event| match event {
        Event::CallFinished(record) => {
            eprintln!("{queue}: {} servers {}", record.selector.target_count(), record.outcome)
        }
        Event::StatusPollFailed(error) => eprintln!("{queue}: {error}"),
        _ => {}
    })
    .await)
}
