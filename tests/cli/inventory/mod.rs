//! `hss assets` and `hss sbom`: what the last collections found.

mod diff;
mod list;
mod sbom;

use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::{Action, RawServer};
use serde_json::{Value, json};

/// A service whose lists have these rows; a list that is not named here is empty. Each row of a statistic has a name.
fn service(lists: Vec<(&'static str, Vec<Value>)>) -> RawServer {
    RawServer::responding(move |request| {
        let target = request.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let number = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)?.parse::<usize>().ok());
        let rows = lists.iter().find(|(list, _)| path == format!("/v5/p/{list}")).map_or(&[][..], |(_, rows)| rows);
        let (offset, limit) = (number("offset=").unwrap_or(0), number("limit=").unwrap_or(10));
        let page: Vec<_> = rows.iter().skip(offset).take(limit).collect();
        Action::respond(200, "", &json!({ "total_num": rows.len(), "data_list": page }).to_string())
    })
}

/// Runs a command with a service.
fn run_with(server: &RawServer, args: &[&str]) -> Run {
    let mut command = command(args);
    command.args(["--endpoint", &server.url(), "--project-id", "p"]).env("HW_AUTH_TOKEN", "t");
    run(command)
}
