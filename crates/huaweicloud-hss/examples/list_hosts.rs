//! Lists the servers whose agent is online as a stream, which fetches each page when its first server is asked for.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;
use std::pin::pin;

use futures_util::{Stream, TryStreamExt as _, stream};
use huaweicloud_hss::{AgentStatus, Client, EnterpriseProject, Error, Host, HostFilter, HostPager, Secret};

/// Turns the pager into a stream of servers.
fn hosts(pager: HostPager) -> impl Stream<Item = Result<Host, Error>> {
    stream::try_unfold(pager, |mut pager| async move {
        let page = pager.next_page().await?;
        Ok::<_, Error>(page.map(|page| (page, pager)))
    })
    .map_ok(|page| stream::iter(page.into_iter().map(Ok)))
    .try_flatten()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let filter = HostFilter::default().with_agent_status(AgentStatus::Online);
    let pager = client.hosts(env::var("HW_PROJECT_ID")?.parse()?, EnterpriseProject::all(), filter);

    let mut hosts = pin!(hosts(pager));
    while let Some(host) = hosts.try_next().await? {
        println!("{} {}", host.host_id.unwrap_or_default(), host.host_name.unwrap_or_default());
    }
    Ok(())
}
