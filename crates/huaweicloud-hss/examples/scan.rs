//! Scans all servers of a project with an access key. The workspace's README shows everything below the next empty
//! line.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env::var;

use huaweicloud_hss::{AccessKey, Client, Queue, ScanOutcome, ScanRequest, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = AccessKey::new(var("HUAWEICLOUD_SDK_AK")?, Secret::new(var("HUAWEICLOUD_SDK_SK")?), None)?;
    let endpoint = var("HSS_ENDPOINT").unwrap_or_else(|_| "https://hss.cn-north-4.myhuaweicloud.com".to_owned());
    let client = Client::builder().with_endpoint(endpoint).with_access_key(key).build()?;
    let queue = Queue::new(var("HUAWEICLOUD_SDK_PROJECT_ID")?.parse()?);
    match client.scan(&ScanRequest::all_hosts(queue)).await?.outcome {
        ScanOutcome::Accepted { processed } => println!("accepted: {processed} tasks"),
        ScanOutcome::AlreadyQueued => println!("not accepted: a scan is already pending"),
        other => println!("not accepted: {other:?}"),
    }
    Ok(())
}
