//! The emulator's web UI and the HTML report in a real browser.

mod report;

use std::time::Duration;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};
use huaweicloud_hss_spec as spec;
use integration_tests::browser::Browser;
use serde_json::json;

#[test]
fn the_browser_follows_commands() {
    let Some(browser) = Browser::start() else { return };
    browser.resize(375, 700);
    browser.prefer_dark(true);
    browser.open(
        "data:text/html,<input id=a><button onclick='document.title=document.getElementById(`a`).value'>go</button>",
    );
    browser.fill("#a", "seen");
    browser.click("button");
    assert_eq!(browser.wait_for("document.title"), "seen");
    assert_eq!(
        browser.run("return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"),
        json!([375, true])
    );
    assert!(!browser.is_too_wide() && browser.console().is_empty());
    let asked = browser.requested();
    assert!(asked.iter().all(|url| url.starts_with("data:")), "{asked:?}");
}

/// Starts an emulator and opens its web UI.
fn page(browser: &Browser, builder: EmulatorBuilder) -> (tokio::runtime::Runtime, Emulator) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let emulator = runtime.block_on(builder.start()).unwrap();
    browser.open(emulator.url());
    browser.wait_for(
        "document.querySelector('.opblock') && document.querySelector('#state').textContent.includes('hosts')",
    );
    (runtime, emulator)
}

#[test]
fn a_scan_started_from_the_web_ui_appears_in_the_live_view() {
    let Some(browser) = Browser::start() else { return };
    browser.resize(1280, 900);
    browser.prefer_dark(false);
    let (_runtime, emulator) = page(&browser, Emulator::builder().with_scan_duration(Duration::from_secs(3600)));
    let specs = [spec::HSS, spec::IAM, spec::EPS, spec::ASSETS];
    let operations: usize = specs.iter().map(|spec| spec.matches("operationId:").count()).sum();
    assert_eq!(browser.run("return document.querySelectorAll('.opblock').length"), operations);
    assert_eq!(browser.wait_for("document.querySelector('#queues td').textContent"), "all free");
    browser.picture("page-light");

    browser.click("#operations-asset-CreateGlobalAssetScanTask .opblock-summary-control");
    browser.click("#operations-asset-CreateGlobalAssetScanTask .execute");
    browser.wait_for("document.querySelector('#scans tbody').textContent.includes('emulator-project')");
    let row =
        browser.run("return [...document.querySelector('#scans tbody tr').cells].map((cell) => cell.textContent)");
    assert_eq!(row, json!(["1", "emulator-project", "all_hosts", "100", ""]));
    assert_eq!(browser.run("return document.querySelector('#queues td').textContent"), "emulator-project");
    let response = browser.wait_for("document.querySelector('.responses-wrapper .live-responses-table')?.textContent");
    assert!(response.as_str().unwrap().contains("processed 100 tasks successfully"), "{response}");
    assert_eq!(emulator.requests()[0].accepted.as_ref().unwrap().processed, 100);
    browser.picture("page-light-scanned");

    // A token is typed into the web UI, and a fault is set and cleared.
    browser.fill("#token", &"t".repeat(8));
    emulator.set_faults("status=429@1".parse().unwrap()).unwrap();
    browser.click("#operations-asset-CreateGlobalAssetScanTask .execute");
    browser.wait_for("document.querySelector('#calls td.bad')?.textContent === '429'");
    browser.wait_for("document.querySelector('#state').textContent.includes('status=429@1')");
    browser.click("#reset");
    browser.wait_for("document.querySelector('#queues td').textContent === 'all free'");
    assert!(emulator.requests().is_empty());

    let outside = |url: &String| !url.starts_with(emulator.url()) && !url.starts_with("data:");
    let asked = browser.requested();
    assert!(asked.len() > 5 && !asked.iter().any(outside), "{asked:?}");
    // The browser itself logs the 429 that was asked for.
    let console = browser.console();
    assert!(console.iter().all(|line| line.contains("429")), "{console:?}");
}

#[test]
fn what_requests_carry_is_shown_as_text() {
    let Some(browser) = Browser::start() else { return };
    let (_runtime, emulator) = page(&browser, Emulator::builder());
    let script = "fetch('/v5/' + encodeURIComponent('<img src=x onerror=\"document.title=1\">') + '/asset/assign-task?category=host', \
        {method: 'POST', headers: {'X-Auth-Token': 't', 'Content-Type': 'application/json'}, \
        body: JSON.stringify({host_ids: ['<b>bold</b>']})})";
    browser.run(script);
    browser.wait_for("document.querySelector('#scans tbody').textContent.includes('<b>bold</b>')");
    assert_eq!(
        browser.run("return [document.querySelectorAll('main img, main b').length, document.title]"),
        json!([0, "HSS emulator"])
    );
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn it_is_usable_on_a_phone_and_in_the_dark() {
    let Some(browser) = Browser::start() else { return };
    for (width, dark) in [(375, false), (375, true), (1280, true)] {
        browser.resize(width, 812);
        browser.prefer_dark(dark);
        let (_runtime, _emulator) = page(&browser, Emulator::builder());
        browser.click("#operations-asset-CreateGlobalAssetScanTask .opblock-summary-control");
        browser.click("#operations-asset-CreateGlobalAssetScanTask .execute");
        browser.wait_for("document.querySelector('#scans tbody').textContent.includes('emulator-project')");
        browser.wait_for("document.querySelector('.responses-wrapper .live-responses-table')");
        assert!(!browser.is_too_wide(), "{width} {dark}: {}", browser.run(
            "return [...document.querySelectorAll('#api *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1) \
             .slice(0, 8).map((e) => e.tagName + '.' + e.className).join(' ')"
        ));
        let ground = browser.run("return getComputedStyle(document.body).backgroundColor");
        assert_eq!(ground, if dark { "rgb(20, 23, 27)" } else { "rgb(251, 251, 250)" });
        browser.run("document.querySelector('#live').scrollIntoView()");
        browser.picture(&format!("page-{width}-{}", if dark { "dark" } else { "light" }));
        browser.run("document.querySelector('#operations-asset-CreateGlobalAssetScanTask').scrollIntoView()");
        browser.picture(&format!("page-{width}-{}-api", if dark { "dark" } else { "light" }));
    }
}
