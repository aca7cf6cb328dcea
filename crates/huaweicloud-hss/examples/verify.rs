//! Scans all servers of a project, finds out which were really scanned, and makes the others collect one by one.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;
use std::pin::pin;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use huaweicloud_hss::fleet::{FleetOptions, QueuePlan, ShutdownSignal};
use huaweicloud_hss::verify::{CollectKind, Coverage, HostSelection, Verification, VerifyOptions};
use huaweicloud_hss::{Client, Queue, Secret, Selector};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse()?);

    // Which servers can a scan refresh? Without the times of their assets, this reads only the list of servers.
    let mut coverable = 0;
    let mut pages = pin!(client.coverage(queue.clone(), HostSelection::all()).without_times().into_stream());
    while let Some(page) = pages.try_next().await? {
        coverable += page.iter().filter(|host| host.coverage == Coverage::Coverable).count();
    }
    println!("{coverable} servers can be refreshed");

    // The times before the scan, the scan, and its end.
    let mut verification = Verification::before_scan(&client, queue.clone(), HostSelection::all()).await?;
    let plan = QueuePlan::new(queue.clone(), &Selector::AllHosts)?;
    let mut options = FleetOptions::default();
    options.wait = true;
    let report = plan.execute(&client, &options, &ShutdownSignal::never(), |_| {}).await;
    verification.set_ordered_by(&report);

    // The times after it: read again for a minute, as long as anything is not proved.
    let mut options = VerifyOptions::default();
    options.within = Duration::from_secs(env::var("WITHIN_SECONDS").map_or(Ok(60), |text| text.parse())?);
    let mut unproved = Vec::new();
    let mut verdicts = pin!(verification.into_stream(options));
    while let Some(hosts) = verdicts.try_next().await? {
        for host in hosts.into_iter().filter(|host| host.is_unproved()) {
            println!("{}: {}", host.host_name.as_deref().unwrap_or(&host.host_id), host.verdict);
            unproved.push((host.host_id, CollectKind::KernelModules));
        }
    }
    println!("{} of them are proved to be scanned", coverable - unproved.len());

    // The others, one by one.
    let mut collections = pin!(client.collect_all(queue, unproved, None).into_stream());
    while let Some(collection) = collections.next().await {
        println!("{}: {}", collection.host_id, if collection.result.is_ok() { "collecting" } else { "failed" });
    }
    Ok(())
}
