//! The same call, written by hand: over reqwest, and over hyper with its pool of connections and nothing else.
//!
//! Both sign with `huaweicloud-auth`, as nobody would write a signer for one call, set a time limit, and read status, request id, the
//! service's time and the text of the answer. They try nothing again, hide nothing and tell nothing.

use std::time::{Duration, SystemTime};

use http::header::{ACCEPT, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::{BodyExt as _, Full};
use huaweicloud_auth::{AccessKey, Secret, sign};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::{Deserialize, Serialize};
use url::Position;

use crate::{ACCESS_KEY, ENTERPRISE_PROJECT, PROJECT, SECRET_KEY, Way};

const ATTEMPT: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(10);
const AGENT: &str = "by-hand/0.1";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    all_hosts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_ids: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_group: Option<&'a [String]>,
}

#[derive(Deserialize)]
struct Answer {
    error: Option<String>,
}

fn body() -> Body<'static> {
    Body { all_hosts: Some(true), host_ids: None, server_group: None }
}

fn key() -> AccessKey {
    AccessKey::new(ACCESS_KEY, Secret::new(SECRET_KEY.to_owned()), None).unwrap()
}

/// The headers of the signature.
fn sign(key: &AccessKey, host: &str, path: &str, query: &str, body: &[u8], headers: &mut HeaderMap) {
    let request = sign::Request {
        method: "POST",
        host,
        path,
        query,
        headers: &[("content-type", "application/json")],
        body,
        scope: sign::Scope::Project(PROJECT),
    };
    #[expect(clippy::disallowed_methods, reason = "a signature has the time of the wall clock")]
    let signed = sign::sign(key, &request, SystemTime::now()).unwrap();
    for header in signed.headers() {
        let mut value = HeaderValue::from_str(header.value).unwrap();
        value.set_sensitive(header.sensitive);
        headers.insert(HeaderName::from_static(header.name), value);
    }
}

/// Signs a body of 2 KB, again and again.
pub(crate) fn sign_often(times: usize) {
    let (key, body, mut headers) = (key(), vec![b'x'; 2048], HeaderMap::new());
    let path = format!("/v5/{PROJECT}/asset/assign-task");
    let query = format!("category=host&enterprise_project_id={ENTERPRISE_PROJECT}");
    let before = crate::cpu_nanoseconds();
    for _ in 0..times {
        sign(&key, "hss.cn-north-4.myhuaweicloud.com", &path, &query, &body, &mut headers);
    }
    crate::tell(times, before);
}

/// What a caller wants to know of an answer beside its text.
fn read_head(status: u16, headers: &HeaderMap) -> (String, SystemTime) {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap();
    assert_eq!(status, 200);
    (text(HeaderName::from_static("x-request-id")).to_owned(), httpdate::parse_http_date(text(DATE)).unwrap())
}

/// How many tasks the service says it processed.
fn read_body(body: &[u8]) -> u64 {
    let error = serde_json::from_slice::<Answer>(body).unwrap().error.unwrap_or_default();
    let (_, count) = error.strip_suffix(" tasks successfully.").unwrap().rsplit_once(" processed ").unwrap();
    count.parse().unwrap()
}

#[derive(Clone)]
pub(crate) struct WithReqwest {
    client: reqwest::Client,
    base: String,
    key: AccessKey,
}

impl WithReqwest {
    pub(crate) fn new(url: &str) -> Self {
        #[cfg(feature = "rustls-ring")]
        rustls::crypto::ring::default_provider().install_default().unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            .user_agent(AGENT)
            .build()
            .unwrap();
        Self { client, base: url.to_owned(), key: key() }
    }
}

impl Way for WithReqwest {
    async fn call(&self) {
        let url = format!("{}/v5/{PROJECT}/asset/assign-task", self.base);
        let query = [("category", "host"), ("enterprise_project_id", ENTERPRISE_PROJECT)];
        let request = self.client.post(url).header(ACCEPT, "application/json").query(&query).json(&body());
        let mut request = request.build().unwrap();
        let mut headers = HeaderMap::new();
        let (url, body) = (request.url(), request.body().unwrap().as_bytes().unwrap());
        let host = &url[Position::BeforeHost..Position::AfterPort];
        sign(&self.key, host, url.path(), url.query().unwrap(), body, &mut headers);
        request.headers_mut().extend(headers);
        let answer = self.client.execute(request).await.unwrap();
        std::hint::black_box(read_head(answer.status().as_u16(), answer.headers()));
        assert_eq!(read_body(&answer.bytes().await.unwrap()), 1);
    }
}

#[derive(Clone)]
pub(crate) struct WithHyper {
    client: hyper_util::client::legacy::Client<HttpConnector, Full<bytes::Bytes>>,
    base: String,
    host: String,
    key: AccessKey,
}

impl WithHyper {
    pub(crate) fn new(url: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        let host = url.strip_prefix("http://").unwrap().to_owned();
        Self { client, base: url.to_owned(), host, key: key() }
    }
}

impl Way for WithHyper {
    async fn call(&self) {
        // Nothing in the ids has to be escaped.
        let path = format!("/v5/{PROJECT}/asset/assign-task");
        let query = format!("category=host&enterprise_project_id={ENTERPRISE_PROJECT}");
        let body = serde_json::to_vec(&body()).unwrap();
        let mut request = http::Request::new(Full::new(bytes::Bytes::new()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = format!("{}{path}?{query}", self.base).parse().unwrap();
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(&self.host).unwrap());
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        sign(&self.key, &self.host, &path, &query, &body, headers);
        *request.body_mut() = Full::new(body.into());
        let answer = async {
            let (head, body) = self.client.request(request).await.unwrap().into_parts();
            (head, body.collect().await.unwrap().to_bytes())
        };
        let (head, body) = tokio::time::timeout(ATTEMPT, answer).await.unwrap();
        std::hint::black_box(read_head(head.status.as_u16(), &head.headers));
        assert_eq!(read_body(&body), 1);
    }
}
