//! Owns the answers that no generated mock knows: errors in the shapes of HSS and its gateway, outcomes in a text, and sequences.

use std::sync::atomic::{AtomicUsize, Ordering};

use httpmock::{HttpMockResponse, Then};
use serde_json::{Value, json};

use crate::operations;

/// One answer of the service, of its gateway, or of something in between.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an answer does nothing until a mock gives it"]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// An answer with this status and JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }.with_header("Content-Type", "application/json")
    }

    /// A scan that was taken, as the service says so: in the field named `error` of a 200.
    pub fn accepted(project_id: &str, enterprise_project_id: &str, tasks: u64) -> Self {
        let text = format!("{project_id}-{enterprise_project_id} processed {tasks} tasks successfully.");
        Self::json(200, &json!({ "error": text }))
    }

    /// A scan that was not taken, because one is pending in the same queue.
    pub fn already_queued(project_id: &str, enterprise_project_id: &str) -> Self {
        let text = format!("Current project {project_id}-{enterprise_project_id} is already in the task queue.");
        Self::json(200, &json!({ "error": text }))
    }

    /// Whether a scan is pending.
    pub fn pending(exist: bool) -> Self {
        Self::json(200, &json!({ "exist": exist }))
    }

    /// An error of HSS itself, such as `HSS.0013`: always with status 400, also where permission is missing.
    pub fn refused(code: &str, text: &str) -> Self {
        Self::json(400, &json!({ "error_code": code, "error_description": text, "error_msg": text }))
    }

    /// An error of the gateway, such as `APIGW.0308`, which also puts the request id into the body.
    pub fn gateway(status: u16, code: &str, text: &str) -> Self {
        let id = "0123456789abcdef0123456789abcdef";
        Self::json(status, &json!({ "error_code": code, "error_msg": text, "request_id": id }))
            .with_header("X-Request-Id", id)
    }

    /// Too many calls (429 `APIGW.0308`): the call was not taken.
    pub fn throttled() -> Self {
        Self::gateway(
            429,
            "APIGW.0308",
            "The throttling threshold has been reached: policy user over ratelimit,limit:10",
        )
    }

    /// Credentials that are wrong (401 `APIGW.0301`). Like the real one it repeats parts of the request, credentials among them.
    pub fn unauthenticated(echoed: &str) -> Self {
        let text =
            format!("Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:{echoed}");
        Self::gateway(401, "APIGW.0301", &text)
    }

    /// A token that has expired (401 `APIGW.0307`).
    pub fn token_expired() -> Self {
        Self::gateway(401, "APIGW.0307", "The token must be updated.")
    }

    /// No service behind the gateway (503 `APIGW.0613`): the call was not taken.
    pub fn unavailable() -> Self {
        Self::gateway(503, "APIGW.0613", "The identity service is temporarily unavailable.")
    }

    /// A page of HTML, as proxies answer: with status 200 it is no success.
    pub fn html(status: u16) -> Self {
        let body = "<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>".to_owned();
        Self { status, headers: Vec::new(), body }.with_header("Content-Type", "text/html")
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// Adds a header, or sets it to another value.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks to wait so many seconds.
    pub fn with_retry_after(self, seconds: u64) -> Self {
        self.with_header("Retry-After", &seconds.to_string())
    }

    fn response(&self) -> HttpMockResponse {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        HttpMockResponse::builder().status(self.status).headers(headers).body(self.body.clone()).build()
    }
}

/// Gives [`Answer`]s with the generated mocks and with plain ones.
pub trait AnswerExt: Sized {
    /// Gives this answer to every call.
    fn answer(self, answer: Answer) -> Self {
        self.answers([answer])
    }

    /// Gives these answers one after the other; the last one is also for all calls after it. With none at all, each call gets a 501.
    fn answers(self, answers: impl IntoIterator<Item = Answer>) -> Self;
}

impl AnswerExt for Then {
    fn answers(self, answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Vec<Answer> = answers.into_iter().collect();
        let calls = AtomicUsize::new(0);
        self.respond_with(move |_| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            let answer = answers.get(call).or(answers.last());
            answer.cloned().unwrap_or_else(|| Answer::empty(501)).response()
        })
    }
}

macro_rules! answer_like_a_plain_mock {
    ($($then:ident),*) => {$(
        impl AnswerExt for operations::$then {
            fn answers(self, answers: impl IntoIterator<Item = Answer>) -> Self {
                Self::new(self.into_inner().answers(answers))
            }
        }
    )*};
}

answer_like_a_plain_mock!(
    CreateGlobalAssetScanTaskThen,
    ListGlobalAssetScanTaskThen,
    ListHostStatusThen,
    ListHostGroupsThen
);
