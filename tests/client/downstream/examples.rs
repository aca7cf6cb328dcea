//! The examples of the client do what they show. `tests/docs` runs `scan`, which the README shows, and the examples of
//! testing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};
use integration_tests::binary::built;
use integration_tests::emulator::WEDNESDAY;
use integration_tests::tls_server::tls_server;
use tokio::runtime::Runtime;

/// An emulator that runs until it is dropped.
struct Server {
    emulator: Emulator,
    _runtime: Runtime,
}

impl Server {
    fn start(builder: EmulatorBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let emulator = runtime.block_on(builder.start()).unwrap();
        Self { emulator, _runtime: runtime }
    }

    /// Returns an example that calls this server with a token, for project `p`.
    fn example(&self, name: &str) -> Command {
        example(name, self.emulator.url())
    }
}

/// Returns an example with the environment that each of them reads, and nothing else.
fn example(name: &str, endpoint: &str) -> Command {
    let program = built(&format!("examples/{name}"), &format!("cargo build -p huaweicloud-hss --example {name}"));
    let mut command = Command::new(program);
    command.env_clear().env("HSS_ENDPOINT", endpoint).env("HW_AUTH_TOKEN", "example-token").env("HW_PROJECT_ID", "p");
    command
}

fn stdout(command: &mut Command) -> String {
    text(command.output().unwrap())
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn resolve_credentials() {
    let builder =
        Emulator::builder().with_access_key("EXAMPLEACCESSKEY0001", "example-secret").with_project("p-1", "cn-north-4");
    let server = Server::start(builder);
    let mut command = server.example("resolve_credentials");
    command.env_remove("HW_AUTH_TOKEN").env_remove("HW_PROJECT_ID").arg("cn-north-4");
    command.env("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001").env("HUAWEICLOUD_SDK_SK", "example-secret");
    assert_eq!(
        stdout(command.env("IAM_ENDPOINT", server.emulator.url())),
        "access key EXAM**** from environment variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK\nproject p-1\npending: false\n"
    );
}

#[test]
fn verify() {
    let builder = Emulator::builder().with_hosts(12).with_time_of_week(WEDNESDAY).with_scan_duration(Duration::ZERO);
    let server =
        Server::start(builder.with_faults("skip-hosts hosts=407bab87-377c-4251-956b-caf7403e5456".parse().unwrap()));
    assert_eq!(
        stdout(server.example("verify").env("WITHIN_SECONDS", "0")),
        "7 servers can be refreshed\nweb-0004: stale\n6 of them are proved to be scanned\n\
         407bab87-377c-4251-956b-caf7403e5456: collecting\n"
    );
}

#[test]
fn assets() {
    let server = Server::start(Emulator::builder().with_hosts(12));
    let found = stdout(server.example("assets").args(["log4j-core", "<2.17"]));
    assert!(
        found.ends_with(" of 12 servers\n") && found.contains("web-0002: log4j-core 2.14.1 in /opt/app/"),
        "{found}"
    );
}

#[test]
fn own_credential_source() {
    let server = Server::start(Emulator::builder().with_token("example-token"));
    let mut command = server.example("own_credential_source");
    command.env_remove("HW_AUTH_TOKEN").env("HSS_TOKEN_COMMAND", "echo example-token");
    assert_eq!(stdout(&mut command), "token from the command in HSS_TOKEN_COMMAND\npending: false\n");
    let failed = command.env("HSS_TOKEN_COMMAND", "false").output().unwrap();
    assert!(!failed.status.success(), "{failed:?}");
}

#[test]
fn fleet() {
    let server = Server::start(Emulator::builder().with_scan_duration(Duration::ZERO));
    let mut command = server.example("fleet");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"p,host-1\np,host-1\nq,host-2\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let progress = String::from_utf8(output.stderr.clone()).unwrap();
    // The queues run concurrently: either may finish first.
    assert!(progress.contains("project p: accepted; ") && progress.contains("project q: accepted; "), "{progress}");
    assert!(progress.ends_with("; calls left: 0\n"), "{progress}");
    assert_eq!(text(output), "2 accepted, 0 not sent, 2 in total\n");
}

/// The second call waits for the scan of the first, which takes an hour.
#[cfg(unix)]
#[test]
fn fleet_that_is_interrupted() {
    let server = Server::start(Emulator::builder().with_scan_duration(Duration::from_secs(3600)));
    let mut command = server.example("fleet");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ids: String = (0..401).map(|id| format!("p,host-{id}\n")).collect();
    child.stdin.take().unwrap().write_all(ids.as_bytes()).unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(progress.next().unwrap(), "project p: accepted; calls left: 2");
    assert_eq!(progress.next().unwrap(), "project p: waiting for the pending scan");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(progress.next().unwrap(), "stopping; press Ctrl-C again to stop at once");
    assert_eq!(progress.count(), 2, "the other two calls end");
    assert_eq!(text(child.wait_with_output().unwrap()), "200 accepted, 1 not sent, 401 in total\n");
}

#[test]
fn journal() {
    let server = Server::start(Emulator::builder().with_scan_duration(Duration::ZERO));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let run = || stdout(server.example("journal").arg(&path).args(["host-1", "host-2"]));
    assert_eq!(run(), "2 of 2 accepted\ntimes resumed: 0\n");
    assert_eq!(run(), "2 of 2 accepted\ntimes resumed: 1\n");
    assert_eq!(server.emulator.requests().len(), 1, "nothing is sent a second time");
}

#[test]
fn service() {
    let builder = Emulator::builder()
        .with_access_key("EXAMPLEACCESSKEY0001", "example-secret")
        .with_project("p-1", "cn-north-4")
        .with_hosts(20)
        .with_enterprise_project("ep-1", "shop", 10)
        .with_scan_duration(Duration::from_millis(1500));
    let server = Server::start(builder);
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = server.example("service");
        command.env_remove("HW_AUTH_TOKEN").env_remove("HW_PROJECT_ID").arg("cn-north-4");
        command.env("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001").env("HUAWEICLOUD_SDK_SK", "example-secret");
        command.env("IAM_ENDPOINT", server.emulator.url()).env("EPS_ENDPOINT", server.emulator.url());
        stdout(command.arg(folder.path().join("journal.jsonl")))
    };
    let report = run();
    let (hosts, totals) = report.trim_end().rsplit_once('\n').unwrap();
    let count = hosts.lines().count();
    assert!(hosts.lines().all(|line| line.ends_with(",accepted")), "{report}");
    assert!(count > 0 && hosts.lines().any(|line| line.starts_with("ep-1,")), "{report}");
    assert_eq!(totals, format!("{count} of {count} accepted"));
    let scans = || server.emulator.requests().iter().filter(|request| request.accepted.is_some()).count();
    let sent = scans();
    assert_eq!(run(), report);
    assert_eq!(scans(), sent, "nothing is left to scan");
}

#[test]
fn list_hosts() {
    let server = Server::start(Emulator::builder().with_hosts(300));
    let listed = stdout(&mut server.example("list_hosts"));
    assert!((201..300).contains(&listed.lines().count()), "more than one page, and not all are online: {listed}");
    assert!(listed.lines().all(|line| line.split(' ').count() == 2), "{listed}");
}

#[test]
fn raw_client() {
    let server = Server::start(Emulator::builder().with_hosts(300));
    let listed = stdout(server.example("raw_client").arg("web"));
    let (names, total) = listed.trim_end().rsplit_once('\n').unwrap();
    assert!(names.lines().count() == 10 && names.lines().all(|name| name.contains("web")), "{listed}");
    assert!(total.ends_with(" in total"), "{listed}");
}

#[test]
fn own_http_client() {
    let (ca, url) = tls_server();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, ca).unwrap();
    let mut command = example("own_http_client", &url);
    assert_eq!(stdout(command.env("CA_FILE", &ca_file).env("PROXY", proxy())), "pending: true\n");
}

/// A proxy that connects the first client to where it wants to go. Returns its URL.
fn proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        let request = String::from_utf8(request).unwrap();
        let target = request.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
        let mut server = TcpStream::connect(target).unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        let _ = std::io::copy(&mut client, &mut server);
    });
    url
}
