//! Uses the credentials that the user already has, reports where they were found, and looks up the project of a region.
//!
//! Run it with a region, such as `cn-north-4`. `HSS_ENDPOINT` and `IAM_ENDPOINT` replace the region's own endpoints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints its results")]

use std::env;

use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::{Client, CredentialsResolver, HttpConfig, Queue, Region};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let region: Region = env::args().nth(1).ok_or("give a region, such as cn-north-4")?.parse()?;
    let resolver =
        CredentialsResolver::default().with_region(region.clone()).with_iam_endpoint(env::var("IAM_ENDPOINT").ok());

    // If there are none, the error lists every source and why it has none.
    let found = resolver.resolve().await?;
    println!("{} from {}", found.summary, found.location);
    for note in &found.notes {
        eprintln!("note: {note}");
    }

    // Some sources name the project. Otherwise IAM knows it: the main project of a region has the region's name.
    let project_id = match &found.project_id {
        Some(id) => id.clone(),
        None => {
            let endpoint = resolver.iam_endpoint(Some(&found));
            let iam = IamClient::with_credentials(endpoint, HttpConfig::default(), found.provider.clone())?;
            iam.project_id(region.as_str()).await?
        }
    };
    println!("project {project_id}");

    let endpoint = env::var("HSS_ENDPOINT").unwrap_or_else(|_| region.hss_endpoint());
    let client = Client::builder().with_endpoint(endpoint).with_credentials(found.provider).build()?;
    println!("pending: {}", client.status(&Queue::new(project_id.parse()?)).await?.pending);
    Ok(())
}
