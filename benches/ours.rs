//! Starts the given number of scans of all hosts with the client.

use huaweicloud_hss::{AccessKey, Client, Queue, ScanOutcome, ScanRequest, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls: usize = std::env::args().nth(1).map_or(Ok(1), |calls| calls.parse())?;
    let key = AccessKey::new(std::env::var("AK")?, Secret::new(std::env::var("SK")?), None)?;
    let client = Client::builder().with_endpoint(std::env::var("ENDPOINT")?).with_access_key(key).build()?;
    let request = ScanRequest::all_hosts(Queue::new(std::env::var("PROJECT")?.parse()?));
    for _ in 0..calls {
        let outcome = client.scan(&request).await?.outcome;
        if !matches!(outcome, ScanOutcome::Accepted { .. }) {
            return Err(format!("not accepted: {outcome:?}").into());
        }
    }
    Ok(())
}
