//! Makes the same calls without the client: signs by hand, sends with reqwest, and only checks that they were accepted.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

#[derive(Serialize)]
struct Body {
    all_hosts: bool,
}

#[derive(Deserialize)]
struct Response {
    error: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let calls: usize = std::env::args().nth(1).map_or(Ok(1), |calls| calls.parse())?;
    let (ak, sk) = (std::env::var("AK")?, std::env::var("SK")?);
    let url = format!("{}/v5/{}/asset/assign-task", std::env::var("ENDPOINT")?, std::env::var("PROJECT")?);
    #[cfg(feature = "ring")]
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a provider already")?;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()?;
    for _ in 0..calls {
        let text = call(&client, &url, &ak, &sk).await?;
        if !text.ends_with(" tasks successfully.") {
            return Err(format!("not accepted: {text}").into());
        }
    }
    Ok(())
}

async fn call(client: &reqwest::Client, url: &str, ak: &str, sk: &str) -> Result<String, Box<dyn Error>> {
    let mut request = client.post(url).query(&[("category", "host")]).json(&Body { all_hosts: true }).build()?;
    let now = OffsetDateTime::now_utc().format(format_description!("[year][month][day]T[hour][minute][second]Z"))?;
    let host = &request.url()[url::Position::BeforeHost..url::Position::AfterPort];
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let canonical = format!(
        "POST\n{}/\n{}\ncontent-type:application/json\nhost:{host}\nx-sdk-date:{now}\n\ncontent-type;host;x-sdk-date\n{}",
        request.url().path(),
        request.url().query().unwrap_or_default(),
        hex(&Sha256::digest(body))
    );
    let to_sign = format!("SDK-HMAC-SHA256\n{now}\n{}", hex(&Sha256::digest(canonical)));
    let mut mac = Hmac::<Sha256>::new_from_slice(sk.as_bytes())?;
    mac.update(to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let authorization =
        format!("SDK-HMAC-SHA256 Access={ak}, SignedHeaders=content-type;host;x-sdk-date, Signature={signature}");
    request.headers_mut().insert("x-sdk-date", now.parse()?);
    request.headers_mut().insert("authorization", authorization.parse()?);
    let response: Response = client.execute(request).await?.error_for_status()?.json().await?;
    Ok(response.error)
}
