//! Signed requests and IAM against the emulator, which has its own implementation of the signature: the two have to
//! agree.

use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    AccessKey, Category, Client, Credentials, CredentialsProvider, CredentialsResolver, EnterpriseProject, ErrorKind,
    IdProblem, MetadataEndpoint, Queue, ScanOutcome, ScanRequest, Secret,
};
use huaweicloud_hss_emulator::{AuthMethod, Emulator, EmulatorBuilder};
use proptest::prelude::*;

use crate::network;

fn key(security_token: Option<&str>) -> AccessKey {
    let security_token = security_token.map(|token| Secret::new(token.to_owned()));
    AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example-secret".to_owned()), security_token).unwrap()
}

fn client(emulator: &Emulator, key: AccessKey) -> Client {
    Client::builder().with_endpoint(emulator.url()).with_access_key(key).with_http_config(network()).build().unwrap()
}

fn with_key() -> EmulatorBuilder {
    Emulator::builder().with_access_key("EXAMPLEACCESSKEY0001", "example-secret")
}

#[tokio::test]
async fn a_signed_scan_is_accepted_and_a_wrong_key_is_not() {
    let emulator = with_key().start().await.unwrap();
    let queue = Queue::new("p".parse().unwrap());
    let response = client(&emulator, key(None)).scan(&ScanRequest::hosts(queue.clone(), ["主机", "b"])).await.unwrap();
    assert_eq!(response.outcome, ScanOutcome::Accepted { processed: 2 });
    assert_eq!(emulator.requests()[0].auth_method, AuthMethod::AccessKey);
    let wrong = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("another-secret".to_owned()), None).unwrap();
    let error = client(&emulator, wrong).scan(&ScanRequest::all_hosts(queue)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Credentials, Some("APIGW.0301")));
    // Like the gateway, the emulator repeats the signature in its response; the error must not contain it.
    assert!(!format!("{error} {error:?}").contains("Signature="), "{error:?}");
}

#[tokio::test]
async fn the_project_is_named_whatever_path_the_endpoint_has() {
    let server = httpmock::MockServer::start_async().await;
    for base in ["", "/", "/base", "/v5/base/"] {
        let path = format!("{}/v5/p7/asset/assign-task", base.trim_end_matches('/'));
        let mock = server
            .mock_async(|when, then| {
                when.method("GET").path(&path).header("X-Project-Id", "p7");
                then.status(200).body(r#"{"exist":false}"#);
            })
            .await;
        let endpoint = format!("{}{base}", server.base_url());
        let client = Client::builder()
            .with_endpoint(endpoint)
            .with_access_key(key(None))
            .with_http_config(network())
            .build()
            .unwrap();
        client.status(&Queue::new("p7".parse().unwrap())).await.unwrap();
        mock.assert_calls_async(1).await;
        mock.delete_async().await;
    }
}

#[tokio::test]
async fn a_temporary_key_needs_its_security_token() {
    let emulator = Emulator::builder()
        .with_temporary_access_key("EXAMPLEACCESSKEY0001", "example-secret", "example-token")
        .start()
        .await
        .unwrap();
    let queue = Queue::new("p".parse().unwrap());
    assert!(client(&emulator, key(Some("example-token"))).status(&queue).await.is_ok());
    for wrong in [None, Some("another")] {
        let error = client(&emulator, key(wrong)).status(&queue).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_clock_16_minutes_off_is_named() {
    for (seconds, wrong) in [(-16 * 60, true), (16 * 60, true), (14 * 60, false)] {
        let emulator = with_key().with_clock_offset_seconds(seconds).start().await.unwrap();
        match client(&emulator, key(None)).status(&Queue::new("p".parse().unwrap())).await {
            Ok(_) => assert!(!wrong, "{seconds}"),
            Err(error) => {
                assert!(wrong && error.to_string().contains("machine's clock is 1"), "{seconds}: {error}")
            }
        }
    }
}

#[tokio::test]
async fn a_password_is_enough_for_a_scan() {
    let builder = Emulator::builder().with_token("nobody-knows").with_user("company", "auditor", "example-password");
    let emulator = builder.with_project("p7", "cn-north-4").start().await.unwrap();
    let system = FakeEnvironment::new()
        .with_var("HW_USER_NAME", "auditor")
        .with_var("HW_USER_PASSWORD", "example-password")
        .with_var("HW_DOMAIN_NAME", "company");
    let resolver = CredentialsResolver::default()
        .with_iam_endpoint(Some(emulator.url().to_owned()))
        .with_region(Some("cn-north-4".parse().unwrap()))
        .with_http_config(network())
        .with_metadata_endpoint(MetadataEndpoint::Disabled);
    let provider = resolver.with_environment(system).resolve().await.unwrap().provider;
    let project = provider.credentials().await.unwrap().project_id().unwrap().to_owned();
    assert_eq!(project, "p7");
    let client = Client::builder()
        .with_endpoint(emulator.url())
        .with_credentials(provider)
        .with_http_config(network())
        .build()
        .unwrap();
    let response = client.scan(&ScanRequest::all_hosts(Queue::new(project.parse().unwrap()))).await.unwrap();
    assert_eq!(response.outcome, ScanOutcome::Accepted { processed: 100 });
}

#[tokio::test]
async fn a_key_finds_its_project_by_the_regions_name() {
    let emulator = with_key().with_project("p1", "cn-north-1").with_project("p4", "cn-north-4").start().await.unwrap();
    let provider = CredentialsProvider::from_static(Credentials::access_key(key(None)));
    let iam = IamClient::with_credentials(emulator.url(), network(), provider).unwrap();
    assert_eq!(iam.project_id("cn-north-4").await.unwrap(), "p4");
    assert_eq!(iam.project_id("nowhere").await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Texts of this form that can be ids.
fn id(form: &'static str) -> impl Strategy<Value = String> {
    form.prop_filter("cannot be an id", |text| IdProblem::find(text).is_none())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn client_and_emulator_sign_any_project_alike(
        project in id("[\\p{L}\\p{N}!#%&*+./:=?@^_~-]{1,40}"),
        enterprise in id("[\\p{L}\\p{N}!#%&*+./:=?@^_~-]{1,40}"),
        container: bool,
        ids in proptest::collection::vec(id("[\\p{L}\\p{N}!#%&*+./:=?@^_~-]{1,12}"), 1..5),
    ) {
        prop_assume!(project != "." && project != "..");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let emulator = with_key().start().await.unwrap();
            let category = if container { Category::Container } else { Category::Host };
            let queue = Queue::new(project.parse().unwrap())
                .with_enterprise_project(enterprise.parse::<EnterpriseProject>().unwrap())
                .with_category(category);
            let client = client(&emulator, key(None));
            let response = client.scan(&ScanRequest::hosts(queue.clone(), ids.clone())).await.unwrap();
            prop_assert_eq!(response.outcome, ScanOutcome::Accepted { processed: ids.len() as u64 });
            prop_assert!(client.status(&queue).await.unwrap().pending);
            Ok(())
        })?;
    }
}
