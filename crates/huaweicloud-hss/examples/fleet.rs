//! Scans the servers of many projects concurrently, prints the progress, and stops gracefully on Ctrl-C.
//!
//! Run it with `HSS_ENDPOINT` and `HW_AUTH_TOKEN` set, and pass one `project id,host id` per line on standard input.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints its results")]

use std::{env, io};

use huaweicloud_hss::fleet::{Event, FleetOptions, PlanBuilder, ShutdownHandle, Target, Totals, execute_all};
use huaweicloud_hss::{Client, Queue, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;

    // One plan per queue; the ids of each are deduplicated and split into requests of at most 200.
    let mut builder = PlanBuilder::default();
    for line in io::stdin().lines() {
        let line = line?;
        let (project_id, host_id) = line.split_once(',').ok_or("a line is not: project id,host id")?;
        builder.add(None, Queue::new(project_id.parse()?), Target::Host(host_id))?;
    }
    let plans = builder.build();

    // After the first Ctrl-C no further call is sent, and the calls in flight may finish. The second one abandons them.
    let (handle, shutdown) = ShutdownHandle::new();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping; press Ctrl-C again to stop at once");
            handle.request();
        }
    });

    let options = FleetOptions::default().with_concurrency(4);
    let mut calls_left: usize = plans.iter().map(|plan| plan.requests.len()).sum();
    let plans = plans.into_iter().map(|plan| (plan, client.clone()));
    let reports = execute_all(plans, &options, &shutdown, |_region, queue, event| match event {
        Event::CallFinished(record) => {
            calls_left -= 1;
            eprintln!("project {}: {}; calls left: {calls_left}", queue.project_id, record.outcome.as_str());
        }
        Event::QueueBusy(_) => eprintln!("project {}: waiting for the pending scan", queue.project_id),
        _ => {}
    })
    .await;

    // Every host is counted once, also after a shutdown.
    let totals = Totals::from_reports(&reports);
    println!("{} accepted, {} not sent, {} in total", totals.accepted, totals.not_sent, totals.total());
    Ok(())
}
