//! The pictures in `docs/pictures`. This command makes them again:
//! `UPDATE_PICTURES=1 cargo test -p integration-tests --test docs pictures -- --include-ignored`
//!
//! The picture of a terminal must show what `hss` prints today. Screenshots contain times, so they are not compared.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstyle::{Ansi256Color, Color, RgbColor};
use anstyle_svg::Term;
use huaweicloud_hss_emulator::Emulator;
use regex::Regex;
use serde_json::json;

use integration_tests::browser::Browser;
use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, hss, run};
use integration_tests::root;

use crate::saved_lists;

/// Width of the screenshots in pixels.
const WIDTH: u32 = 900;

/// Returns the path of a picture in light or in dark colours.
fn path(name: &str, dark: bool, extension: &str) -> PathBuf {
    let scheme = if dark { "dark" } else { "light" };
    root().join(format!("docs/pictures/{name}-{scheme}.{extension}"))
}

/// Runs `hss` and returns its standard output and standard error together, as a terminal shows them. The port is always the same.
fn terminal(folder: &Path, args: &[&str]) -> String {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = command(args);
    let mut child = command.current_dir(folder).stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    drop(command);
    let mut output = String::new();
    reader.read_to_string(&mut output).unwrap();
    assert!(child.wait().unwrap().success(), "{output}");
    Regex::new(r"127\.0\.0\.1:\d+").unwrap().replace_all(&output, "127.0.0.1:41873").into_owned()
}

/// Draws a terminal.
fn svg(text: &str, dark: bool) -> String {
    let rgb = |red, green, blue| Color::Rgb(RgbColor(red, green, blue));
    let (ink, ground) =
        if dark { (rgb(230, 237, 243), rgb(22, 27, 34)) } else { (rgb(31, 35, 40), rgb(246, 248, 250)) };
    let picture = Term::new().fg_color(ink).bg_color(ground).render_svg(text.trim_end());
    // With a view box, pages can scale the picture.
    let size = Regex::new(r#"^<svg width="(\d+)px" height="(\d+)px""#).unwrap();
    size.replace(&picture, r#"<svg width="$1" height="$2" viewBox="0 0 $1 $2""#).into_owned()
}

/// Compares the pictures of a command with its output, or draws them again.
fn check_terminal(name: &str, folder: &Path, args: &[&str]) {
    let (bold, green, plain) = ("\x1b[1m", Ansi256Color(71).render_fg(), "\x1b[0m");
    let text = format!("{green}${plain} {bold}hss {}{plain}\n{}", args.join(" "), terminal(folder, args));
    for dark in [false, true] {
        let (path, picture) = (path(name, dark, "svg"), svg(&text, dark));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &picture).unwrap();
        }
        let saved = fs::read_to_string(&path).unwrap_or_default();
        assert!(saved == picture, "{}: run the command at the top of tests/docs/pictures.rs", path.display());
    }
}

#[test]
fn the_picture_of_a_scan_shows_what_hss_prints() {
    check_terminal("scan", root(), &["scan", "--all-hosts", "--emulator", "--wait"]);
}

#[test]
fn the_picture_of_a_diff_shows_what_hss_prints() {
    let folder = tempfile::tempdir().unwrap();
    saved_lists::write(folder.path());
    check_terminal("diff", folder.path(), &["assets", "diff", "last-week.jsonl", "today.jsonl"]);
}

/// A list of targets in eight queues.
fn targets() -> String {
    let mut list = "region,project_id,enterprise_project_id,id\n".to_owned();
    for (region, project, enterprise_project, hosts) in [
        ("cn-north-4", "shop", "0", 950),
        ("cn-north-4", "shop", "staging", 180),
        ("cn-north-4", "bank", "0", 620),
        ("cn-north-4", "media", "0", 410),
        ("cn-east-3", "shop-east", "0", 760),
        ("cn-east-3", "bank-east", "0", 540),
        ("cn-east-3", "logistics", "0", 330),
        ("cn-south-1", "archive", "0", 210),
    ] {
        for number in 0..hosts {
            writeln!(list, "{region},{project},{enterprise_project},{project}-{number:04}").unwrap();
        }
    }
    list
}

/// Runs `hss` against an emulator that serves all regions.
fn hss_with(emulator: &Emulator, args: &[&str]) -> Run {
    let mut command = command(args);
    for region in ["CN_NORTH_4", "CN_EAST_3", "CN_SOUTH_1"] {
        command.env(format!("HUAWEICLOUD_SDK_REGION_HSS_{region}"), emulator.url());
    }
    command.env("HW_AUTH_TOKEN", "any").env("HW_REGION_NAME", "cn-north-4");
    run(command)
}

/// Takes screenshots of a page in light and in dark colours, as soon as it is ready. Both conditions are JavaScript expressions.
fn take_screenshots(name: &str, url: &str, ready: &str, height: &str) {
    let browser = Browser::start().unwrap();
    browser.chromium("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
    for dark in [false, true] {
        browser.resize(WIDTH, 100);
        browser.prefer_dark(dark);
        browser.open(url);
        browser.wait_for(ready);
        let height = browser.run(&format!("return Math.ceil({height})")).as_u64().unwrap();
        browser.resize(WIDTH, height.try_into().unwrap());
        fs::write(path(name, dark, "png"), browser.screenshot()).unwrap();
    }
}

#[test]
#[ignore = "takes screenshots"]
fn the_report_of_a_fleet_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("fleet.csv"), targets()).unwrap();
    let faults = "CreateGlobalAssetScanTask:delay=100ms..900ms
        CreateGlobalAssetScanTask:status=400@13,17 code=HSS.1007
        CreateGlobalAssetScanTask:reset-after@20";
    let build =
        || Emulator::builder().with_scan_duration(Duration::from_millis(1500)).with_faults(faults.parse().unwrap());
    with_emulator(build, |emulator| {
        // Another scan is pending in this project.
        assert_eq!(hss_with(emulator, &["scan", "--all-hosts", "--project-id", "archive"]).code, 0);
        let run = hss_with(emulator, &["scan", "--targets", &file("fleet.csv"), "--journal", &file("night.jsonl")]);
        // The picture shows several outcomes.
        assert!(!Regex::new("(accepted|already queued|refused|unknown) 0,").unwrap().is_match(&run.stdout), "{run:#?}");
    });
    hss(&["report", &file("night.jsonl"), "--html", &file("night.html")]);
    let url = format!("file://{}", file("night.html"));
    take_screenshots("report", &url, "document.querySelector('#queues')", "document.documentElement.scrollHeight");
}

#[test]
#[ignore = "takes screenshots"]
fn the_web_ui_of_the_emulator() {
    let build = || {
        let faults = "status=503@4".parse().unwrap();
        Emulator::builder().with_scan_duration(Duration::from_secs(600)).with_faults(faults)
    };
    with_emulator(build, |emulator| {
        for args in [
            &["scan", "--all-hosts", "--project-id", "shop"][..],
            &["scan", "--host", "bank-0001", "bank-0002", "bank-0003", "--project-id", "bank"],
            &["scan", "--host", "shop-0001", "--project-id", "shop"],
            &["scan", "--group", "web", "databases", "--project-id", "media"],
            &["status", "--project-id", "shop"],
        ] {
            hss_with(emulator, args);
        }
        let ready = "document.querySelector('.opblock') && document.querySelector('#calls tbody tr:nth-child(6)')";
        // The live view and the first operations of the API.
        let height = "document.querySelector('.opblock-tag-section').getBoundingClientRect().bottom + 8";
        take_screenshots("web-ui", emulator.url(), ready, height);
    });
}
