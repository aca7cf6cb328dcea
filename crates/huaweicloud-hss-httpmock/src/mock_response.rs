//! Responses that the generated mocks do not have: errors in the formats of HSS and its gateway, outcomes as text, and
//! sequences.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use httpmock::{HttpMockResponse, Then};
use serde_json::{Value, json};

/// The first words of the gateway's message about a limit.
const OVER_LIMIT: &str = "The throttling threshold has been reached:";

/// A response of the service, of its gateway or of a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a response does nothing until it is passed to a mock"]
pub struct MockResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl MockResponse {
    /// Creates a response with this status and JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }.with_header("Content-Type", "application/json")
    }

    /// Creates the response to a scan that was accepted: status 200, with the text in a field named `error`.
    pub fn accepted(project_id: &str, enterprise_project_id: &str, tasks: u64) -> Self {
        let text = format!("{project_id}-{enterprise_project_id} processed {tasks} tasks successfully.");
        Self::json(200, &json!({ "error": text }))
    }

    /// Creates the response to a scan that was not accepted, because one is pending in the same queue.
    pub fn already_queued(project_id: &str, enterprise_project_id: &str) -> Self {
        let text = format!("Current project {project_id}-{enterprise_project_id} is already in the task queue.");
        Self::json(200, &json!({ "error": text }))
    }

    /// Creates the response to a status call: whether a scan is pending.
    pub fn scan_status(exist: bool) -> Self {
        Self::json(200, &json!({ "exist": exist }))
    }

    /// Creates an error response of HSS itself, such as `HSS.0013`. The status is always 400, even for a missing
    /// permission.
    pub fn hss_error(code: &str, text: &str) -> Self {
        Self::json(400, &json!({ "error_code": code, "error_description": text, "error_msg": text }))
    }

    /// Creates an error response of the gateway, such as `APIGW.0308`, which repeats the request id in the body.
    pub fn gateway_error(status: u16, code: &str, text: &str) -> Self {
        let id = "0123456789abcdef0123456789abcdef";
        Self::json(status, &json!({ "error_code": code, "error_msg": text, "request_id": id }))
            .with_header("X-Request-Id", id)
    }

    /// Creates the response to too many calls (429 `APIGW.0308`). The gateway did not pass the call on.
    pub fn throttled() -> Self {
        Self::gateway_error(429, "APIGW.0308", &format!("{OVER_LIMIT} policy user over ratelimit,limit:10"))
    }

    /// Creates the response to too many calls with the limit and its period, as in `throttled_by("user", 5, "1 minute")`.
    /// The policy is `user`, `ip`, `api` or `app`.
    pub fn throttled_by(policy: &str, limit: u64, period: &str) -> Self {
        let text = format!("{OVER_LIMIT} policy {policy} over ratelimit,limit:{limit},time:{period}");
        Self::gateway_error(429, "APIGW.0308", &text)
    }

    /// Adds the state of a limit, which the gateway sends to a request with `X-Apig-Mode: debug`. The policy is `api`,
    /// `api-allenv`, `user`, `app` or `ip`.
    pub fn with_limit(self, policy: &str, remaining: u64, limit: u64, period: &str) -> Self {
        let state = format!("remain:{remaining},limit:{limit},time:{period}");
        self.with_header(&format!("X-Apig-RateLimit-{policy}"), &state)
    }

    /// Creates the response to wrong credentials (401 `APIGW.0301`). Like the real one, it repeats parts of the
    /// request, including the credentials.
    pub fn unauthenticated(echoed: &str) -> Self {
        let text =
            format!("Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:{echoed}");
        Self::gateway_error(401, "APIGW.0301", &text)
    }

    /// Creates the response to an expired token (401 `APIGW.0307`).
    pub fn token_expired() -> Self {
        Self::gateway_error(401, "APIGW.0307", "The token must be updated.")
    }

    /// Creates the response of a gateway that cannot reach the service (503 `APIGW.0613`).
    pub fn unavailable() -> Self {
        Self::gateway_error(503, "APIGW.0613", "The identity service is temporarily unavailable.")
    }

    /// Creates an HTML page, as proxies send it. Even with status 200 it does not mean success.
    pub fn html(status: u16) -> Self {
        let body = "<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>".to_owned();
        Self { status, headers: Vec::new(), body }.with_header("Content-Type", "text/html")
    }

    /// Creates a response without a body.
    pub fn no_body(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// Creates a response that is cut off: the connection ends after the head. The request arrived, and may have taken
    /// effect.
    pub fn cut_off() -> Self {
        Self { status: 200, headers: Vec::new(), body: "{".to_owned() }.with_header("Content-Length", "64")
    }

    /// Sets a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the header `Retry-After` to this number of seconds.
    pub fn with_retry_after(self, seconds: u64) -> Self {
        self.with_header("Retry-After", &seconds.to_string())
    }

    fn build(&self) -> HttpMockResponse {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        HttpMockResponse::builder().status(self.status).headers(headers).body(self.body.clone()).build()
    }
}

/// Responds with [`MockResponse`]s, from the generated mocks and from plain ones.
pub trait ThenExt: Sized {
    /// Responds to every request with this response.
    fn respond(self, response: MockResponse) -> Self {
        self.respond_in_sequence([response])
    }

    /// Sends one of these responses per request, in order, and the last one to every further request. Without any
    /// response, every request gets a 501.
    fn respond_in_sequence(self, responses: impl IntoIterator<Item = MockResponse>) -> Self;

    /// Sends every response after this time. [`MockResponse::cut_off`] ends the connection; before the head of a response,
    /// only `huaweicloud-hss-emulator` can do that.
    fn with_delay(self, delay: Duration) -> Self;
}

impl ThenExt for Then {
    fn with_delay(self, delay: Duration) -> Self {
        self.delay(delay)
    }

    fn respond_in_sequence(self, responses: impl IntoIterator<Item = MockResponse>) -> Self {
        let responses: Vec<MockResponse> = responses.into_iter().collect();
        let requests = AtomicUsize::new(0);
        self.respond_with(move |_| {
            let index = requests.fetch_add(1, Ordering::Relaxed);
            let response = responses.get(index).or(responses.last());
            response.cloned().unwrap_or_else(|| MockResponse::no_body(501)).build()
        })
    }
}

macro_rules! impl_then_ext {
    ($operations:path: $($then:ident),* $(,)?) => {const _: () = {
        use $operations as operations;
        $(impl ThenExt for operations::$then {
            fn respond_in_sequence(self, responses: impl IntoIterator<Item = MockResponse>) -> Self {
                Self::new(self.into_inner().respond_in_sequence(responses))
            }

            fn with_delay(self, delay: Duration) -> Self {
                Self::new(self.into_inner().with_delay(delay))
            }
        })*
    };};
}

impl_then_ext!(
    crate::operations: CreateGlobalAssetScanTaskThen,
    ListGlobalAssetScanTaskThen,
    ListHostStatusThen,
    ListHostGroupsThen,
);

#[cfg(feature = "assets")]
impl_then_ext!(
    crate::assets::operations: ListAppStatisticsThen,
    ListAppsThen,
    ListAutoLaunchStatisticsThen,
    ListAutoLaunchsThen,
    DownloadAssetFileThen,
    ListKernelModuleHostInfoThen,
    ListWebFrameworkHostInfoThen,
    ListWebSiteHostInfoThen,
    ShowHostAssetManualCollectStatusThen,
    RunHostAssetManualCollectThen,
    ListJarPackageStatisticsThen,
    ListJarPackageHostInfoThen,
    ListPortStatisticsThen,
    ListPortsThen,
    ListPortHostThen,
    ListProcessStatisticsThen,
    ListProcessesHostThen,
    ListKernelModuleStatisticsThen,
    ListWebFrameworkStatisticsThen,
    ListWebSiteStatisticsThen,
    ListUserStatisticsThen,
    ListUsersThen,
    ListWebAppAndServiceStatisticsThen,
    ListWebAppAndServicesThen,
    ListDownloadExportedFileThen,
    ListQueryExportTaskThen,
);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use huaweicloud_hss::{Client, Error, ErrorKind, HttpConfig, ProjectId, Queue, ScanRequest, Secret};

    use super::{MockResponse, ThenExt as _};
    use crate::MockServerExt as _;

    #[test]
    fn limits_are_written_as_the_gateway_does() {
        let response = MockResponse::throttled_by("ip", 5, "1 minute").with_limit("ip", 0, 5, "1 minute");
        assert!(response.body.contains("reached: policy ip over ratelimit,limit:5,time:1 minute\""), "{response:?}");
        let state = ("X-Apig-RateLimit-ip".to_owned(), "remain:0,limit:5,time:1 minute".to_owned());
        assert_eq!((response.status, response.headers.last()), (429, Some(&state)));
        // The period may be missing.
        assert!(MockResponse::throttled().body.contains("over ratelimit,limit:10\""));
    }

    /// Returns the error of a scan that gets this response after a delay. The scan is sent once.
    async fn error_of_scan(response: MockResponse, delay: Duration) -> Error {
        let server = httpmock::MockServer::start_async().await;
        let mock = server.create_global_asset_scan_task(|_when, then| {
            then.respond(response).with_delay(delay);
        });
        let client = Client::builder()
            .with_endpoint(server.base_url())
            .with_token(Secret::new("t".to_owned()))
            .with_http_config(HttpConfig::default().with_timeout(Duration::from_secs(1)))
            .build()
            .unwrap();
        let queue = Queue::new("p".parse::<ProjectId>().unwrap());
        let error = client.scan(&ScanRequest::all_hosts(queue)).await.unwrap_err();
        mock.assert_calls_async(1).await;
        error
    }

    #[tokio::test]
    async fn a_delayed_response_comes_too_late() {
        let error = error_of_scan(MockResponse::accepted("p", "0", 1), Duration::from_secs(60)).await;
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
    }

    #[tokio::test]
    async fn a_response_that_is_cut_off_is_ambiguous() {
        let error = error_of_scan(MockResponse::cut_off(), Duration::ZERO).await;
        assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Ambiguous, true), "{error}");
    }
}
