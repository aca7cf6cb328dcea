//! The time limit of a caller bounds everything that a call does.

use std::time::Duration;

use huaweicloud_auth::{CredentialSource, CredentialsProvider, Environment, LoadFuture};
use tokio::time::{Instant, timeout};

use super::*;
use crate::{CallOptions, CallOutcome, Error, ErrorKind};

const SECOND: Duration = Duration::from_secs(1);

/// Makes a scan with a time limit, and checks that it ends by then.
async fn failed_within(client: &Client, limit: Duration) -> Error {
    let started = Instant::now();
    let options = CallOptions::default().with_timeout(limit);
    let error = client.scan_with(&request(), &options).await.unwrap_err();
    assert!(started.elapsed() <= limit, "{:?} for {error}", started.elapsed());
    error
}

fn assert_not_sent(error: &Error) {
    assert_eq!((error.outcome(), error.attempts()), (CallOutcome::NotSent, 0), "{error}");
    assert!(!error.may_have_taken_effect() && error.to_string().starts_with("not sent"), "{error}");
}

struct Never;

impl CredentialSource for Never {
    fn name(&self) -> String {
        "never".to_owned()
    }

    fn load<'a>(&'a self, _: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_never_arrive() {
    let server = Server::start(vec![Reply::Hang]).await;
    let builder = Client::builder().with_endpoint(&server.url);
    let client = builder.with_credentials(CredentialsProvider::refreshing(Never)).build().unwrap();
    let error = failed_within(&client, 10 * SECOND).await;
    assert_not_sent(&error);
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Unavailable, 0));
}

#[tokio::test(start_paused = true)]
async fn no_time_at_all() {
    let server = Server::start(vec![Reply::Send(200, "", ACCEPTED)]).await;
    let client = server.client(no_retries().with_rate_limit("1/h".parse().unwrap()));
    client.scan(&request()).await.unwrap();
    assert_not_sent(&failed_within(&client, Duration::ZERO).await);
    assert_eq!(server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_comes_too_late() {
    let server = Server::start(vec![Reply::Send(200, "", ACCEPTED)]).await;
    let client =
        server.client(no_retries().with_rate_limit("1/min".parse().unwrap()).with_attempt_timeout(10 * SECOND));
    client.scan(&request()).await.unwrap();
    // The turn comes after 60 seconds; 10 must be left then.
    for limit in [SECOND, 59 * SECOND, 69 * SECOND] {
        let error = failed_within(&client, limit).await;
        assert_not_sent(&error);
        assert_eq!((error.kind(), server.requests()), (ErrorKind::Throttled, 1));
    }
    client.scan_with(&request(), &CallOptions::default().with_timeout(75 * SECOND)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_another_call_keeps_closed() {
    let server = Server::start(vec![Reply::Hang]).await;
    let client = server.client(no_retries());
    let first = client.clone();
    tokio::spawn(async move { first.scan(&request()).await });
    tokio::task::yield_now().await;
    assert_not_sent(&failed_within(&client, 10 * SECOND).await);
    assert_eq!(server.requests(), 1, "only the first call tries the credentials");
}

#[tokio::test(start_paused = true)]
async fn attempts_and_the_delays_between_them() {
    let server = Server::start(vec![Reply::Hang]).await;
    let client = server.client(no_retries());
    let error = failed_within(&client, 20 * SECOND).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Ambiguous, CallOutcome::Unknown));

    let unavailable = Server::start(vec![Reply::Send(503, "", "")]).await;
    let retry = RetryPolicy::default().with_max_attempts(u32::MAX).with_time_limit(1000 * SECOND);
    let client = unavailable.client(HttpConfig::default().with_retry(retry));
    let error = failed_within(&client, 20 * SECOND).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, CallOutcome::Refused));
    assert!(unavailable.requests() > 1 && unavailable.requests() == error.attempts() as usize);
}

#[tokio::test(start_paused = true)]
async fn dropped_calls_leave_their_turn_to_others() {
    let server = Server::start(vec![Reply::Send(200, "", ACCEPTED)]).await;
    let client = server.client(no_retries().with_rate_limit("1/min".parse().unwrap()));
    let patient = CallOptions::default().with_timeout(3600 * SECOND);
    client.scan(&request()).await.unwrap();
    let started = Instant::now();
    for _ in 0..10 {
        assert!(timeout(SECOND, client.scan_with(&request(), &patient)).await.is_err());
    }
    client.scan_with(&request(), &patient).await.unwrap();
    assert!(started.elapsed() < 62 * SECOND, "{:?}", started.elapsed());
    assert_eq!(server.requests(), 2);
}
