//! Lists whose pages contradict each other: every list is complete, or an error.

use std::io::pipe;

use serde_json::{Value, json};

use integration_tests::hss::{Run, command, run, scan};
use integration_tests::raw_server::{Action, RawServer};

/// A page of servers `from` to `to` of a list that claims to have `total`.
fn servers(from: u32, to: u32, total: u32) -> Action {
    let rows: Vec<Value> =
        (from..to).map(|n| json!({"host_id": format!("h{n}"), "host_name": "web", "agent_status": "online"})).collect();
    Action::respond(200, "", &json!({"total_num": total, "data_list": rows}).to_string())
}

/// A service that sends these pages, and the last one again and again.
fn service(pages: &[Action]) -> RawServer {
    RawServer::start(pages)
}

fn list(server: &RawServer, args: &[&str]) -> Run {
    let mut command = command(args);
    command.args(["--iam-endpoint", &server.url()]).env("HW_AUTH_TOKEN", "t");
    if args[0] == "enterprise-projects" {
        command.args(["--eps-endpoint", &server.url()]);
    } else if args[0] != "projects" {
        command.args(["--endpoint", &server.url(), "--project-id", "p"]);
    }
    run(command)
}

#[test]
fn an_incomplete_list_of_servers_is_printed_and_is_an_error() {
    let null = Action::respond(200, "", r#"{"total_num":450,"data_list":null}"#);
    for (name, pages, rows, part) in [
        ("empty page", vec![servers(0, 200, 450), servers(0, 0, 450)], 200, "received 200 of 450 servers"),
        ("null page", vec![servers(0, 200, 450), null], 200, "received 200 of 450 servers"),
        ("same page", vec![servers(0, 200, 450)], 200, "received 200 of 450 servers"),
        ("total 0", vec![servers(0, 200, 0)], 200, "received 200 servers, but the service reports 0"),
        (
            "shrinking",
            vec![servers(0, 200, 450), servers(200, 400, 400), servers(0, 0, 400)],
            400,
            "400 of 450 servers",
        ),
        ("a web page", vec![servers(0, 200, 450), Action::respond(200, "", "<html>")], 200, "a web page"),
    ] {
        for format in ["json", "jsonl", "csv", "table"] {
            let listed = list(&service(&pages), &["hosts", "list", "-o", format]);
            assert_eq!(listed.code, 1, "{name}: {listed:#?}");
            assert!(listed.stderr.contains(part), "{name}: {}", listed.stderr);
            let printed = match format {
                "json" => listed.json().as_array().unwrap().len(),
                "jsonl" => listed.stdout.lines().count(),
                _ => listed.stdout.lines().count() - 1,
            };
            assert_eq!(printed, rows, "{name}, {format}");
        }
    }
}

#[test]
fn no_scan_is_sent_for_an_incomplete_list() {
    for args in [&["--host-name", "web"][..], &["--host", "h1", "--only-online"], &["--group-name", "web"]] {
        let server = service(&[servers(0, 200, 450), servers(0, 0, 450)]);
        let run = scan(&server.url(), args);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:#?}");
        assert!(run.stderr.contains("the list is incomplete: received 200 of 450 "), "{run:#?}");
        assert!(server.requests().iter().all(|request| request.starts_with("GET ")));
    }
}

#[test]
fn the_lists_of_projects_are_complete_or_errors() {
    let projects = |key: &str, ids: std::ops::Range<u32>, total: Option<u32>| {
        let rows: Vec<Value> = ids.map(|id| json!({"id": format!("p{id}")})).collect();
        let mut body = json!({ key: rows });
        if let Some(total) = total {
            body["total_count"] = json!(total);
        } else {
            body["links"] = json!({ "next": null });
        }
        Action::respond(200, "", &body.to_string())
    };
    let enterprise = |ids, total| projects("enterprise_projects", ids, Some(total));
    for (command, pages, rows, problem) in [
        ("enterprise-projects", vec![enterprise(0..3, 3)], 3, None),
        (
            "enterprise-projects",
            vec![enterprise(0..3, 5), enterprise(0..0, 5)],
            3,
            Some("received 3 of 5 enterprise projects"),
        ),
        ("projects", vec![projects("projects", 0..3, None)], 3, None),
        ("projects", vec![projects("projects", 0..5000, None), projects("projects", 5000..5001, None)], 5001, None),
        (
            "projects",
            vec![projects("projects", 0..5000, None), projects("projects", 1..5, None)],
            5000,
            Some("received 5000 projects, some of them several times"),
        ),
    ] {
        let listed = list(&service(&pages), &[command, "list", "-o", "json"]);
        assert_eq!(listed.json().as_array().unwrap().len(), rows, "{command}");
        assert_eq!(listed.code, i32::from(problem.is_some()), "{command}: {}", listed.stderr);
        assert!(problem.is_none_or(|part| listed.stderr.contains(part)), "{command}: {}", listed.stderr);
    }
}

#[test]
fn a_service_that_ignores_the_filter_leaves_no_server_out() {
    let server =
        service(&[servers(0, 3, 3), Action::respond(200, "", r#"{"error":"p-0 processed 3 tasks successfully."}"#)]);
    let run = scan(&server.url(), &["--host", "h0", "h1", "h2", "--only-online"]);
    assert_eq!((run.code, run.totals().as_str(), &run.json()["left_out"]), (0, "accepted 3", &json!(0)), "{run:#?}");
}

#[test]
fn no_further_page_is_fetched_when_nobody_reads_the_output() {
    for format in ["table", "csv", "json", "jsonl"] {
        let server = service(&[servers(0, 200, 5000)]);
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = command(&["hosts", "list", "-o", format, "--endpoint", &server.url(), "--project-id", "p"]);
        let output = command.env("HW_AUTH_TOKEN", "t").stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
        assert_eq!(server.connections(), 1, "{format}");
    }
}

#[test]
fn a_name_cannot_drive_the_terminal_or_forge_a_message() {
    let row = json!({"host_id": "h1", "host_name": "a\u{1b}[2J\u{202e}\nerror: forged", "agent_status": "online"});
    let page = Action::respond(200, "", &json!({"total_num": 1, "data_list": [row]}).to_string());
    let server = service(&[page.clone(), page, Action::respond(400, "", "")]);
    let run = list(&server, &["scan", "--host-name", "*"]);
    let message = "--host-name \"*\" matches 1 of 1 servers (a\\u{1b}[2J\\u{202e}\\nerror: forged)\n";
    assert!(run.stderr.starts_with(message), "{run:#?}");
}
