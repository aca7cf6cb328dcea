//! How long one signature takes; run by hand in release: `cargo test --release --test sign_speed -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::hint::black_box;
use std::time::{Duration, Instant, UNIX_EPOCH};

use huaweicloud_auth::sign::{Request, Scope, sign};
use huaweicloud_auth::{AccessKey, Secret};

#[test]
#[ignore = "a measurement, only meaningful in a release build on a quiet machine"]
fn a_two_kilobyte_body_is_signed_in_three_microseconds() {
    let sk = || Secret::new("example-secret-key-for-test-vectors-0001".to_owned());
    let plain = AccessKey::new("EXAMPLEACCESSKEY0001", sk(), None).unwrap();
    let temporary = AccessKey::new("EXAMPLEACCESSKEY0001", sk(), Some(Secret::new("t".repeat(1500)))).unwrap();
    let body = vec![b'x'; 2048];
    let request = Request {
        method: "POST",
        host: "hss.cn-north-4.myhuaweicloud.com",
        path: "/v5/2b31ed520xxxxxxebedb6e57xxxxxxxx/asset/assign-task",
        query: "category=host&enterprise_project_id=all_granted_eps",
        headers: &[("content-type", "application/json")],
        body: &body,
        scope: Scope::Project("2b31ed520xxxxxxebedb6e57xxxxxxxx"),
    };
    let now = UNIX_EPOCH + Duration::from_secs(1_775_204_130);
    let best = |key: &AccessKey, request: &Request<'_>| {
        let rounds = (0..50).map(|_| {
            let begin = Instant::now();
            for _ in 0..2_000 {
                black_box(sign(black_box(key), black_box(request), now).unwrap());
            }
            begin.elapsed() / 2_000
        });
        rounds.min().unwrap()
    };
    let whole = best(&plain, &request);
    eprintln!("2 KiB body {whole:?}, with a 1.5 kB security token {:?}", best(&temporary, &request));
    eprintln!("empty body {:?}", best(&plain, &Request { body: b"", ..request }));
    assert!(whole < Duration::from_micros(3), "{whole:?}");
}
