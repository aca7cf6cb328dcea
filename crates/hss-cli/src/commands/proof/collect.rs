//! `hss collect`: makes single servers collect their assets again.

use std::fs::File;

use huaweicloud_hss::verify::{CollectKind, CollectState, HostCollection};
use serde_json::{Value, json};

use crate::cli::{CollectArgs, OutputFormat, validate_id};
use crate::connect::{self, Connection};
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::render::{rows, unguarded};
use crate::targets::QueueSpec;

const COLUMNS: [&str; 4] = ["id", "kind", "result", "message"];

pub(crate) async fn run(args: CollectArgs) -> Result<ExitStatus, CliError> {
    let hosts = match &args.from_verify {
        Some(path) => {
            let cannot = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
            let file = File::open(path).map_err(|error| CliError::usage(cannot(&error)))?;
            unproved(file).map_err(|error| CliError::usage(cannot(&error)))?
        }
        None => args.host.clone(),
    };
    for host in &hosts {
        validate_id(host).map_err(|reason| CliError::usage(format!("the id {reason}; nothing was sent")))?;
    }
    if hosts.len() > args.max_hosts {
        return Err(CliError::usage(format!(
            "{} servers are more than {}; nothing was sent. Start a scan of them instead, which takes fewer calls, or allow more with \
             --max-hosts",
            hosts.len(),
            args.max_hosts
        )));
    }
    let service = &args.list.service;
    let connection: Connection =
        connect::connect(&[QueueSpec::default()], &args.queue, &service.connection, service.emulator).await?;
    let (client, queue) = connection.only_queue()?;
    let kinds = if args.kind.is_empty() { CollectKind::ALL.to_vec() } else { args.kind.clone() };
    let collections = hosts.iter().flat_map(|host| kinds.iter().map(|kind| (host.clone(), *kind))).collect();
    let mut run = client.collect_all(queue.clone(), collections, args.wait.then_some(args.wait_timeout));
    let (mut results, mut failed) = (Vec::new(), None);
    while let Some(HostCollection { host_id, kind, result, .. }) = run.next().await {
        let (name, message) = match result {
            Ok(collection) => (name(&collection.state).to_owned(), String::new()),
            Err(error) => {
                let message = error.to_string();
                failed = Some(CliError::from(error).exit_status());
                ("error".to_owned(), message)
            }
        };
        results.push([host_id, kind.to_string(), name, message]);
    }
    let expected = if args.wait { "scanned" } else { "ordered" };
    let all_done = results.iter().all(|[_, _, result, _]| result == expected);
    let all_failed = results.iter().all(|[_, _, result, _]| result == "error");
    print(results, args.list.output.format);
    Ok(match failed {
        Some(status) if all_failed => status,
        _ if all_done => ExitStatus::Ok,
        _ => ExitStatus::Partial,
    })
}

/// Returns the name of a state in results. A collection that is only ordered counts as running.
fn name(state: &CollectState) -> &str {
    match state {
        CollectState::Running => "ordered",
        CollectState::Scanned => "scanned",
        CollectState::Failed => "failed",
        CollectState::TimedOut => "timed_out",
        CollectState::Never => "never",
        CollectState::Other(text) => text,
        _ => "unknown",
    }
}

/// Returns the servers of a CSV result that are not proved to be scanned, each once.
fn unproved(file: File) -> Result<Vec<String>, String> {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let position = header.iter().position(|column| column == name);
        position.ok_or_else(|| format!("it has no column {name}; `hss verify -o csv` prints such a file"))
    };
    let (id, verdict) = (column("id")?, column("verdict")?);
    let mut hosts = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |column: usize| unguarded(record.get(column).unwrap_or_default()).to_owned();
        if !matches!(cell(verdict).as_str(), "scanned" | "not_covered") && !hosts.contains(&cell(id)) {
            hosts.push(cell(id));
        }
    }
    Ok(hosts)
}

fn print(results: Vec<[String; 4]>, format: OutputFormat) {
    let objects: Vec<Value> = results
        .iter()
        .map(|[id, kind, result, message]| json!({ "host_id": id, "kind": kind, "result": result, "message": message }))
        .collect();
    let json = || match format {
        OutputFormat::Jsonl => objects.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"),
        _ => Value::Array(objects.clone()).to_string(),
    };
    output::print(&rows(format, &COLUMNS, results.into_iter().map(Vec::from).collect(), json));
}
