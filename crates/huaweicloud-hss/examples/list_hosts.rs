//! Lists the servers whose agent is online as a stream, which fetches each page when its first server is asked for.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use huaweicloud_hss::{AgentStatus, Client, EnterpriseProject, HostFilter, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let filter = HostFilter::default().with_agent_status(AgentStatus::Online);
    let pager = client.hosts(env::var("HW_PROJECT_ID")?.parse()?, EnterpriseProject::all(), filter);

    let mut hosts = pin!(pager.into_stream());
    while let Some(host) = hosts.try_next().await? {
        println!("{} {}", host.host_id.unwrap_or_default(), host.host_name.unwrap_or_default());
    }
    Ok(())
}
