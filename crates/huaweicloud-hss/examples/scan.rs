//! Scans all servers of a project and prints the outcome. The workspace's README shows everything below the next line.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::env;

use huaweicloud_hss::{Client, ProjectId, Queue, ScanOutcome, ScanRequest, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse::<ProjectId>()?);

    let reply = client.scan(&ScanRequest::all_hosts(queue.clone())).await?;
    match reply.outcome {
        ScanOutcome::Accepted { processed } => println!("accepted: {processed} tasks"),
        ScanOutcome::AlreadyQueued => println!("a scan is pending already"),
        other => println!("not taken: {other:?}: {}", reply.message),
    }
    println!("pending: {}", client.status(&queue).await?.pending);
    Ok(())
}
