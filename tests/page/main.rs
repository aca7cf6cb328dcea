//! The emulator's page in a real browser.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy's leave for tests does not reach their helpers")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "../browser.rs"]
mod browser;

use browser::Browser;

#[test]
fn the_browser_does_as_it_is_told() {
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
        serde_json::json!([375, true])
    );
    assert!(!browser.is_too_wide() && browser.console().is_empty());
    let asked = browser.requested();
    assert!(asked.iter().all(|url| url.starts_with("data:")), "{asked:?}");
}
