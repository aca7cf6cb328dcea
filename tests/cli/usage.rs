//! Invalid usage and input: the error names the cause, the exit code is 2 or 3, and nothing is sent.

use std::fs;

use huaweicloud_hss_emulator::Emulator;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{command, hss, hss_with_input, run};

#[test]
fn the_error_lists_everything_that_is_missing() {
    let nothing = hss(&["scan", "--all-hosts"]);
    assert_eq!(nothing.code, 2);
    insta::assert_snapshot!("nothing_given", nothing.stderr);
    let no_token = hss(&["scan", "--all-hosts", "--endpoint", "http://127.0.0.1:9", "--project-id", "p"]);
    assert_eq!(no_token.code, 3, "{no_token:#?}");
    assert!(no_token.stderr.contains("HW_AUTH_TOKEN") && no_token.stderr.contains("--emulator"), "{no_token:#?}");
    let status = hss(&["status"]);
    assert_eq!(status.code, 2);
    assert!(!status.stderr.contains("--emulator"), "`hss status` has no --emulator");
}

#[test]
fn the_project_comes_from_the_flag_then_the_sdk_then_the_terraform_variable() {
    let plan = |flag: Option<&str>, variables: &[(&str, &str)]| {
        let mut args = vec!["scan", "--all-hosts", "--dry-run", "-o", "json"];
        args.extend(flag.iter().flat_map(|id| ["--project-id", id]));
        let mut command = command(&args);
        command.envs(variables.iter().copied());
        run(command).json()["calls"][0]["project_id"].as_str().unwrap().to_owned()
    };
    let both = [("HUAWEICLOUD_SDK_PROJECT_ID", "sdk"), ("HW_PROJECT_ID", "hw")];
    assert_eq!(plan(Some("flag"), &both), "flag");
    assert_eq!(plan(None, &both), "sdk");
    assert_eq!(plan(None, &both[1..]), "hw");
    assert_eq!(plan(None, &[("HUAWEICLOUD_SDK_PROJECT_ID", ""), both[1]]), "hw");
}

#[test]
fn an_invalid_list_of_ids_is_an_error_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // The headers of ELF and PNG files, UTF-16 text, and zeros.
    let junk = file("junk", b"\x7fELF\x02\x01\x01\x00\x89PNG\r\n\x1a\n\xff\xfeh\x00o\x00");
    let zeros = file("zeros", &[0; 10_000]);
    let empty = file("empty", b"");
    let notes = file("notes", b"# no hosts today\n\n");
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let directory = folder.path().to_str().unwrap().to_owned();
    with_emulator(Emulator::builder, |emulator| {
        for (path, part) in [
            (&junk, "line 1"),
            (&zeros, "line 1"),
            (&empty, "contains no ids"),
            (&notes, "contains no ids"),
            (&missing, "cannot open"),
            (&directory, "cannot read"),
        ] {
            for flag in ["--hosts-from", "--groups-from"] {
                let mut command = command(&["scan", flag, path, "--endpoint", emulator.url(), "--project-id", "p"]);
                command.env("HW_AUTH_TOKEN", "test-token");
                let run = run(command);
                assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{flag} {path}: {run:#?}");
                assert!(
                    run.stderr.starts_with("error: ") && run.stderr.contains(path) && run.stderr.contains(part),
                    "{run:#?}"
                );
                assert!(!run.stderr.contains("panicked"), "{run:#?}");
            }
        }
        assert!(emulator.requests().is_empty());
    });
    let empty_input = hss_with_input(&["scan", "--hosts-from", "-", "--emulator"], b"");
    assert_eq!(empty_input.code, 2);
    assert!(empty_input.stderr.contains("standard input: contains no ids"), "{empty_input:#?}");
}

#[test]
fn invalid_arguments_have_exit_code_2() {
    let long = "p".repeat(257);
    for (args, part) in [
        (&["scan"][..], "--all-hosts"),
        (&["scan", "--all-hosts", "--host", "a"], "cannot be used with"),
        (&["scan", "--host", "a", "--group", "g"], "cannot be used with"),
        (&["scan", "--host"], "a value is required"),
        (&["scan", "--host", "", "--emulator"], "is empty"),
        (&["scan", "--host", "a\u{7}b", "--emulator"], "control character"),
        (&["scan", "--all-hosts", "--emulator", "--endpoint", "http://127.0.0.1:9"], "cannot be used with"),
        (&["scan", "--all-hosts", "--category", "vm"], "possible values: host, container"),
        (&["scan", "--all-hosts", "--project-id", ""], "project_id takes 1 to 256 characters, not 0"),
        (&["scan", "--all-hosts", "--project-id", &long], "takes 1 to 256 characters, not 257"),
        (&["scan", "--all-hosts", "--project-id", ".."], "would change the request path"),
        (&["scan", "--all-hosts", "--enterprise-project", &long], "enterprise_project_id takes 1 to 256 characters"),
        (&["scan", "--all-hosts", "--wait-timeout", "soon"], "90s, 30m"),
        (&["scan", "--all-hosts", "-o", "xml"], "possible values: table, json, jsonl"),
        (&["scan", "--all-hosts", "--endpoint", "https://user:geheim@host"], "user name or password"),
        (&["scan", "--host", " \u{a0}", "--emulator"], "is empty"),
        (&["scan", "--all-hosts", "--timeout", "0s"], "'--timeout <DURATION>': must be greater than 0s"),
        (&["status", "--connect-timeout", "0ms"], "'--connect-timeout <DURATION>': must be greater than 0s"),
        (&["emulator", "--listen", "nowhere"], "invalid socket address"),
        (&["emulator", "--listen", "0.0.0.0:0"], "is reachable from other machines"),
        (&["frobnicate"], "unrecognized subcommand"),
    ] {
        let run = hss(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {run:#?}");
        assert!(run.stderr.contains(part), "{args:?}: {run:#?}");
    }
}

#[test]
fn an_invalid_endpoint_or_token_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    for (endpoint, token, code, part) in [
        ("http://hss.cn-north-4.myhuaweicloud.com", "t", 2, "Use https. To allow plain HTTP, add --allow-http."),
        ("nonsense", "t", 2, "has no scheme"),
        ("http://127.0.0.1:9", "two words", 3, "the token contains a space"),
    ] {
        let mut command = command(&["scan", "--all-hosts", "--project-id", "p", "--endpoint", endpoint]);
        command.env("HW_AUTH_TOKEN", token);
        let run = run(command);
        assert_eq!(run.code, code, "{run:#?}");
        assert!(run.stderr.contains(part) && !run.stderr.contains("two words"), "{run:#?}");
    }
    for (file, part) in [(empty.to_str().unwrap(), "is empty"), ("/no/such/token", "the file does not exist")] {
        let run = hss(&[
            "scan",
            "--all-hosts",
            "--project-id",
            "p",
            "--endpoint",
            "http://127.0.0.1:9",
            "--token-file",
            file,
        ]);
        assert_eq!(run.code, 3, "{run:#?}");
        assert!(run.stderr.contains(file) && run.stderr.contains(part), "{run:#?}");
    }
}

#[test]
fn a_dry_run_validates_like_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, "not a certificate").unwrap();
    let no_pem = file.to_str().unwrap();
    for (args, part) in [
        (&["--endpoint", "ftp://x"][..], "is neither https nor http"),
        (&["--endpoint", "http://hss.example"], "add --allow-http"),
        (&["--endpoint", "https://127.0.0.1:9", "--ca-file", "/nope"], "cannot read CA file /nope"),
        (&["--endpoint", "https://127.0.0.1:9", "--ca-file", no_pem], "expected PEM text"),
        (&["--ca-file", "/nope"], "cannot read CA file /nope"),
    ] {
        let mut all = vec!["scan", "--all-hosts", "--dry-run", "--project-id", "p"];
        all.extend(args);
        let run = hss(&all);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {run:#?}");
        assert!(run.stderr.contains(part), "{args:?}: {run:#?}");
    }
    let plan = ["scan", "--all-hosts", "--dry-run", "--project-id", "p", "--region", "cn-north-4"];
    assert_eq!(hss(&plan).code, 0);
    let mut named = command(&plan);
    named.env("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", "ftp://x");
    let named = run(named);
    assert_eq!(named.code, 2, "{named:#?}");
    assert!(named.stderr.contains("is neither https nor http"), "{named:#?}");
}

#[test]
fn a_dry_run_asks_for_the_project_id_itself() {
    let run = hss(&["scan", "--all-hosts", "--dry-run", "--region", "cn-north-4"]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("--dry-run does not look it up. To fix this, pass --project-id ID"), "{run:#?}");
    assert!(!run.stderr.contains("region"), "{run:#?}");
}

#[test]
fn errors_do_not_repeat_the_query_of_an_endpoint() {
    for command in [&["status"][..], &["doctor"], &["scan", "--all-hosts"], &["scan", "--all-hosts", "--dry-run"]] {
        for flag in ["--endpoint", "--iam-endpoint"] {
            let mut all = command.to_vec();
            all.extend(["--project-id", "p", flag, "https://127.0.0.1:9/?token=geheim#geheim"]);
            let run = hss(&all);
            // The IAM endpoint is validated only where it is used.
            assert!(run.code != 0 || (flag == "--iam-endpoint" && command.contains(&"--dry-run")), "{run:#?}");
            assert!(!format!("{run:?}").contains("geheim"), "{run:#?}");
        }
    }
}

#[test]
fn whitespace_around_ids_of_flags_is_ignored() {
    let run = hss(&["scan", "--host", " a ", "a\u{a0}", "--emulator", "-o", "json"]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
    assert_eq!(run.json()["calls"][0]["ids"], serde_json::json!(["a"]));
}

#[cfg(unix)]
#[test]
fn an_endless_list_is_an_error() {
    for flag in ["--targets", "--hosts-from", "--groups-from"] {
        let run = hss(&["scan", flag, "/dev/zero", "--emulator"]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains("/dev/zero: line 1 is longer than"), "{run:#?}");
    }
}
