//! The HTML report that `hss report --html` writes, in a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use httpmock::MockServer;
use huaweicloud_hss::fleet::{
    FleetOptions, Journal, PlanBuilder, PollInterval, RunIdentity, ShutdownSignal, Target, execute_all,
};
use huaweicloud_hss::{Client, Queue, Secret};
use serde_json::json;

use integration_tests::binary::hss_binary;
use integration_tests::browser::Browser;

/// Runs three queues, and returns the path of the report. One queue is accepted, one is refused with markup in the message, and one
/// lacks the permission.
async fn report(folder: &Path) -> PathBuf {
    let server = MockServer::start_async().await;
    let responses = [
        ("good", 200, json!({ "error": "good-0 processed 200 tasks successfully." })),
        (
            "bad",
            400,
            json!({ "error_code": "HSS.1001", "error_msg": "<script>document.title='owned'</script><b>no agent</b>" }),
        ),
        ("denied", 400, json!({ "error_code": "HSS.0013", "error_msg": "no" })),
    ];
    let mut builder = PlanBuilder::default();
    for (project, status, body) in responses {
        server
            .mock_async(|when, then| {
                when.method("POST").path(format!("/v5/{project}/asset/assign-task"));
                then.status(status).json_body(body);
            })
            .await;
        let queue = Queue::new(project.parse().unwrap());
        for n in 0..300 {
            builder.add(None, queue.clone(), Target::Host(&format!("{project}-{n}"))).unwrap();
        }
    }
    let plans = builder.build();
    let journal = folder.join("run.journal");
    let mut options = FleetOptions::default();
    options.poll_interval = PollInterval { initial: std::time::Duration::ZERO, max: std::time::Duration::ZERO };
    let client =
        Client::builder().with_endpoint(server.base_url()).with_token(Secret::new("t".to_owned())).build().unwrap();
    options.journal = Some(Journal::create(&journal, &plans, &RunIdentity::new(&client)).unwrap().into());
    execute_all(plans.into_iter().map(|plan| (plan, client.clone())), &options, &ShutdownSignal::never(), |_, _, _| {})
        .await;
    drop(options);
    let page = folder.join("page.html");
    let status = Command::new(hss_binary()).arg("report").arg(&journal).arg("--html").arg(&page).output().unwrap();
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    page
}

#[tokio::test]
async fn the_report_shows_the_result_and_requests_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let page = report(folder.path()).await;
    let Some(browser) = Browser::start() else { return };
    for (width, dark) in [(1200, false), (375, true)] {
        browser.resize(width, 900);
        browser.prefer_dark(dark);
        browser.requested();
        browser.open(&format!("file://{}", page.display()));
        let tiles = browser
            .run("return [...document.querySelectorAll('#totals .tile')].map(t => t.innerText.replace('\\n', ' '))");
        let expected = ["300 accepted", "0 already queued", "300 refused", "0 unrecognised", "0 unknown", "0 not sent"];
        assert!(tiles.as_array().unwrap().len() == expected.len(), "{tiles}");
        let counted: u64 = tiles.as_array().unwrap().iter().map(|tile| number(tile.as_str().unwrap())).sum();
        assert_eq!(counted, 900, "{tiles}");
        assert_eq!(number(tiles[0].as_str().unwrap()), 300);

        // Each call that was sent has a bar in the colour of its outcome, inside the timeline.
        let bars = browser
            .run(
                "const box = document.querySelector('#timeline').getBoundingClientRect();
                 return [...document.querySelectorAll('#timeline rect')].map(r => {
                   const b = r.getBoundingClientRect();
                   return [r.getAttribute('class'), getComputedStyle(r).fill, b.left >= box.left && b.right <= box.right && b.width > 0];
                 })",
            );
        let bars = bars.as_array().unwrap();
        assert_eq!(bars.iter().filter(|bar| bar[0] == "accepted").count(), 2, "{bars:?}");
        assert!(bars.iter().all(|bar| bar[2] == true), "{bars:?}");
        let (accepted, refused) =
            (bars.iter().find(|bar| bar[0] == "accepted"), bars.iter().find(|bar| bar[0] == "refused"));
        assert_ne!(accepted.unwrap()[1], refused.unwrap()[1]);

        // Causes are grouped and open on a click, and messages of the service are shown as text.
        let causes = browser.run("return [...document.querySelectorAll('#causes summary')].map(s => s.innerText)");
        let causes: Vec<&str> = causes.as_array().unwrap().iter().map(|cause| cause.as_str().unwrap()).collect();
        assert!(causes.iter().any(|cause| cause.contains("HSS.1001: 300 targets in 2 calls")), "{causes:?}");
        assert!(causes.iter().any(|cause| cause.contains("HSS.0013: 200 targets in 1 call")), "{causes:?}");
        let opened = browser.run(
            "const d = [...document.querySelectorAll('#causes details')].find(d => d.innerText.includes('HSS.1001'));
                 d.querySelector('summary').click();
                 return [d.open, d.innerText.includes('<b>no agent</b>'), d.innerText.includes('bad bad-299')]",
        );
        assert_eq!(opened, json!([true, true, true]));
        assert_eq!(browser.run("return document.title"), json!("HSS scan: run.journal"));

        // The browser requested only the page, the policy of the page blocked nothing, and only the tables and the timeline scroll
        // sideways.
        let requested = browser.requested();
        assert!(requested.iter().all(|url| url.starts_with("file://") && url.ends_with("/page.html")), "{requested:?}");
        assert_eq!(browser.console(), Vec::<String>::new());
        assert!(!browser.is_too_wide(), "the page is wider than {width} pixels");
        browser.picture(&format!("report-{width}"));
        let ground = browser.run("return getComputedStyle(document.body).backgroundColor");
        assert_eq!(ground == json!("rgb(255, 255, 255)"), !dark, "{ground}");
    }
}

/// The number at the start of a tile.
fn number(tile: &str) -> u64 {
    tile.split(' ').next().unwrap().replace(',', "").parse().unwrap()
}
