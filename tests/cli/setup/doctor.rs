//! `hss doctor` reports the step that fails, and sends credentials to nothing but the service.

use serde_json::{Value, json};

use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::{Action, RawServer};
use integration_tests::tls_server::tls_server;

fn doctor(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(&["doctor", "-o", "json"]);
    command.args(args).envs(variables.iter().copied());
    run(command)
}

/// The step that failed, and its detail.
fn failed(run: &Run) -> (String, String) {
    let steps = run.json();
    let mut failed = steps.as_array().unwrap().iter().filter(|step| step["verdict"] == json!("failed"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let step = failed.next().unwrap_or_else(|| panic!("{run:#?}"));
    assert!(failed.next().is_none(), "{run:#?}");
    (text(&step["step"]), text(&step["detail"]))
}

#[test]
fn a_server_that_is_not_the_service_gets_no_credentials() {
    let page = "<html>log in</html>";
    let own = r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#;
    for (answer, part) in [
        (Action::respond(302, "Location: http://127.0.0.1:9/\r\n", ""), "returned a redirect"),
        (Action::respond(200, "Content-Type: text/html\r\n", page), "is a web page"),
        (Action::respond(200, "", r#"{"status":"ok"}"#), "does not match the documentation"),
        (Action::respond(200, "", ""), "is empty"),
        (Action::respond(401, "", page), "has HTTP status 401 but no error code"),
        (Action::respond(403, "", ""), "has HTTP status 403 but no error code"),
        (Action::respond(404, "", page), "does not offer the requested API"),
        (Action::respond(404, "", own), "does not offer the requested API"),
        (Action::respond(407, "", ""), "the proxy requires authentication"),
        (Action::respond(500, "", ""), "the service failed"),
        (Action::respond(503, "Retry-After: 3600\r\n", ""), "is unavailable"),
    ] {
        let server = RawServer::start([answer]);
        let run = doctor(
            &["--endpoint", &server.url(), "--project-id", "p", "--timeout", "2s"],
            &[("HW_AUTH_TOKEN", "geheim-token")],
        );
        let (step, detail) = failed(&run);
        assert_eq!((step.as_str(), run.code), ("connection and TLS", 4), "{run:#?}");
        assert!(detail.contains(part), "{part}: {detail}");
        assert!(!format!("{:?}", server.requests()).contains("geheim"), "{part}: {:?}", server.requests());
    }
}

#[test]
fn a_refusal_by_the_service_counts_as_a_connection() {
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information"}"#;
    for (status, body) in [(401, refusal), (403, refusal), (200, r#"{"exist":false}"#)] {
        let server =
            RawServer::start([Action::respond(status, "", body), Action::respond(200, "", r#"{"exist":true}"#)]);
        let run = doctor(&["--endpoint", &server.url(), "--project-id", "p"], &[("HW_AUTH_TOKEN", "t")]);
        assert_eq!(run.code, 0, "{status}: {run:#?}");
    }
}

#[test]
fn a_missing_region_and_endpoint_fail_the_first_step() {
    let run = doctor(&[], &[("HW_AUTH_TOKEN", "t")]);
    let (step, detail) = failed(&run);
    assert_eq!((step.as_str(), run.code), ("region", 2), "{run:#?}");
    assert!(detail.starts_with("no region or endpoint given"), "{detail}");
    assert!(!run.stdout.contains("the endpoint is given"), "{run:#?}");
}

#[test]
fn an_untrusted_certificate_is_reported_with_the_flag_to_trust_it() {
    let (authority, url) = tls_server();
    let variables = [("HW_AUTH_TOKEN", "t"), ("HW_PROJECT_ID", "p")];
    let run = doctor(&["--endpoint", &url], &variables);
    let (step, detail) = failed(&run);
    assert_eq!((step.as_str(), run.code), ("connection and TLS", 4), "{run:#?}");
    assert!(detail.contains("certificate") && detail.contains("--ca-file"), "{detail}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority).unwrap();
    let run = doctor(&["--endpoint", &url, "--ca-file", file.to_str().unwrap()], &variables);
    assert_eq!(run.code, 0, "{run:#?}");
    let nowhere = format!("https://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let (_, detail) = failed(&doctor(&["--endpoint", &nowhere], &variables));
    assert!(!detail.contains("--ca-file"), "{detail}");
}

#[test]
fn each_mistake_is_reported_in_its_own_step() {
    let server = RawServer::start([Action::respond(200, "", r#"{"exist":false}"#)]);
    let url = server.url();
    let long_token = "t".repeat(40_000);
    let long_project = "p".repeat(257);
    let here = ["--endpoint", url.as_str()];
    let no_file = ["--endpoint", url.as_str(), "--ca-file", "/no/such/file"];
    let bad = ["--endpoint", "ftp://x"];
    let token = ("HW_AUTH_TOKEN", "t");
    for (args, variables, step, code, part) in [
        (&here[..], &[("HW_REGION_NAME", "CN NORTH"), token][..], "region", 2, "HW_REGION_NAME"),
        (&bad, &[token], "endpoint", 2, "is neither https nor http"),
        (&no_file, &[token], "connection and TLS", 2, "cannot read CA file /no/such/file"),
        (&here, &[("HSS_METADATA", "garbage")], "credentials", 2, "HSS_METADATA"),
        (
            &here,
            &[("HW_AUTH_TOKEN", &long_token)],
            "credentials",
            3,
            "X-Auth-Token takes 1 to 32768 characters, not 40000",
        ),
        (&here, &[("HUAWEICLOUD_SDK_PROJECT_ID", &long_project), token], "project", 2, "HUAWEICLOUD_SDK_PROJECT_ID"),
    ] {
        let run = doctor(args, variables);
        let (failed, detail) = failed(&run);
        assert_eq!((failed.as_str(), run.code), (step, code), "{run:#?}");
        assert!(detail.contains(part) && !detail.contains(&long_token), "{detail}");
    }
}

#[test]
fn the_limits_that_the_gateway_reports_are_printed() {
    let server = RawServer::start([
        Action::respond(401, "", r#"{"error_code":"APIGW.0301","error_msg":"no"}"#),
        Action::respond(
            200,
            "X-Apig-Ratelimit-Api: remain:9,limit:10,time:10 second\r\nX-Apig-RateLimit-user: remain:4,limit:5,time:1 minute\r\n",
            r#"{"exist":false}"#,
        ),
    ]);
    let run = doctor(&["--endpoint", &server.url(), "--project-id", "p"], &[("HW_AUTH_TOKEN", "t")]);
    assert!(run.stdout.contains("no scan is pending; limits on calls: api 10/10s, user 5/min"), "{run:#?}");
    assert!(server.requests()[1].to_ascii_lowercase().contains("x-apig-mode: debug"), "{:?}", server.requests());
}
