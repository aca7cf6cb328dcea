//! Sends over the program's own HTTP client, with a proxy of its own.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set, `PROXY` set to the URL of a proxy, and
//! `CA_FILE` to the path of a PEM file.
//!
//! A program that needs no more than this can do without a client of its own: proxies are read from `HTTPS_PROXY`, and
//! `HttpConfig::with_ca_certificates` adds a CA to those of the system.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::{env, fs};

use huaweicloud_hss::{Client, HttpConfig, Queue, Secret, reqwest};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // It has the settings that calls need: TLS with the certificates below, no redirects, no retries, and time limits.
    let config = HttpConfig::default().with_ca_certificates(fs::read(env::var("CA_FILE")?)?);
    let http = config.http_client_builder()?.proxy(reqwest::Proxy::all(env::var("PROXY")?)?).build()?;

    // One client can be shared by any number of endpoints.
    let config = config.with_http_client(http);
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .with_http_config(config)
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse()?);
    println!("pending: {}", client.status(&queue).await?.pending);
    Ok(())
}
