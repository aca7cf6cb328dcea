//! Proxies, certificates and connections: each failure names its cause and what removes it.

use std::path::PathBuf;

use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::{Action, RawServer};
use integration_tests::tls_server::rcgen::{BasicConstraints, IsCa, date_time_ymd};
use integration_tests::tls_server::{tls_server, tls_server_with};

const TOKEN: (&str, &str) = ("HW_AUTH_TOKEN", "t");

fn hss(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    run(command)
}

fn status(endpoint: &str, more: &[&str], variables: &[(&str, &str)]) -> Run {
    hss(&[&["status", "--endpoint", endpoint, "--project-id", "p"], more].concat(), variables)
}

#[test]
fn a_proxy_that_refuses_a_tunnel_is_named_with_its_status_and_not_asked_again() {
    for (code, connections, part) in [
        // The second connection asks for the status.
        (403, 2, "the proxy refused the connection with HTTP status 403. The proxy is"),
        (407, 1, "the proxy requires authentication. The proxy is"),
    ] {
        let server = RawServer::start([Action::respond(code, "", "")]);
        let proxy = server.url().replace("http://", "http://user:geh%40eim@");
        let run = status("https://hss.invalid", &[], &[TOKEN, ("HTTPS_PROXY", &proxy)]);
        assert_eq!(run.code, 4, "{run:#?}");
        assert!(run.stderr.contains(part), "{run:#?}");
        assert!(run.stderr.contains(&format!("{} (environment variable HTTPS_PROXY)", server.url())), "{run:#?}");
        assert!(!run.stderr.contains("eim"), "{run:#?}");
        assert_eq!(server.connections(), connections, "{code}");
        let requests = server.requests();
        let expected = "CONNECT hss.invalid:443 HTTP/1.1";
        assert!(requests.iter().all(|request| request.starts_with(expected)), "{requests:?}");
        let password = "dXNlcjpnZWhAZWlt";
        assert!(requests.iter().all(|request| request.contains(password)), "{requests:?}");
    }
}

#[test]
fn an_excluded_endpoint_is_not_called_through_the_proxy() {
    let server = RawServer::start([Action::respond(403, "", "")]);
    for list in ["*", "*.invalid", "hss.invalid:443", "a b;hss.invalid"] {
        let run = status(
            "https://hss.invalid",
            &["--timeout", "1s"],
            &[TOKEN, ("HTTPS_PROXY", &server.url()), ("NO_PROXY", list)],
        );
        assert_eq!(run.code, 4, "{run:#?}");
        assert!(!run.stderr.contains("proxy is"), "{run:#?}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_at_once() {
    for (proxy, part) in [
        ("socks5://127.0.0.1:1", "names a SOCKS proxy, which is not supported"),
        ("http://user:ge#heim@127.0.0.1:1", "must be percent-encoded"),
    ] {
        let run = status("https://hss.invalid", &[], &[TOKEN, ("HTTPS_PROXY", proxy)]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(part) && !run.stderr.contains("heim"), "{run:#?}");
    }
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_file_of_ca_certificates_may_have_a_byte_order_mark_and_a_damaged_certificate_is_named() {
    let (authority, url) = tls_server();
    let folder = tempfile::tempdir().unwrap();
    let marked = written(&folder, "marked.pem", &format!("\u{feff}{authority}"));
    let run = status(&url, &["--ca-file", &marked], &[TOKEN]);
    assert_eq!(run.code, 0, "{run:#?}");
    let broken_body = authority.replacen("MII", "AAA", 1);
    let broken_base64 = authority.replacen("MII", "M!I", 1);
    for broken in [broken_body, broken_base64] {
        let bundle = written(&folder, "bundle.pem", &format!("{authority}{broken}"));
        let run = status(&url, &["--ca-file", &bundle], &[TOKEN]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains("certificate 2 is damaged"), "{run:#?}");
    }
}

#[test]
fn a_variable_that_replaces_the_ca_certificates_is_named_if_there_are_none() {
    let (_, url) = tls_server();
    let run = status(&url, &[], &[TOKEN, ("SSL_CERT_FILE", "/no/such/file")]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("environment variable SSL_CERT_FILE names /no/such/file: No such file"), "{run:#?}");
}

#[test]
fn a_certificate_that_is_not_accepted_is_explained_and_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, url) = tls_server_with(|certificate| {
        certificate.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let file = written(&folder, "ca.pem", &authority);
    let run = status(&url, &["--ca-file", &file], &[TOKEN]);
    assert_eq!(run.code, 4, "{run:#?}");
    assert!(run.stderr.contains("basicConstraints CA:FALSE") && !run.stderr.contains("--ca-file"), "{run:#?}");
    let (authority, url) = tls_server_with(|certificate| certificate.not_after = date_time_ymd(2001, 1, 1));
    let file = written(&folder, "expired.pem", &authority);
    let run = status(&url, &["--ca-file", &file], &[TOKEN]);
    assert!(run.stderr.contains("it was valid until Mon, 01 Jan 2001"), "{run:#?}");
    assert!(run.stderr.contains("Set the clock if it is wrong"), "{run:#?}");
}

#[test]
fn the_doctor_blames_the_clock_for_a_certificate_that_is_not_valid_yet() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, url) = tls_server_with(|certificate| certificate.not_before = date_time_ymd(2090, 1, 1));
    let file = written(&folder, "ca.pem", &authority);
    let args = ["doctor", "-o", "json", "--endpoint", &url, "--project-id", "p", "--ca-file", &file];
    let run = hss(&args, &[TOKEN]);
    let steps = run.json();
    let clock = steps.as_array().unwrap().iter().find(|step| step["step"] == "clock").unwrap();
    assert_eq!(clock["verdict"], "failed", "{run:#?}");
    let detail = clock["detail"].as_str().unwrap();
    assert!(detail.contains("valid from Sun, 01 Jan 2090") && detail.ends_with("Set the clock."), "{detail}");
}

#[test]
fn the_doctor_names_the_proxy() {
    let server = RawServer::start([Action::respond(200, "", r#"{"exist":true}"#)]);
    let args = ["doctor", "--endpoint", "http://hss.invalid", "--allow-http", "--project-id", "p"];
    let run = hss(&args, &[TOKEN, ("http_proxy", &server.url())]);
    assert_eq!(run.code, 0, "{run:#?}");
    let expected = format!("responds through the proxy {} (environment variable http_proxy)", server.url());
    assert!(run.stdout.contains(&expected), "{run:#?}");
}

#[test]
fn a_misspelt_region_is_noted_in_a_dry_run_too() {
    let args = ["scan", "--all-hosts", "--dry-run", "--project-id", "p", "--region", "cn-nord-4"];
    let run = hss(&args, &[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(run.stderr.matches("note: region cn-nord-4 is not known").count(), 1, "{run:#?}");
}
