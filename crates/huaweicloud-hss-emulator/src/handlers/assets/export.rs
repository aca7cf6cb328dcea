//! Exports the assets of a kind to a CSV file.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::handlers::state::{HandlerOutput, HandlerState};
use crate::model::assets::kind::AssetKind;
use crate::model::exports::{Export, ExportedFile};
use crate::spec::validate::ValidatedRequest;

use super::lists::{query, rows};

/// A larger export fails, because the file is generated in memory.
const MAX_ROWS: u64 = 500_000;

/// How many rows are generated at once.
const PART_ROWS: usize = 1000;

/// Starts an export, which takes as long as a scan.
pub(super) fn create(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let body = request.body.as_ref().unwrap_or(&Value::Null);
    let kind = AssetKind::named(request.text("asset_type"))
        .ok_or_else(|| ErrorResponse::invalid_parameter("the emulator does not know the asset_type"))?;
    let parameters: BTreeMap<String, Value> = match body["search_param"].as_str().unwrap_or_default() {
        "" => BTreeMap::new(),
        text => serde_json::from_str(text)
            .map_err(|_| ErrorResponse::invalid_parameter("search_param is not the text of a JSON object"))?,
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let columns = body["export_headers"].as_array().into_iter().flatten();
    let task_id = state.exports.add(Export {
        query: query(state, request, &parameters, kind, false),
        columns: columns.map(|column| (text(&column[0]), text(&column[1]))).collect(),
        ends_at: state.clock.now().checked_add(state.queues.scan_duration()),
    });
    Ok(HandlerOutput::ok(json!({ "task_id": task_id })))
}

/// Reports the state of an export.
pub(super) fn status(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let id = request.text("task_id");
    let (export, file_id) = state
        .exports
        .of_task(id)
        .ok_or_else(|| ErrorResponse::invalid_parameter("task_id is not the id of an export"))?;
    let mut json = json!({ "task_id": id, "task_name": file_name(&export) });
    json["task_status"] = if export.ends_at.is_none_or(|end| state.clock.now() < end) {
        "running"
    } else if state.assets.index(&export.query).total() > MAX_ROWS {
        "failure"
    } else {
        json["file_id"] = file_id.into();
        json["file_name"] = file_name(&export).into();
        "success"
    }
    .into();
    Ok(HandlerOutput::ok(json))
}

/// Returns the file of an export, as the inventory is now.
pub(super) fn download(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    let export = state.exports.of_file(request.text("file_id"));
    let is_done = |export: &Arc<Export>| {
        export.ends_at.is_some_and(|end| end <= state.clock.now())
            && state.assets.index(&export.query).total() <= MAX_ROWS
    };
    let export = export
        .filter(is_done)
        .ok_or_else(|| ErrorResponse::invalid_parameter("file_id is not the id of an exported file"))?;
    let mut csv = line(export.columns.iter().map(|(_, title)| title.clone()));
    for offset in (0..).step_by(PART_ROWS) {
        let (part, _) = rows(state, &export.query, offset, PART_ROWS);
        if part.is_empty() {
            break;
        }
        for row in part {
            csv.push_str(&line(export.columns.iter().map(|(field, _)| cell(&row, field))));
        }
    }
    let file = ExportedFile { name: file_name(&export), content: Bytes::from(csv) };
    Ok(HandlerOutput { file: Some(file), ..HandlerOutput::ok(Value::Null) })
}

fn file_name(export: &Export) -> String {
    let kind = serde_json::to_value(export.query.kind).unwrap_or_default();
    format!("{}.csv", kind.as_str().unwrap_or_default())
}

/// Returns a field of a row as text. Exports have no ids of hosts.
fn cell(row: &Value, field: &str) -> String {
    let value = row.get(field).or_else(|| row.get("kernel_module_info")?.get(field)).unwrap_or(&Value::Null);
    match value {
        _ if field == "host_id" => String::new(),
        Value::Null | Value::Object(_) => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}
