//! Searches everything that complete runs print and log, at trace level, for the secrets they use.

use std::io;
use std::sync::{Arc, Mutex};

use httpmock::MockServer;
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    AccessKey, Client, ClientBuilder, CredentialsResolver, HttpConfig, MetadataEndpoint, Queue, RetryPolicy,
    ScanRequest, Secret,
};
use serde_json::json;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use integration_tests::hss;
use integration_tests::raw_server::{Action, RawServer};

const TOKEN: &str = "SECRET-token-4b1d";
const SECRET_KEY: &str = "SECRET-sk-77c2";
const SECURITY_TOKEN: &str = "SECRET-security-token-a9f0";
const PASSWORD: &str = "SECRET-password-03de";
/// Its end is searched for, which no form of it changes.
const ECHOED_PASSWORD: &str = "SECRET\"echoed/password-91ae";
const SUBJECT_TOKEN: &str = "SECRET-subject-token-5e61";
const METADATA_KEY: &str = "SECRET-metadata-sk-c8d4";
const METADATA_TOKEN: &str = "SECRET-metadata-token-12ab";

/// The log of the test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn without_retries() -> HttpConfig {
    HttpConfig::default().with_retry(RetryPolicy::none())
}

/// Sends a scan and a status request, and returns every text form of the client, the responses and the errors.
async fn texts(client: &Client) -> String {
    let queue = Queue::new("p".parse().unwrap());
    let scan = client.scan(&ScanRequest::all_hosts(queue.clone())).await;
    let status = client.status(&queue).await;
    let errors = [scan.as_ref().err().map(ToString::to_string), status.as_ref().err().map(ToString::to_string)];
    format!("{scan:?} {scan:#?} {status:?} {status:#?} {errors:?} {client:?} {client:#?} {:#?}", client.api().await)
}

/// A service that echoes the request in a refusal, then accepts.
fn service() -> RawServer {
    RawServer::start([
        Action::EchoRefusal,
        Action::respond(200, "", r#"{"error":"p-0 processed 1 tasks successfully."}"#),
        Action::respond(200, "", r#"{"exist":true}"#),
    ])
}

#[tokio::test]
async fn no_output_contains_a_secret() {
    let log = Log::default();
    // The mock server may log the requests it receives; the logs of all other libraries are searched.
    let all_but_the_mock = Targets::new().with_default(LevelFilter::TRACE).with_target("httpmock", LevelFilter::OFF);
    let lines =
        tracing_subscriber::fmt::layer().with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(log.clone());
    tracing_subscriber::registry().with(lines).with(all_but_the_mock).init();
    let mut all = String::new();
    let mut signatures = Vec::new();

    // A token and a temporary key: refused with an echo of the request, then accepted.
    let key = AccessKey::new(
        "EXAMPLEACCESSKEY0001",
        Secret::new(SECRET_KEY.to_owned()),
        Some(Secret::new(SECURITY_TOKEN.to_owned())),
    );
    let key = key.unwrap();
    let with_token = || Client::builder().with_token(Secret::new(TOKEN.to_owned()));
    let with_key = || Client::builder().with_access_key(key.clone());
    for builder in [&with_token as &dyn Fn() -> ClientBuilder, &with_key] {
        let server = service();
        // Clients of one configuration would not send the refused credentials again.
        for _ in 0..2 {
            let client = builder().with_endpoint(server.url()).with_http_config(without_retries()).build().unwrap();
            all += &texts(&client).await;
        }
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "{all}");
        assert!(requests[0].contains(TOKEN) || requests[0].contains(SECURITY_TOKEN), "the echo contains the secrets");
        signatures.extend(requests.iter().filter_map(|request| {
            let (_, rest) = request.split_once("Signature=")?;
            Some(rest.lines().next()?.to_owned())
        }));
    }
    assert_eq!(signatures.len(), 3);

    // A password, and the keys of a cloud server.
    let iam = MockServer::start_async().await;
    iam.mock_async(|when, then| {
        when.path("/v3/auth/tokens");
        then.status(201).header("X-Subject-Token", SUBJECT_TOKEN).json_body(json!({"token": {"project": {"id": "p"}}}));
    })
    .await;
    iam.mock_async(|when, then| {
        when.path("/openstack/latest/securitykey");
        then.status(200).json_body(json!({"credential": {"access": "TEMPORARYACCESSKEY01", "secret": METADATA_KEY,
            "securitytoken": METADATA_TOKEN, "expires_at": "2999-01-01T00:00:00Z"}}));
    })
    .await;
    let user = FakeEnvironment::new()
        .with_var("HW_USER_NAME", "auditor")
        .with_var("HW_USER_PASSWORD", PASSWORD)
        .with_var("HW_DOMAIN_NAME", "company");
    for system in [user, FakeEnvironment::new()] {
        let resolver = CredentialsResolver::default()
            .with_environment(system)
            .with_region(Some("cn-north-4".parse().unwrap()))
            .with_iam_endpoint(Some(iam.base_url()))
            .with_http_config(without_retries())
            .with_metadata_endpoint(MetadataEndpoint::Custom(iam.base_url()));
        let found = resolver.resolve().await.unwrap();
        all += &format!("{found:?} {found:#?} {resolver:?}");
        let server = service();
        let client = Client::builder()
            .with_endpoint(server.url())
            .with_credentials(found.provider)
            .with_http_config(without_retries())
            .build()
            .unwrap();
        all += &texts(&client).await;
    }

    // IAM repeats the password, in each form and in each place.
    let json = serde_json::to_string(ECHOED_PASSWORD).unwrap();
    let percent = ECHOED_PASSWORD.replace('"', "%22").replace('/', "%2F");
    for (id, body) in [
        (ECHOED_PASSWORD, json!({"error": {"code": 400, "message": ECHOED_PASSWORD}}).to_string()),
        (&percent, json!({"error_code": percent, "error_msg": json, "request_id": json}).to_string()),
        ("", json!({"error_msg": "x", "request_id": ECHOED_PASSWORD}).to_string()),
    ] {
        for status in [400, 401, 503] {
            let iam = RawServer::start([Action::respond(status, &format!("X-Request-Id: {id}\r\n"), &body)]);
            let user = FakeEnvironment::new()
                .with_var("HW_USER_NAME", "auditor")
                .with_var("HW_USER_PASSWORD", ECHOED_PASSWORD)
                .with_var("HW_DOMAIN_NAME", "company");
            let resolver = CredentialsResolver::default()
                .with_environment(user)
                .with_region(Some("cn-north-4".parse().unwrap()))
                .with_iam_endpoint(Some(iam.url()))
                .with_http_config(without_retries())
                .with_metadata_endpoint(MetadataEndpoint::Disabled);
            let error = resolver.resolve().await.unwrap().provider.credentials().await.unwrap_err();
            all += &format!("{error} {error:?}");
        }
    }

    // The binary, with all its output.
    let server = service();
    let with_token = [("HW_AUTH_TOKEN", TOKEN)];
    let with_key = [
        ("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001"),
        ("HUAWEICLOUD_SDK_SK", SECRET_KEY),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", SECURITY_TOKEN),
    ];
    for variables in [&with_token[..], &with_key] {
        for args in [
            &["scan", "--all-hosts", "-o", "json"][..],
            &["scan", "--all-hosts", "--dry-run", "-o", "jsonl"],
            &["status"],
            &["auth", "whoami"],
            &["doctor"],
        ] {
            let mut command = hss::command(args);
            command
                .args(["-vv", "--endpoint", &server.url()])
                .env("HW_PROJECT_ID", "p")
                .envs(variables.iter().copied());
            let run = hss::run(command);
            all += &format!("{}{}", run.stdout, run.stderr);
        }
    }
    signatures.extend(server.requests().iter().filter_map(|request| {
        let (_, rest) = request.split_once("Signature=")?;
        Some(rest.lines().next()?.to_owned())
    }));

    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("hss.call") && logged.contains("CreateGlobalAssetScanTask"), "the log is not empty");
    assert!(logged.contains("hyper_util"), "the log includes those of the libraries");
    assert!(all.contains("hss.attempt") && all.contains("APIGW.0301"), "the binary logged its calls");
    all += &logged;
    let echoed = "password-91ae";
    let secrets = [TOKEN, SECRET_KEY, SECURITY_TOKEN, PASSWORD, echoed, SUBJECT_TOKEN, METADATA_KEY, METADATA_TOKEN];
    for secret in secrets.into_iter().map(str::to_owned).chain(signatures) {
        if let Some(at) = all.find(&secret) {
            let around: String = all[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("a secret was printed or logged, after: {around}");
        }
    }
}
