//! Calls an operation with parameters that `Client` has no method for, over the generated client.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set, and pass a part of a host name.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;

use huaweicloud_hss::{Client, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let name = env::args().nth(1).ok_or("give a part of a host name")?;

    // It has the client's connections and current credentials, but no retries, no paging, and no knowledge of error
    // bodies: the client converts them.
    let api = client.api().await?;
    let call = api.list_host_status().project_id(env::var("HW_PROJECT_ID")?).host_name(name).limit(10);
    let page = match call.send().await {
        Ok(page) => page.into_inner(),
        Err(error) => return Err(client.api_error(error, false).await.into()),
    };
    for host in page.data_list.unwrap_or_default() {
        println!("{}", host.host_name.unwrap_or_default());
    }
    println!("{} in total", page.total_num.unwrap_or_default());
    Ok(())
}
