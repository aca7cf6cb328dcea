//! Snapshots of the help texts, so that changes of the interface are visible in reviews; and the size of the short ones.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

fn help(args: &[&str]) -> String {
    help_in_columns(args, 100)
}

fn help_in_columns(args: &[&str], columns: usize) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_hss")).args(args).env("COLUMNS", columns.to_string()).output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[cfg(feature = "emulator")]
fn the_long_help_of_every_command() {
    // The list of commands and these two commands depend on a feature.
    if cfg!(feature = "completions") {
        for (name, args) in [
            ("help", &["--help"][..]),
            ("help_completions", &["completions", "--help"]),
            ("help_man", &["man", "--help"]),
        ] {
            insta::assert_snapshot!(name, help(args));
        }
    }
    for (name, args) in [
        ("help_scan", &["scan", "--help"][..]),
        ("help_status", &["status", "--help"]),
        ("help_report", &["report", "--help"]),
        ("help_coverage", &["coverage", "--help"]),
        ("help_verify", &["verify", "--help"]),
        ("help_collect", &["collect", "--help"]),
        ("help_hosts_list", &["hosts", "list", "--help"]),
        ("help_groups_list", &["groups", "list", "--help"]),
        ("help_projects_list", &["projects", "list", "--help"]),
        ("help_enterprise_projects_list", &["enterprise-projects", "list", "--help"]),
        ("help_assets_list", &["assets", "list", "--help"]),
        ("help_assets_diff", &["assets", "diff", "--help"]),
        ("help_sbom", &["sbom", "--help"]),
        ("help_auth_whoami", &["auth", "whoami", "--help"]),
        ("help_doctor", &["doctor", "--help"]),
        ("help_emulator", &["emulator", "--help"]),
    ] {
        insta::assert_snapshot!(name, help(args));
    }
}

#[test]
fn the_main_help_texts_list_the_exit_codes() {
    for args in
        [&["--help"][..], &["scan", "--help"], &["help", "scan"], &["hosts", "list", "--help"], &["report", "--help"]]
    {
        let text = help(args);
        for code in ["0  ", "1  ", "2  ", "3  ", "4  ", "130"] {
            assert!(text.lines().any(|line| line.trim_start().starts_with(code)), "{args:?} does not list {code}");
        }
    }
}

#[test]
fn the_short_help_has_one_line_per_command() {
    let text = help_in_columns(&["-h"], 80);
    let others = 10;
    let commands = text.lines().filter(|line| line.starts_with("  ") && !line.trim_start().starts_with('-')).count();
    assert!(text.lines().count() <= commands + others && text.lines().all(|line| line.len() <= 80), "{text}");
}

#[test]
fn the_short_help_of_a_scan_has_one_line_per_flag() {
    let text = help_in_columns(&["scan", "-h"], 80);
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        assert!(line.trim_start().starts_with('-'), "{line}\n{text}");
        assert!(line.trim().contains("  "), "{line}\n{text}");
    }
}
