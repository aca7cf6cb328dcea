//! Runs against services that limit calls, are away for a while, or refuse the credentials.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use huaweicloud_hss::fleet::{
    Event, FleetOptions, QueuePlan, QueueReport, ScanCompletion, ShutdownHandle, ShutdownSignal, Totals, execute_all,
};
use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::{
    AccessKey, CallOptions, CallOutcome, Client, CredentialsProvider, ErrorKind, HttpConfig, IamPassword, Queue,
    RateLimit, RetryPolicy, ScanRequest, Secret, Selector,
};

use crate::{client, client_over, network, queue};
use integration_tests::stand_in::{ACCEPTED, StandIn, Window};

/// Returns one call for each of this number of queues.
fn plans(queues: usize) -> Vec<QueuePlan> {
    (0..queues)
        .map(|n| QueuePlan::new(Queue::new(format!("p{n}").parse().unwrap()), &Selector::AllHosts).unwrap())
        .collect()
}

async fn run(queues: usize, client: &Client, options: &FleetOptions) -> Vec<QueueReport> {
    let plans = plans(queues).into_iter().map(|plan| (plan, client.clone()));
    execute_all(plans, options, &ShutdownSignal::never(), |_, _, _| {}).await
}

/// Returns how many calls have this outcome.
fn count(reports: &[QueueReport], outcome: CallOutcome) -> usize {
    reports.iter().flat_map(|report| &report.records).filter(|record| record.outcome == outcome).count()
}

#[tokio::test]
async fn every_call_is_accepted_within_the_limit_of_the_service() {
    let window = Window::new(5, Duration::from_millis(300));
    let server = StandIn::start(move |_| window.respond());
    let reports = run(40, &client(server.url()), &FleetOptions::default()).await;
    assert_eq!(Totals::from_reports(&reports).accepted, 40);
    let refused = server.requests().len() - 40;
    assert!(refused <= 3, "{refused} refused");
}

#[tokio::test]
async fn a_throttled_region_does_not_delay_another() {
    let hour = Window::new(1, Duration::from_secs(3600));
    let throttled = StandIn::start(move |_| hour.respond());
    let other = StandIn::start(|_| (200, ACCEPTED.to_owned()));
    let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example".to_owned()), None).unwrap();
    let config = network();
    let client = |server: &StandIn| {
        let builder = Client::builder().with_endpoint(server.url()).with_access_key(key.clone());
        builder.with_http_config(config.clone()).build().unwrap()
    };
    let (a, b) = (client(&throttled), client(&other));
    let plans = plans(60).into_iter().enumerate().map(|(n, plan)| (plan, if n < 10 { a.clone() } else { b.clone() }));
    let mut options = FleetOptions::default().with_concurrency(1);
    // Long enough for the other region, whatever else this machine does.
    options.deadline = Some(Instant::now() + Duration::from_secs(10));
    let reports = execute_all(plans, &options, &ShutdownSignal::never(), |_, _, _| {}).await;
    assert_eq!(count(&reports[..10], CallOutcome::Accepted), 1);
    assert_eq!(count(&reports[..10], CallOutcome::NotSent), 9);
    assert_eq!(count(&reports[10..], CallOutcome::Accepted), 50);
}

#[tokio::test]
async fn refused_credentials_are_sent_once_by_all_queues() {
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}"#;
    for concurrency in [1, 8, 64] {
        let server = StandIn::start(move |_| (401, refusal.to_owned()));
        let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("wrong".to_owned()), None).unwrap();
        let with_key = Client::builder().with_endpoint(server.url()).with_access_key(key);
        let with_key = with_key.with_http_config(network()).build().unwrap();
        for (client, requests) in [(with_key, 1), (client(server.url()), 2)] {
            let reports = run(200, &client, &FleetOptions::default().with_concurrency(concurrency)).await;
            assert_eq!(server.requests().len(), requests, "{concurrency}");
            assert_eq!(count(&reports, CallOutcome::Refused), 1);
            assert_eq!(count(&reports, CallOutcome::NotSent), 199);
            for record in reports.iter().flat_map(|report| &report.records) {
                assert_eq!(record.error, Some(ErrorKind::Credentials));
                assert_eq!(record.attempts > 0, record.outcome == CallOutcome::Refused);
            }
        }
    }
}

#[tokio::test]
async fn a_refused_password_is_sent_once_by_all_queues() {
    let iam = StandIn::start(|_| (401, r#"{"error":{"code":401,"message":"The password is wrong."}}"#.to_owned()));
    let service = StandIn::start(|_| (200, ACCEPTED.to_owned()));
    let config = network();
    let provider = || {
        let iam = IamClient::without_credentials(iam.url().as_str(), config.clone()).unwrap();
        let password = Secret::new("wrong-password".to_owned());
        CredentialsProvider::refreshing(IamPassword::new(
            iam,
            "d".to_owned(),
            "u".to_owned(),
            password,
            "cn-north-4".to_owned(),
        ))
    };
    // Two regions have a provider each.
    for _ in 0..2 {
        let builder = Client::builder().with_endpoint(service.url()).with_credentials(provider());
        let client = builder.with_http_config(config.clone()).build().unwrap();
        let reports = run(200, &client, &FleetOptions::default().with_concurrency(64)).await;
        assert_eq!(count(&reports, CallOutcome::NotSent), 200);
        assert!(reports.iter().all(|report| report.records[0].error == Some(ErrorKind::Credentials)));
    }
    assert_eq!((iam.requests().len(), service.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_service_that_is_unavailable_for_a_while_accepts_everything_in_the_end() {
    for status in [503, 408, 425] {
        let count = AtomicUsize::new(0);
        let server = StandIn::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0..200 => (status, String::new()),
            _ => (200, ACCEPTED.to_owned()),
        });
        let retry = RetryPolicy::default().with_backoff(Duration::from_millis(1), Duration::from_millis(20));
        let client = client_over(server.url(), HttpConfig::default().with_retry(retry));
        let reports = run(40, &client, &FleetOptions::default()).await;
        assert_eq!(Totals::from_reports(&reports).accepted, 40, "{status}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_have_its_time_is_not_sent() {
    let server = StandIn::start(|_| (200, ACCEPTED.to_owned()));
    let config = network().with_rate_limit(RateLimit::new(1, Duration::from_secs(3600)));
    let client = client_over(server.url(), config.with_timeout(Duration::from_secs(20)));
    let impatient = client_over(server.url(), network().with_timeout(Duration::ZERO));
    assert_eq!(impatient.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err().outcome(), CallOutcome::NotSent);
    let request = ScanRequest::all_hosts(queue());
    client.scan(&request).await.unwrap();
    let options = CallOptions::default().with_deadline(Instant::now() + Duration::from_secs(60));
    let started = Instant::now();
    for result in [client.scan(&request).await, client.scan_with(&request, &options).await] {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Throttled, CallOutcome::NotSent, 0));
        assert!(!error.may_have_taken_effect(), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "no wait for what cannot happen in time");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn random_refusals_do_not_stop_a_run() {
    let count = AtomicUsize::new(0);
    let server = StandIn::start(move |_| match count.fetch_add(1, Ordering::SeqCst) % 10 {
        7 => (429, String::new()),
        _ => (200, ACCEPTED.to_owned()),
    });
    let reports = run(60, &client_over(server.url(), HttpConfig::default()), &FleetOptions::default()).await;
    assert_eq!(Totals::from_reports(&reports).accepted, 60);
}

#[tokio::test]
async fn an_unreachable_service_ends_the_run_of_all_its_queues() {
    // A port on which nothing listens any more.
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let retry = RetryPolicy::default().with_time_limit(Duration::from_millis(500));
    let client = client_over(url, HttpConfig::default().with_retry(retry));
    let reports = run(300, &client, &FleetOptions::default()).await;
    assert_eq!(count(&reports, CallOutcome::NotSent), 300);
    let records = || reports.iter().flat_map(|report| &report.records);
    assert!(records().any(|record| record.error == Some(ErrorKind::Unreachable)));
    assert!(records().any(|record| record.message == "not sent: the service cannot be reached"));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_never_reached_is_tried_for_12_seconds() {
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let started = tokio::time::Instant::now();
    let reports = run(300, &client_over(url, HttpConfig::default()), &FleetOptions::default()).await;
    assert_eq!(count(&reports, CallOutcome::NotSent), 300);
    let took = started.elapsed();
    assert!((11..=13).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test]
async fn scans_that_wait_for_their_turn_do_not_delay_the_status_of_others() {
    let respond = |request: &str| match request.starts_with("GET") {
        true => (200, r#"{"exist":false}"#.to_owned()),
        false => (200, ACCEPTED.to_owned()),
    };
    let server = StandIn::start(respond);
    let limit = RateLimit::new(1, Duration::from_secs(60 * 60));
    let client = client_over(server.url(), network().with_rate_limit(limit));
    let mut options = FleetOptions::default();
    options.wait = true;
    options.pending_grace = Duration::ZERO;
    let plans = plans(50).into_iter().map(|plan| (plan, client.clone()));
    let (handle, shutdown) = ShutdownHandle::new();
    let reports = execute_all(plans, &options, &shutdown, |_, _, event| {
        if matches!(event, Event::QueueFinished) && !shutdown.is_requested() {
            handle.request();
        }
    })
    .await;
    assert_eq!((count(&reports, CallOutcome::Accepted), count(&reports, CallOutcome::NotSent)), (1, 49));
    assert!(matches!(reports[0].completion, ScanCompletion::Finished), "{:?}", reports[0]);
}
