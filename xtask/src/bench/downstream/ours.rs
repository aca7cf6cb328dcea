//! Starts a scan of all hosts with the client.

use huaweicloud_hss::{AccessKey, Client, Queue, ScanOutcome, ScanRequest, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = AccessKey::new(std::env::var("AK")?, Secret::new(std::env::var("SK")?), None)?;
    let client = Client::builder().with_endpoint(std::env::var("ENDPOINT")?).with_access_key(key).build()?;
    let queue = Queue::new(std::env::var("PROJECT")?.parse()?);
    match client.scan(&ScanRequest::all_hosts(queue)).await?.outcome {
        ScanOutcome::Accepted { processed } => println!("accepted: {processed} tasks"),
        other => println!("not taken: {other:?}"),
    }
    Ok(())
}
