//! Sources of credentials that are skipped, empty, read again or validated, as the command reports them.

use std::fs;

use httpmock::MockServer;
use serde_json::json;

use integration_tests::hss::{Run, command, hss_with_input, run};

fn hss(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    run(command)
}

const KEY: [(&str, &str); 2] = [("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001"), ("HUAWEICLOUD_SDK_SK", "geheim-sk")];
const USER: [(&str, &str); 3] =
    [("HW_USER_NAME", "auditor"), ("HW_USER_PASSWORD", "geheim-password"), ("HW_DOMAIN_NAME", "company")];

/// Writes KooCLI's file into a home directory.
fn koocli(home: &std::path::Path, encrypt: bool) {
    fs::create_dir(home.join(".hcloud")).unwrap();
    let config = json!({"authEncrypt": encrypt.to_string(), "current": "default", "profiles": [{
        "name": "default", "mode": "AKSK", "accessKeyId": "EXAMPLEACCESSKEY0001", "secretAccessKey": "geheim-sk",
        "region": "cn-north-4", "projectId": "from-koocli"}]});
    fs::write(home.join(".hcloud/config.json"), config.to_string()).unwrap();
}

#[test]
fn a_file_that_cannot_be_read_is_skipped_with_a_note() {
    let home = tempfile::tempdir().unwrap();
    koocli(home.path(), true);
    let variables = [&USER[..], &[("HOME", home.path().to_str().unwrap()), ("HW_REGION_NAME", "cn-north-4")]].concat();
    let whoami = hss(&["auth", "whoami"], &variables);
    assert_eq!(whoami.code, 0, "{whoami:#?}");
    assert!(whoami.stdout.contains("IAM user and password"), "{whoami:#?}");
    assert!(
        whoami.stderr.contains("note: skipped KooCLI file") && whoami.stderr.contains("are encrypted"),
        "{whoami:#?}"
    );
    // Nothing is reported about a source that the user skips.
    let skipped = hss(&["auth", "whoami", "--skip-source", "koocli", "--skip-source", "sdk"], &variables);
    assert_eq!((skipped.code, skipped.stderr.as_str()), (0, ""), "{skipped:#?}");
    let unknown = hss(&["auth", "whoami", "--skip-source", "kocli"], &variables);
    assert_eq!(unknown.code, 2, "{unknown:#?}");
    assert!(unknown.stderr.contains("koocli"), "{unknown:#?}");
}

#[test]
fn doctor_reports_what_was_skipped() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method("GET").path("/v5/from-koocli/asset/assign-task");
        then.status(200).json_body(json!({"exist": false}));
    });
    server.mock(|when, then| {
        when.method("GET").path("/v5/0/asset/assign-task");
        then.status(401).json_body(json!({"error_code": "APIGW.0301", "error_msg": "none"}));
    });
    let home = tempfile::tempdir().unwrap();
    koocli(home.path(), false);
    fs::create_dir_all(home.path().join(".huaweicloud/credentials")).unwrap();
    let variables = [("HOME", home.path().to_str().unwrap()), ("HW_AUTH_TOKEN", "")];
    let run = hss(&["doctor", "--endpoint", &server.base_url(), "-o", "json"], &variables);
    let steps = run.json();
    let credentials = steps.as_array().unwrap().iter().find(|step| step["step"] == json!("credentials")).unwrap();
    let detail = credentials["detail"].as_str().unwrap();
    for part in ["skipped profile file", "it is a directory", "HW_AUTH_TOKEN is set but empty"] {
        assert!(run.code == 0 && detail.contains(part), "{run:#?}");
    }
}

#[test]
fn a_broken_source_can_be_skipped() {
    let variables = [&USER[..], &KEY[..1], &[("HW_REGION_NAME", "cn-north-4")]].concat();
    assert_eq!(hss(&["auth", "whoami"], &variables).code, 3);
    let run = hss(&["auth", "whoami", "--skip-source", "sdk"], &variables);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:#?}");
}

#[test]
fn an_empty_variable_counts_as_not_set_and_is_reported() {
    for name in ["HW_AUTH_TOKEN", "HW_PROJECT_ID", "HW_REGION_NAME", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HSS_METADATA"] {
        let run = hss(&["auth", "whoami"], &[&KEY[..], &[(name, "")]].concat());
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(run.stderr, format!("note: {name} is set but empty, so it is ignored\n"), "{run:#?}");
    }
}

#[test]
fn the_region_of_koocli_is_used() {
    let server = MockServer::start();
    let status = server.mock(|when, then| {
        when.method("GET").path("/v5/from-koocli/asset/assign-task").header_exists("Authorization");
        then.status(200).json_body(json!({"exist": false}));
    });
    let home = tempfile::tempdir().unwrap();
    koocli(home.path(), false);
    let url = server.base_url();
    let variables = [("HOME", home.path().to_str().unwrap()), ("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", url.as_str())];
    let run = hss(&["status"], &variables);
    assert_eq!(run.code, 0, "{run:#?}");
    status.assert_calls(1);
    // With other credentials, or another region, it is not.
    for more in [&KEY[..], &[("HW_REGION_NAME", "cn-south-1"), ("HUAWEICLOUD_SDK_REGION_HSS_CN_SOUTH_1", "ftp://x")]] {
        let run = hss(&["status"], &[&variables[..], more].concat());
        assert_eq!(run.code, 2, "{run:#?}");
    }
    status.assert_calls(1);
}

#[test]
fn a_token_can_come_from_standard_input() {
    let args = ["auth", "whoami", "--token-file", "-", "-o", "json"];
    let run = hss_with_input(&args, b"geheim-token\n");
    assert_eq!((run.code, &run.json()["source"]), (0, &json!("token on standard input")), "{run:#?}");
    let endless = hss_with_input(&args, &[b't'; 64 * 1024 + 1]);
    assert_eq!(endless.code, 3, "{endless:#?}");
    assert!(endless.stderr.contains("it is larger than 64 KiB"), "{endless:#?}");
    let both = hss_with_input(&["scan", "--hosts-from", "-", "--token-file", "-"], b"geheim-token\n");
    assert_eq!(both.code, 2, "{both:#?}");
    assert!(both.stderr.contains("cannot both come from standard input"), "{both:#?}");
}

#[test]
fn an_address_of_iam_is_taken_alike_from_flag_profile_and_variables() {
    let server = MockServer::start();
    let projects = server.mock(|when, then| {
        when.method("GET").path("/v3/projects");
        then.status(200).json_body(json!({"projects": [{"id": "p-7", "name": "cn-north-4"}]}));
    });
    let url = format!("{}/v3/", server.base_url());
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".huaweicloud")).unwrap();
    let profile = format!("[basic]\nak = EXAMPLEACCESSKEY0001\nsk = geheim-sk\niam_endpoint = {url}\n");
    fs::write(home.path().join(".huaweicloud/credentials"), profile).unwrap();
    let home = [("HOME", home.path().to_str().unwrap())];
    let list = ["projects", "list", "-o", "json"];
    for (args, variables) in [
        (&["--iam-endpoint", url.as_str()][..], &KEY[..]),
        (&[], &home),
        (&[], &[KEY[0], KEY[1], ("HW_AUTH_URL", &url)]),
        (&[], &[KEY[0], KEY[1], ("HUAWEICLOUD_SDK_IAM_ENDPOINT", &url)]),
    ] {
        let run = hss(&[&list[..], args].concat(), variables);
        assert_eq!(run.code, 0, "{run:#?}");
    }
    assert!(projects.calls() >= 4);
    let nowhere = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for (args, variables, part) in [
        (&["--iam-endpoint", nowhere.as_str()][..], &KEY[..], "--iam-endpoint"),
        (&[], &[KEY[0], KEY[1], ("HW_AUTH_URL", &nowhere)], "environment variable HW_AUTH_URL"),
        (&["--iam-endpoint", "ftp://x"], &KEY, "--iam-endpoint"),
    ] {
        let run = hss(&[&list[..], args, &["--timeout", "1s"]].concat(), variables);
        assert!(run.code != 0 && run.stderr.contains(part), "{part}: {run:#?}");
    }
}

#[test]
fn a_project_id_with_blanks_or_quotation_marks_is_refused() {
    for id in [" p ", "a b", "\"p\"", "'p'", "p\n"] {
        for (args, variables) in [
            (&["--project-id", id][..], &[("HW_AUTH_TOKEN", "t")][..]),
            (&[], &[("HW_AUTH_TOKEN", "t"), ("HW_PROJECT_ID", id)]),
            (&[], &[KEY[0], KEY[1], ("HUAWEICLOUD_SDK_PROJECT_ID", id)]),
        ] {
            let run = hss(&[&["status", "--endpoint", "http://127.0.0.1:9"], args].concat(), variables);
            assert_eq!(run.code, 2, "{id:?}: {run:#?}");
        }
    }
}
