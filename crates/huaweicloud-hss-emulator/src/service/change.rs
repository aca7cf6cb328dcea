//! Applies the faults that change what an operation does.

use serde_json::Value;

use crate::faults::change::Change;
use crate::handlers::state::{HandlerOutput, HandlerState};
use crate::spec::validate::ValidatedRequest;

/// The parameters that are not filters.
const OTHER_PARAMETERS: [&str; 7] =
    ["project_id", "enterprise_project_id", "category", "limit", "offset", "page", "per_page"];

/// The fields of responses that have a list, or its total.
const LISTS: [&str; 3] = ["data_list", "projects", "enterprise_projects"];
const TOTALS: [&str; 2] = ["total_num", "total_count"];

/// Changes a request before its operation is executed.
pub(super) fn change_request(change: &Change, request: &mut ValidatedRequest) {
    match change {
        Change::IgnoreFilter => request.parameters.retain(|name, _| OTHER_PARAMETERS.contains(&name.as_str())),
        Change::RepeatPage => {
            for (name, first) in [("offset", 0), ("page", 1)] {
                request.parameters.entry(name.to_owned()).and_modify(|value| *value = first.into());
            }
        }
        _ => {}
    }
}

/// Changes the response and what the operation did. `offset` is that of the page.
pub(super) fn change_output(change: &Change, state: &HandlerState, offset: usize, output: &mut HandlerOutput) {
    match change {
        Change::EmptyList => set(&mut output.body, &LISTS, &Value::Array(Vec::new())),
        Change::NullList => set(&mut output.body, &LISTS, &Value::Null),
        Change::NoList => {
            if let Some(body) = output.body.as_object_mut() {
                body.retain(|name, _| !LISTS.contains(&name.as_str()));
            }
        }
        Change::Total(total) => set(&mut output.body, &TOTALS, &(*total).into()),
        Change::Processed(tasks) => {
            if let Some(accepted) = &mut output.accepted
                && let Some(text) = output.body["error"].as_str()
            {
                let text = text.replace(&format!("processed {} ", accepted.processed), &format!("processed {tasks} "));
                output.body["error"] = text.into();
                accepted.processed = *tasks;
            }
        }
        Change::HideScan { shown_after, selector } => {
            if let (Some(accepted), Some(started)) = (&output.accepted, &output.started)
                && selector.is_none_or(|selector| selector == accepted.selector)
            {
                state.queues.hide(&started.queue, shown_after.and_then(|time| state.clock.now().checked_add(time)));
            }
        }
        Change::CutList(rows) => {
            for list in LISTS {
                if let Some(list) = output.body.get_mut(list).and_then(Value::as_array_mut) {
                    list.truncate(rows.saturating_sub(offset));
                }
            }
            for total in TOTALS {
                if let Some(total) = output.body.get_mut(total) {
                    *total =
                        total.as_u64().map_or(*rows, |total| usize::try_from(total).unwrap_or(*rows).min(*rows)).into();
                }
            }
        }
        Change::IgnoreFilter | Change::RepeatPage | Change::Hosts(_) => {}
    }
}

/// Sets those of the fields that the body has.
fn set(body: &mut Value, fields: &[&str], value: &Value) {
    for field in fields {
        if let Some(present) = body.get_mut(field) {
            *present = value.clone();
        }
    }
}
