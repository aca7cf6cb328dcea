//! `hss hosts`, `groups`, `projects` and `enterprise-projects` with all pages, filters and formats; and scans by name.

use std::time::Duration;

use huaweicloud_hss_emulator::{AgentStatus, Emulator};
use serde_json::{Value, json};

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, hss, run};
use integration_tests::raw_server::{Action, RawServer};

/// Runs a command against an emulator, for project `p` and with a token.
fn against(emulator: &Emulator, args: &[&str]) -> Run {
    let mut command = command(args);
    command.args(["--endpoint", emulator.url()]).env("HW_AUTH_TOKEN", "t").env("HW_PROJECT_ID", "p");
    run(command)
}

fn large() -> huaweicloud_hss_emulator::EmulatorBuilder {
    Emulator::builder().with_hosts(450).with_scan_duration(Duration::ZERO)
}

fn names(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|thing| thing[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn all_pages_of_servers_are_listed() {
    with_emulator(large, |emulator| {
        let listed = against(emulator, &["hosts", "list", "-o", "json"]);
        assert_eq!(listed.code, 0, "{listed:#?}");
        let ids: Vec<&str> = emulator.inventory().hosts().iter().map(|host| host.id()).collect();
        assert_eq!(names(&listed.json(), "host_id"), ids);
        let pages: Vec<String> = emulator.requests().into_iter().map(|call| call.query.unwrap()).collect();
        assert_eq!(pages, ["limit=200&offset=0", "limit=200&offset=200", "limit=200&offset=400"]);
        // The other formats have the same servers.
        let lines = against(emulator, &["hosts", "list", "-o", "jsonl"]).stdout;
        let from_lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::Array(from_lines), listed.json());
        let csv = against(emulator, &["hosts", "list", "-o", "csv"]).stdout;
        let first_cells: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(first_cells, ids);
        assert_eq!(against(emulator, &["hosts", "list"]).stdout.lines().count(), 451);
    });
}

#[test]
fn filters_are_sent_to_the_service_and_patterns_are_matched_locally() {
    with_emulator(large, |emulator| {
        let offline =
            against(emulator, &["hosts", "list", "--agent-status", "offline", "--name", "web-*", "-o", "json"]);
        let expected: Vec<&str> = emulator
            .inventory()
            .hosts()
            .iter()
            .filter(|host| host.agent_status() == AgentStatus::Offline && host.name().starts_with("web-"))
            .map(|host| host.id())
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(names(&offline.json(), "host_id"), expected);
        assert!(emulator.requests()[0].query.as_deref().unwrap().contains("agent_status=offline"));
        let none = against(emulator, &["hosts", "list", "--name", "nothing*"]);
        assert_eq!((none.code, none.stdout.lines().count()), (0, 1), "{none:#?}");
        let wrong = against(emulator, &["hosts", "list", "--os-type", "Plan9"]);
        assert_eq!(wrong.code, 2);
        assert!(wrong.stderr.contains("[possible values: Linux, Windows]"), "{wrong:#?}");
        let pattern = against(emulator, &["hosts", "list", "--name", "a[b"]);
        assert_eq!(pattern.code, 2);
        assert!(pattern.stderr.contains("not a valid pattern"), "{pattern:#?}");
    });
}

#[test]
fn groups_and_projects_are_listed() {
    insta::assert_snapshot!("groups", hss(&["groups", "list", "--name", "web-*", "--emulator"]).stdout);
    insta::assert_snapshot!("projects", hss(&["projects", "list", "--emulator"]).stdout);
    insta::assert_snapshot!("enterprise_projects", hss(&["enterprise-projects", "list", "--emulator"]).stdout);
    let empty = hss(&["groups", "list", "--name", "x*", "--emulator", "-o", "json"]);
    assert_eq!(empty.stdout, "[]\n");
    let empty = hss(&["groups", "list", "--name", "x*", "--emulator", "-o", "csv"]);
    assert_eq!(empty.stdout, "id,name,servers,with risks,unprotected\n");
}

#[test]
fn a_signed_request_for_enterprise_projects_names_the_account() {
    let keyed = || Emulator::builder().with_access_key("AKEXAMPLE", "secret-example");
    with_emulator(keyed, |emulator| {
        let ask = |args: &[&str], domain: Option<&str>| {
            let mut command = command(&["enterprise-projects", "list", "-o", "json"]);
            command.args(["--eps-endpoint", emulator.url(), "--iam-endpoint", emulator.url()]).args(args);
            command.env("HUAWEICLOUD_SDK_AK", "AKEXAMPLE").env("HUAWEICLOUD_SDK_SK", "secret-example");
            if let Some(domain) = domain {
                command.env("HUAWEICLOUD_SDK_DOMAIN_ID", domain);
            }
            run(command)
        };
        let paths = || emulator.requests().into_iter().map(|call| call.path).collect::<Vec<_>>();
        // If no account id is given, it is that of the projects.
        let asked = ask(&[], None);
        assert_eq!((asked.code, names(&asked.json(), "id")[0].as_str()), (0, "0"), "{asked:#?}");
        assert_eq!(paths(), ["/v3/projects", "/v1.0/enterprise-projects"]);
        for (args, domain) in [(&["--domain-id", "d"][..], None), (&[], Some("d"))] {
            assert_eq!(ask(args, domain).code, 0);
        }
        assert_eq!(paths().len(), 4, "an account id that is given is not looked up");
    });
    let without_credentials = hss(&["enterprise-projects", "list"]);
    assert_eq!(without_credentials.code, 3, "{without_credentials:#?}");
}

#[test]
fn an_invalid_list_is_an_error() {
    for (body, part) in [
        ("{}", "it has no `total_num`"),
        ("[]", "does not match the documentation"),
        ("{\"total_num\":\"many\"}", "does not match the documentation"),
        ("<html>", "a web page"),
    ] {
        let server = RawServer::start([Action::respond(200, "", body)]);
        let mut command = command(&["hosts", "list", "--project-id", "p", "--endpoint", &server.url()]);
        command.env("HW_AUTH_TOKEN", "t");
        let listed = run(command);
        assert_eq!(listed.code, 1, "{listed:#?}");
        assert!(listed.stderr.contains(part), "{body}: {listed:#?}");
    }
    // A refusal can have HTTP status 200 here too.
    let server = RawServer::start([Action::respond(200, "", "{\"error_code\":\"HSS.0013\"}")]);
    let mut refused = command(&["hosts", "list", "--project-id", "p", "--endpoint", &server.url()]);
    refused.env("HW_AUTH_TOKEN", "t");
    let refused = run(refused);
    assert_eq!(refused.code, 3, "{refused:#?}");
    assert!(refused.stderr.contains("HSS.0013 (no permission)"), "{refused:#?}");
    // The service may send an empty list as null.
    let server = RawServer::start([Action::respond(200, "", "{\"total_num\":0,\"data_list\":null}")]);
    let mut command = command(&["groups", "list", "--project-id", "p", "-o", "json", "--endpoint", &server.url()]);
    command.env("HW_AUTH_TOKEN", "t");
    assert_eq!(run(command).stdout, "[]\n");
}

#[test]
fn names_are_resolved_to_ids_and_the_matches_are_printed() {
    with_emulator(large, |emulator| {
        let scan = against(emulator, &["scan", "-o", "json", "--host-name", "web-00[12]?", "db-*", "web-0015"]);
        assert_eq!(scan.code, 0, "{scan:#?}");
        let expected: Vec<&str> = emulator
            .inventory()
            .hosts()
            .iter()
            .filter(|host| ["web-001", "web-002", "db-"].iter().any(|head| host.name().starts_with(head)))
            .map(|host| host.id())
            .collect();
        let taken: Vec<String> = emulator
            .requests()
            .into_iter()
            .filter_map(|call| call.accepted)
            .flat_map(|accepted| accepted.ids)
            .collect();
        assert_eq!(taken, expected);
        assert!(
            scan.stderr.contains("--host-name \"web-00[12]?\" matches 20 of 450 servers (web-0010, "),
            "{}",
            scan.stderr
        );
        assert!(
            scan.stderr.contains("--host-name \"web-0015\" matches 1 of 450 servers (web-0015)"),
            "{}",
            scan.stderr
        );
    });
    with_emulator(large, |emulator| {
        let scan = against(emulator, &["scan", "-o", "json", "--group-name", "app-*"]);
        assert_eq!(scan.json()["calls"][0]["selector"], json!("server_group"), "{scan:#?}");
        let groups = emulator.inventory().groups().iter().filter(|group| group.name().starts_with("app-")).count();
        assert_eq!(scan.totals(), format!("accepted {groups}"));
    });
}

#[test]
fn a_pattern_without_matches_is_an_error_and_nothing_is_sent() {
    with_emulator(large, |emulator| {
        let scan = against(emulator, &["scan", "--host-name", "web-*", "webb-*"]);
        assert_eq!((scan.code, scan.stdout.as_str()), (2, ""), "{scan:#?}");
        assert!(
            scan.stderr.contains("--host-name \"webb-*\" matches none of the 450 servers in project p"),
            "{scan:#?}"
        );
        assert!(emulator.requests().iter().all(|call| call.method == "GET"));
    });
}

#[test]
fn servers_whose_agent_is_not_online_are_skipped_and_counted() {
    with_emulator(large, |emulator| {
        let hosts = emulator.inventory().hosts();
        let offline = hosts.iter().filter(|host| host.agent_status() != AgentStatus::Online).count();
        assert!(offline > 0);
        // An id that the service does not list is kept.
        let mut list: String = hosts.iter().map(|host| format!("{}\n", host.id())).collect();
        list += "unlisted\n";
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), list).unwrap();
        let path = file.path().to_str().unwrap();
        let plan = against(emulator, &["scan", "--hosts-from", path, "--only-online", "--dry-run", "-o", "json"]);
        assert!(emulator.requests().iter().all(|call| call.method == "GET"));
        let scan = against(emulator, &["scan", "--hosts-from", path, "--only-online", "-o", "json"]);
        assert_eq!(scan.code, 0, "{scan:#?}");
        for run in [&plan, &scan] {
            assert_eq!(run.json()["left_out"], json!(offline));
            let totals = run.json()["totals"].as_object().unwrap().clone();
            let sum: u64 = totals.values().map(|count| count.as_u64().unwrap()).sum();
            assert_eq!(sum as usize + offline, hosts.len() + 1);
        }
        let table = against(emulator, &["scan", "--hosts-from", path, "--only-online"]).stdout;
        assert!(table.contains(&format!("; skipped because their agent is not online: {offline}")), "{table}");
        let targets = against(emulator, &["scan", "--targets", "-", "--only-online"]);
        assert_eq!(targets.code, 2, "{targets:#?}");
        for selector in [&["--all-hosts"][..], &["--group", "g"], &["--group-name", "g*"]] {
            let refused = against(emulator, &[&["scan", "--only-online"], selector].concat());
            assert_eq!(refused.code, 2, "{refused:#?}");
        }
    });
}
