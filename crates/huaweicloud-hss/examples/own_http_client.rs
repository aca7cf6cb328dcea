//! Sends over the program's own HTTP client, with a proxy and a CA of its own.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set, `PROXY` set to the URL of a proxy, and
//! `CA_FILE` to the path of a PEM file.
//!
//! A program that needs no more than this can do without a client of its own: proxies are read from `HTTPS_PROXY`, and
//! `HttpConfig::with_ca_certificates` adds a CA to those of the system.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::{env, fs};

use huaweicloud_hss::{Client, HttpConfig, Queue, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // reqwest is built without a TLS provider here. Programs that enable its feature `rustls` do not need this line.
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a TLS provider is already installed")?;

    let ca = reqwest::Certificate::from_pem_bundle(&fs::read(env::var("CA_FILE")?)?)?;
    let http = reqwest::Client::builder()
        // Required: a redirect would carry the token to another host.
        .redirect(reqwest::redirect::Policy::none())
        // This crate decides itself what is retried.
        .retry(reqwest::retry::never())
        // Longer than this, servers may close an unused connection, and a call that meets that may have been sent.
        .pool_idle_timeout(std::time::Duration::from_secs(1))
        .proxy(reqwest::Proxy::all(env::var("PROXY")?)?)
        .tls_certs_only(ca)
        .build()?;

    // One client can be shared by any number of endpoints.
    let config = HttpConfig::default().with_http_client(http);
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .with_http_config(config)
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse()?);
    println!("pending: {}", client.status(&queue).await?.pending);
    Ok(())
}
