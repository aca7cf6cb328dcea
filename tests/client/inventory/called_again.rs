//! A call that fails loses nothing: what is called again after an error returns the same as without the error.

use std::time::Duration;

use huaweicloud_hss::assets::{Asset, AssetFilter, AssetKind};
use huaweicloud_hss::verify::{HostSelection, HostVerdict, Verification, VerifyOptions};
use huaweicloud_hss::{Client, EnterpriseProject, Error, ErrorKind, HostFilter, RetryPolicy, ScanRequest};
use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::WEDNESDAY;

use crate::{client_over, network, queue};

const SCAN: Duration = Duration::from_secs(60);

/// More servers than fit a page.
const HOSTS: usize = 230;

/// Starts an emulator. Each call of the client is one request.
async fn emulator(hosts: usize, faults: &str) -> (Emulator, Client) {
    let builder = Emulator::builder().with_hosts(hosts).with_scan_duration(SCAN).with_time_of_week(WEDNESDAY);
    let emulator = builder.with_faults(faults.parse().unwrap()).start().await.unwrap();
    let client = client_over(emulator.url(), network().with_retry(RetryPolicy::none()));
    (emulator, client)
}

/// Reads to the end, and calls again after each error. Returns the number of errors, too.
async fn read<T>(mut next: impl AsyncFnMut() -> Result<Option<Vec<T>>, Error>) -> (Vec<T>, usize) {
    let (mut rows, mut errors) = (Vec::new(), 0);
    loop {
        match next().await {
            Ok(Some(page)) => rows.extend(page),
            Ok(None) => return (rows, errors),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
                errors += 1;
                assert!(errors < 2, "one request fails");
            }
        }
    }
}

/// Reads a list, each time with another one of its requests failing, and compares the rows.
async fn check<T: PartialEq>(read: impl AsyncFn(Client) -> (Vec<T>, usize)) {
    check_with("", 1, read).await;
}

/// The same with faults, and from a request on.
async fn check_with<T: PartialEq>(faults: &str, first: usize, read: impl AsyncFn(Client) -> (Vec<T>, usize)) {
    let (emulator, client) = emulator(HOSTS, faults).await;
    let expected = read(client).await;
    assert_eq!(expected.1, 0);
    assert!(!expected.0.is_empty());
    let requests = emulator.requests().len();
    assert!(requests > first);
    for number in first..=requests {
        let (_emulator, client) = self::emulator(HOSTS, &format!("status=503@{number}\n{faults}")).await;
        let (rows, errors) = read(client).await;
        assert_eq!(errors, 1, "request {number}");
        assert!(
            rows == expected.0,
            "request {number} of {requests} failed: {} rows of {}",
            rows.len(),
            expected.0.len()
        );
    }
}

#[tokio::test]
async fn a_list_of_servers() {
    check(async |client: Client| {
        let mut pager = client.hosts("p".parse().unwrap(), EnterpriseProject::all(), HostFilter::default());
        let (hosts, errors) = read(async || pager.next_page().await).await;
        (hosts.into_iter().map(|host| host.host_id).collect(), errors)
    })
    .await;
}

async fn assets(client: Client, kind: AssetKind) -> (Vec<Asset>, usize) {
    let mut pager = client.assets(queue(), kind, AssetFilter::default());
    read(async || pager.next_page().await).await
}

#[tokio::test]
async fn an_inventory_of_one_list() {
    check(async |client| assets(client, AssetKind::Accounts).await).await;
}

#[tokio::test]
async fn an_inventory_that_is_listed_by_name() {
    check(async |client| assets(client, AssetKind::Websites).await).await;
}

#[tokio::test]
async fn a_list_that_is_too_long_for_one() {
    // The first page has a total that no list can have. The fault does not count a request that fails.
    check_with("ListUsers:total=2000001@1", 2, async |client| assets(client, AssetKind::Accounts).await).await;
}

#[tokio::test]
async fn a_survey() {
    check(async |client: Client| {
        let mut survey = client.coverage(queue(), HostSelection::all());
        let (mut rows, errors) = read(async || survey.next_page().await).await;
        rows.sort_by(|a, b| a.host_id.cmp(&b.host_id));
        (rows, errors)
    })
    .await;
}

#[tokio::test]
async fn the_first_round_of_a_verification() {
    let mut options = VerifyOptions::default();
    (options.within, options.first_delay) = (Duration::from_secs(600), Duration::ZERO);
    let verify = async |faults: &str| {
        let (emulator, client) = emulator(40, faults).await;
        let request = ScanRequest::all_hosts(queue());
        let ordered_at = client.scan(&request).await.unwrap().meta.server_time.unwrap();
        emulator.advance_clock(SCAN + Duration::from_secs(1));
        let mut verification = Verification::since(&client, queue(), HostSelection::all(), ordered_at).await.unwrap();
        let requests = emulator.requests().len();
        verification.next_round(&options).await.unwrap();
        let requests = requests + 1..=emulator.requests().len();
        verification.next_round(&options).await.unwrap();
        let unproved: Vec<HostVerdict> = verification.verdicts().filter(HostVerdict::is_unproved).collect();
        (requests, unproved.len())
    };
    let (requests, expected) = verify("").await;
    for number in requests.clone() {
        let (_, unproved) = verify(&format!("status=503@{number}")).await;
        assert_eq!(unproved, expected, "request {number} of {requests:?} failed");
    }
}
