//! Endpoints and credentials: every credential source, `hss auth whoami` and `hss doctor`.

use std::fs;

use httpmock::MockServer;
use huaweicloud_hss_emulator::Emulator;
use serde_json::json;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::{Action, RawServer};

/// Runs `hss` with these environment variables.
fn hss(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    run(command)
}

const KEY: [(&str, &str); 2] = [("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001"), ("HUAWEICLOUD_SDK_SK", "geheim-sk")];

/// Compares a text with its snapshot, without ports, ids and times.
fn golden(name: &str, text: &str) {
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"request id [0-9a-f]{32}", "request id …"),
        (r"by \d+ seconds?", "by N seconds"),
        (r"/[^ \n]*/home", "HOME"),
    ]}, { insta::assert_snapshot!(name, text) });
}

#[test]
fn whoami_prints_the_source_in_use_and_no_secrets() {
    let token = ("HW_AUTH_TOKEN", "geheim-token");
    let both = [token, KEY[0], KEY[1]];
    let temporary =
        [KEY[0], KEY[1], ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "geheim-st"), ("HUAWEICLOUD_SDK_PROJECT_ID", "p")];
    let mut text = String::new();
    for variables in [&[token][..], &KEY, &both, &temporary] {
        let run = hss(&["auth", "whoami"], variables);
        assert_eq!(run.code, 0, "{run:#?}");
        text += &format!("{}{}\n", run.stdout, run.stderr);
    }
    assert!(!text.contains("geheim"), "{text}");
    golden("whoami", &text);
    let json = hss(&["auth", "whoami", "-o", "json"], &both).json();
    assert_eq!(json["source"], json!("environment variable HW_AUTH_TOKEN"));
    assert_eq!(json["notes"].as_array().unwrap().len(), 1);
}

#[test]
fn without_credentials_the_error_lists_every_source() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    let run = hss(&["auth", "whoami"], &[("HOME", home.to_str().unwrap())]);
    assert_eq!(run.code, 3, "{run:#?}");
    golden("nobody", &run.stderr);
}

#[test]
fn an_invalid_credential_source_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    fs::write(home.join(".huaweicloud/credentials"), "[basic]\nak = A\nnot a valid line\n").unwrap();
    for (variables, part) in [
        (&[("HOME", home.to_str().unwrap())][..], "line 3"),
        (&KEY[..1], "HUAWEICLOUD_SDK_SK"),
        (&[("HW_USER_NAME", "me")], "HW_USER_PASSWORD is not set"),
    ] {
        let run = hss(&["auth", "whoami"], variables);
        assert_eq!(run.code, 3, "{run:#?}");
        assert!(run.stderr.contains(part), "{run:#?}");
    }
}

#[test]
fn a_profile_file_and_a_region_are_enough() {
    let server = MockServer::start();
    let scans = server.mock(|when, then| {
        when.method("POST")
            .path("/v5/from-profile/asset/assign-task")
            .header_exists("X-Sdk-Date")
            .header("X-Project-Id", "from-profile");
        then.status(200).json_body(json!({"error": "from-profile-0 processed 1 tasks successfully."}));
    });
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".huaweicloud")).unwrap();
    let profile = "[basic]\nak = EXAMPLEACCESSKEY0001\nsk = geheim-sk\nproject_id = from-profile\n";
    fs::write(folder.path().join(".huaweicloud/credentials"), profile).unwrap();
    let variables = [
        ("HOME", folder.path().to_str().unwrap()),
        ("HW_REGION_NAME", "cn-north-4"),
        ("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", &server.base_url()),
    ];
    let run = hss(&["scan", "--all-hosts", "-o", "json"], &variables);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
    assert!(run.stderr.contains("chmod 600"), "the note on insecure permissions is missing: {run:#?}");
    scans.assert_calls(1);
}

#[test]
fn the_project_is_looked_up_in_iam_by_the_name_of_the_region() {
    let server = MockServer::start();
    let projects = server.mock(|when, then| {
        when.method("GET").path("/v3/projects").query_param("name", "cn-north-4").header_exists("Authorization");
        then.status(200).json_body(json!({"projects": [{"id": "from-iam", "name": "cn-north-4"}]}));
    });
    let scans = server.mock(|when, then| {
        when.method("POST").path("/v5/from-iam/asset/assign-task");
        then.status(200).json_body(json!({"error": "from-iam-0 processed 1 tasks successfully."}));
    });
    let url = server.base_url();
    let args =
        ["scan", "--all-hosts", "-o", "json", "--region", "cn-north-4", "--endpoint", &url, "--iam-endpoint", &url];
    let run = hss(&args, &KEY);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
    projects.assert_calls(1);
    scans.assert_calls(1);
}

#[test]
fn a_password_provides_the_token_and_the_project() {
    let server = MockServer::start();
    let tokens = server.mock(|when, then| {
        when.method("POST").path("/v3/auth/tokens");
        then.status(201)
            .header("X-Subject-Token", "geheim-token")
            .json_body(json!({"token": {"expires_at": "2999-01-01T00:00:00Z", "project": {"id": "from-token"}}}));
    });
    server.mock(|when, then| {
        when.method("POST").path("/v5/from-token/asset/assign-task").header("X-Auth-Token", "geheim-token");
        then.status(200).json_body(json!({"error": "from-token-0 processed 1 tasks successfully."}));
    });
    let url = server.base_url();
    let auth_url = format!("{url}/v3");
    let variables = [
        ("HW_USER_NAME", "auditor"),
        ("HW_USER_PASSWORD", "geheim-password"),
        ("HW_DOMAIN_NAME", "company"),
        ("HW_AUTH_URL", &auth_url),
    ];
    let run = hss(&["scan", "--all-hosts", "-o", "json", "--region", "cn-north-4", "--endpoint", &url], &variables);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
    assert!(!format!("{run:?}").contains("geheim"), "{run:#?}");
    tokens.assert_calls(1);
}

#[test]
fn doctor_passes_or_reports_the_first_step_that_fails() {
    let strict = || Emulator::builder().with_token("geheim-token");
    with_emulator(strict, |emulator| {
        let doctor = |args: &[&str], variables: &[(&str, &str)]| {
            let mut all = vec!["doctor"];
            all.extend(args);
            hss(&all, variables)
        };
        let good = ("HW_AUTH_TOKEN", "geheim-token");
        let bad = ("HW_AUTH_TOKEN", "geheim-falsch");
        let here = ["--endpoint", emulator.url(), "--project-id", "p"];
        let nowhere = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        let mut text = String::new();
        for (args, variables, code) in [
            (&here[..], &[good][..], 0),
            (&here, &[bad], 3),
            (&here, &[("HUAWEICLOUD_SDK_AK", "only-half")], 3),
            (&here[..2], &[good], 2),
            (&["--endpoint", &nowhere, "--project-id", "p"], &[good], 4),
            (&["--endpoint", "http://example.com"], &[good], 2),
            (&[], &[good], 2),
        ] {
            let run = doctor(args, variables);
            assert_eq!(run.code, code, "{run:#?}");
            text += &format!("{}{}\n", run.stdout, run.stderr);
        }
        assert!(!text.contains("geheim"), "{text}");
        golden("doctor", &text);
    });
}

#[test]
fn an_invalid_ca_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, "not a certificate").unwrap();
    for (path, part) in [(file.to_str().unwrap(), "expected PEM text"), ("/no/such/file", "cannot read CA file")] {
        let args = ["scan", "--all-hosts", "--project-id", "p", "--endpoint", "https://127.0.0.1:9", "--ca-file", path];
        let run = hss(&args, &[("HW_AUTH_TOKEN", "t")]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(part), "{run:#?}");
    }
}

#[test]
fn verbose_logs_each_attempt_to_standard_error() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method("GET");
        then.status(503).header("X-Request-Id", "req-1");
    });
    let url = server.base_url();
    let args = ["-v", "status", "--endpoint", &url, "--project-id", "p", "--timeout", "2s"];
    let run = hss(&args, &[("HW_AUTH_TOKEN", "geheim-token")]);
    assert_eq!(run.code, 4, "{run:#?}");
    assert!(run.stderr.matches("retrying after a delay").count() >= 2, "{run:#?}");
    assert!(
        run.stderr.contains("request_id=\"req-1\"") && run.stderr.contains("http.response.status_code=503"),
        "{run:#?}"
    );
    assert!(!run.stderr.contains("geheim"), "{run:#?}");
}

#[test]
fn a_proxy_from_the_environment_is_used_except_for_loopback() {
    let proxy = RawServer::start([Action::respond(200, "", r#"{"exist":false}"#)]);
    let url = proxy.url();
    let variables =
        [("HTTP_PROXY", url.as_str()), ("http_proxy", &url), ("HW_AUTH_TOKEN", "t"), ("HW_PROJECT_ID", "p")];
    // A name that does not resolve: only a proxy can respond.
    let run = hss(&["status", "--endpoint", "http://hss.invalid", "--allow-http"], &variables);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(
        proxy.requests()[0].starts_with("GET http://hss.invalid/v5/p/asset/assign-task?"),
        "{:?}",
        proxy.requests()
    );
    with_emulator(Emulator::builder, |emulator| {
        assert_eq!(hss(&["status", "--endpoint", emulator.url()], &variables).code, 0);
    });
    assert_eq!(proxy.requests().len(), 1);
}
