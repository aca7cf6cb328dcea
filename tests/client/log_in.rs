//! Log-ins at IAM: validated before they are sent, tried again after failures, and with errors that name the address.

use httpmock::MockServer;
use huaweicloud_hss::eps::EpsClient;
use huaweicloud_hss::iam::{IamClient, IamEndpoint};
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    CredentialsProvider, CredentialsResolver, Error, ErrorKind, IamPassword, MetadataEndpoint, ResolvedCredentials,
    Secret,
};
use serde_json::json;

use integration_tests::raw_server::{Action, RawServer};

use crate::network;

const USER: [(&str, &str); 3] =
    [("HW_USER_NAME", "auditor"), ("HW_USER_PASSWORD", "example-password"), ("HW_DOMAIN_NAME", "company")];

fn environment(variables: &[(&str, &str)]) -> FakeEnvironment {
    variables.iter().fold(FakeEnvironment::new(), |env, (name, value)| env.with_var(*name, *value))
}

async fn resolve(iam: impl Into<IamEndpoint>, env: FakeEnvironment) -> Result<ResolvedCredentials, Error> {
    CredentialsResolver::default()
        .with_iam_endpoint(Some(iam))
        .with_region(Some("cn-north-4".parse().unwrap()))
        .with_http_config(network())
        .with_metadata_endpoint(MetadataEndpoint::Disabled)
        .with_environment(env)
        .resolve()
        .await
}

fn token() -> Action {
    Action::respond(201, "X-Subject-Token: a-token\r\n", r#"{"token":{"expires_at":"2999-01-01T00:00:00Z"}}"#)
}

#[tokio::test]
async fn a_failed_log_in_is_tried_again_and_a_refused_one_never() {
    for failure in [429, 500, 502, 503].map(|status| Action::respond(status, "", "{}")) {
        let iam = RawServer::start([failure, token()]);
        resolve(iam.url(), environment(&USER)).await.unwrap().provider.credentials().await.unwrap();
        assert_eq!(iam.requests().len(), 2);
    }
    for failure in [Action::CloseAtOnce, Action::CloseAfterReading] {
        let iam = RawServer::start([failure, token()]);
        resolve(iam.url(), environment(&USER)).await.unwrap().provider.credentials().await.unwrap();
        assert_eq!(iam.connections(), 2);
    }
    let iam = RawServer::start([Action::respond(401, "", "{}"), token()]);
    let provider = resolve(iam.url(), environment(&USER)).await.unwrap().provider;
    let error = Error::from(provider.credentials().await.unwrap_err());
    assert_eq!((error.kind(), iam.requests().len()), (ErrorKind::Credentials, 1));
}

#[tokio::test]
async fn a_log_in_is_validated_before_it_is_sent() {
    let iam = RawServer::start([token()]);
    for (name, value, part) in [
        ("HW_USER_PASSWORD", "x\n", "a line break"),
        ("HW_USER_PASSWORD", "x\r", "a line break"),
        ("HW_USER_PASSWORD", "\"geheim\"", "quotation mark"),
        ("HW_USER_PASSWORD", "${PASSWORD}", "placeholder"),
        ("HW_USER_NAME", "'auditor'", "quotation mark"),
        ("HW_USER_NAME", "auditor\n", "a line break"),
        ("HW_DOMAIN_NAME", "company\r", "a line break"),
        ("HW_DOMAIN_NAME", " company", "a space"),
        ("HW_PROJECT_NAME", "\"cn-north-4\"", "quotation mark"),
    ] {
        let error = resolve(iam.url(), environment(&USER).with_var(name, value)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(part) && !text.contains("geheim"), "{text}");
    }
    let client = IamClient::without_credentials(iam.url(), network()).unwrap();
    for (domain, user, password, project, part) in [
        ("d\n", "u", "p", "r", "the domain name"),
        ("d", "\"u\"", "p", "r", "the user name"),
        ("d", "u", "geheim\r", "r", "the password"),
        ("d", "u", "p", "", "the project name"),
    ] {
        let password = Secret::new(password.to_owned());
        let source = IamPassword::new(client.clone(), domain, user, password, project);
        let error = CredentialsProvider::refreshing(source).credentials().await.unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("geheim"), "{error}");
    }
    assert!(iam.requests().is_empty());
}

#[test]
fn the_id_of_an_account_is_validated_before_it_is_sent() {
    let client = |id: &str| {
        EpsClient::with_credentials("http://127.0.0.1:9", network(), CredentialsProvider::anonymous(), Some(id.into()))
    };
    assert!(client("d-1").is_ok());
    for id in ["", "a b", "\"d\"", "é", "d\n"] {
        assert_eq!(client(id).unwrap_err().kind(), ErrorKind::InvalidInput, "{id:?}");
    }
}

#[tokio::test]
async fn an_address_of_iam_may_have_the_version_and_errors_name_it() {
    let server = MockServer::start_async().await;
    let projects = server
        .mock_async(|when, then| {
            when.method("GET").path("/v3/projects");
            then.status(200).json_body(json!({"projects": [{"id": "p-7", "name": "cn-north-4"}]}));
        })
        .await;
    for suffix in ["", "/", "/v3", "/v3/"] {
        let url = format!("{}{suffix}", server.base_url());
        let iam = IamClient::with_credentials(url, network(), CredentialsProvider::anonymous()).unwrap();
        assert_eq!(iam.project_id("cn-north-4").await.unwrap(), "p-7");
    }
    projects.assert_calls_async(4).await;
    assert_eq!(IamEndpoint::new("iam.example.com:443/v3").url(), "https://iam.example.com:443");
    projects.delete_async().await;
    let endpoint = IamEndpoint::new(server.base_url()).with_setting("HW_AUTH_URL");
    let iam = IamClient::with_credentials(endpoint.clone(), network(), CredentialsProvider::anonymous()).unwrap();
    let error = iam.projects().await.unwrap_err().to_string();
    assert!(error.contains(&format!("called was {}/v3/projects, from HW_AUTH_URL", server.base_url())), "{error}");
    let provider = resolve(endpoint, environment(&USER)).await.unwrap().provider;
    let error = provider.credentials().await.unwrap_err().to_string();
    assert!(error.contains(&format!("called was {}/v3/auth/tokens, from HW_AUTH_URL", server.base_url())), "{error}");
    let invalid = IamEndpoint::new("ftp://iam.example.com").with_setting("HW_AUTH_URL");
    let error = IamClient::without_credentials(invalid, network()).unwrap_err().to_string();
    assert!(error.starts_with("HW_AUTH_URL: "), "{error}");
}

#[tokio::test]
async fn the_profile_names_the_address_of_iam_in_the_same_forms() {
    let profile = "[basic]\nak = EXAMPLEACCESSKEY0001\nsk = example\niam_endpoint = iam.example.com/v3\n";
    let env = FakeEnvironment::new().with_home("/home/user").with_file("/home/user/.huaweicloud/credentials", profile);
    let resolver =
        CredentialsResolver::default().with_metadata_endpoint(MetadataEndpoint::Disabled).with_environment(env);
    let found = resolver.resolve().await.unwrap();
    assert_eq!(resolver.iam_endpoint(Some(&found)).url(), "https://iam.example.com");
}

#[tokio::test]
async fn a_source_that_cannot_be_read_does_not_hide_a_user() {
    let koocli = r#"{"authEncrypt":"true","current":"default","profiles":[{"name":"default","mode":"AKSK",
        "accessKeyId":"HPUA0000000000000001","secretAccessKey":"example"}]}"#;
    let env = environment(&USER).with_home("/home/user").with_file("/home/user/.hcloud/config.json", koocli);
    let found = resolve("http://127.0.0.1:9", env).await.unwrap();
    assert_eq!(found.summary, "IAM user and password, exchanged for a token");
    assert!(found.notes[0].starts_with("skipped KooCLI file /home/user/.hcloud/config.json"), "{:?}", found.notes);
}

#[tokio::test]
async fn a_broken_source_can_be_skipped_by_its_name() {
    let env = environment(&USER).with_var("HUAWEICLOUD_SDK_AK", "half");
    let resolver = CredentialsResolver::default()
        .with_region(Some("cn-north-4".parse().unwrap()))
        .with_metadata_endpoint(MetadataEndpoint::Disabled)
        .with_environment(env);
    assert!(resolver.resolve().await.is_err());
    let found = resolver.clone().without_source("sdk").resolve().await.unwrap();
    assert_eq!(found.summary, "IAM user and password, exchanged for a token");
    let error = resolver.without_source("skd").resolve().await.unwrap_err();
    assert_eq!(error.to_string(), "there is no credential source \"skd\" to skip");
}
