//! Lists assets, and how common each is. A page of any offset is computed directly.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::handlers::state::{HandlerOutput, HandlerState};
use crate::model::assets::catalogue::Item;
use crate::model::assets::filter::{Field, RowFilter, danger};
use crate::model::assets::index::Query;
use crate::model::assets::kind::{AssetCategory, AssetKind};
use crate::spec::validate::ValidatedRequest;

use super::row_json::{name_field, row_json};

/// The parameters that filter the lists of every kind.
const HOST_FIELDS: [(&str, Field); 4] = [
    ("host_id", Field::HostId),
    ("host_name", Field::HostName),
    ("host_ip", Field::HostIp),
    ("private_ip", Field::HostIp),
];

/// Returns the parameters that filter the lists of a kind.
fn fields(kind: AssetKind) -> &'static [(&'static str, Field)] {
    match kind {
        AssetKind::Users => &[
            ("user_name", Field::Name),
            ("login_permission", Field::Login),
            ("root_permission", Field::Root),
            ("user_group", Field::Group),
        ],
        AssetKind::Port => &[
            ("port", Field::Number),
            ("port_string", Field::Digits),
            ("type", Field::Detail),
            ("status", Field::Danger),
        ],
        AssetKind::Process => &[("path", Field::Name)],
        AssetKind::App => &[("app_name", Field::Name), ("version", Field::Version), ("install_dir", Field::Path)],
        AssetKind::AutoLaunch => &[("name", Field::Name), ("type", Field::Number)],
        AssetKind::JarPackage | AssetKind::WebFramework => &[("file_name", Field::Name)],
        AssetKind::WebSite => &[("domain", Field::Name)],
        AssetKind::KernelModule => &[("name", Field::Name)],
        AssetKind::WebCms | AssetKind::WebService | AssetKind::Database => {
            &[("name", Field::Name), ("version", Field::Version), ("install_dir", Field::Path)]
        }
    }
}

/// Returns what to list. `parameters` has the filters, which match by part only if that is requested, or `by_part`.
pub(super) fn query(
    state: &HandlerState,
    request: &ValidatedRequest,
    parameters: &BTreeMap<String, Value>,
    kind: AssetKind,
    by_part: bool,
) -> Query {
    let names: Vec<(&str, Field)> = HOST_FIELDS.iter().chain(fields(kind)).copied().collect();
    Query {
        kind,
        category: AssetCategory::named(request.text("category")),
        hosts: state.enterprise_projects.hosts_of(request.text("enterprise_project_id")),
        filter: RowFilter::new(parameters, &names, by_part),
    }
}

/// Lists a page of the assets of a kind.
pub(super) fn list(
    state: &HandlerState,
    request: &ValidatedRequest,
    kind: AssetKind,
) -> Result<HandlerOutput, ErrorResponse> {
    let query = query(state, request, &request.parameters, kind, false);
    let (rows, total) = rows(state, &query, request.count("offset"), request.count("limit"));
    Ok(HandlerOutput::ok(json!({ "total_num": total, "data_list": rows })))
}

/// Returns the rows of a page, and the number of rows on all pages.
pub(super) fn rows(state: &HandlerState, query: &Query, offset: usize, limit: usize) -> (Vec<Value>, u64) {
    let page = state.assets.page(query.clone(), u64::try_from(offset).unwrap_or(u64::MAX), limit);
    let now = state.now_millis();
    // The rows of a host follow each other and have the same time.
    let mut last = None;
    let rows = page.rows.iter().map(|row| {
        let listed_at = match last {
            Some((index, listed_at)) if index == row.index => listed_at,
            _ => {
                let collection = state.assets.last_collection(row.index, (query.kind, query.category), now);
                collection.map_or(0, |collection| collection.listed_at)
            }
        };
        last = Some((row.index, listed_at));
        row_json(query.kind, row, listed_at)
    });
    (rows.collect(), page.total)
}

/// Returns the kind that the parameter `catalogue` names.
fn catalogue(request: &ValidatedRequest) -> Result<AssetKind, ErrorResponse> {
    AssetKind::named(request.text("catalogue"))
        .ok_or_else(|| ErrorResponse::invalid_parameter("the emulator does not know the catalogue"))
}

pub(super) fn list_web_apps(state: &HandlerState, request: &ValidatedRequest) -> Result<HandlerOutput, ErrorResponse> {
    list(state, request, catalogue(request)?)
}

/// Lists a page of the names of a kind, the most common first.
pub(super) fn statistics(
    state: &HandlerState,
    request: &ValidatedRequest,
    kind: AssetKind,
) -> Result<HandlerOutput, ErrorResponse> {
    // Whole ports, but parts of names.
    let query = query(state, request, &request.parameters, kind, kind != AssetKind::Port);
    let mut counts = state.assets.index(&query).counts();
    if request.text("sort_key") == "port" {
        counts.sort_by_key(|(item, _)| item.number);
        if request.text("sort_dir") == "desc" {
            counts.reverse();
        }
    } else {
        counts.sort_by(|(one, few), (other, many)| (many, &one.name).cmp(&(few, &other.name)));
    }
    let total = counts.len();
    let page = counts.into_iter().skip(request.count("offset")).take(request.count("limit"));
    let data: Vec<Value> = page.map(|(item, num)| count_json(kind, item, num)).collect();
    Ok(HandlerOutput::ok(json!({ "total_num": total, "data_list": data })))
}

pub(super) fn statistics_of_web_apps(
    state: &HandlerState,
    request: &ValidatedRequest,
) -> Result<HandlerOutput, ErrorResponse> {
    statistics(state, request, catalogue(request)?)
}

fn count_json(kind: AssetKind, item: &Item, num: u64) -> Value {
    match kind {
        AssetKind::Port => {
            json!({ "port": item.number, "type": item.detail, "num": num, "status": danger(item) })
        }
        AssetKind::AutoLaunch => json!({ "name": item.name, "type": item.number.to_string(), "num": num }),
        AssetKind::Process => json!({ "path": item.name, "num": num }),
        _ => json!({ name_field(kind): item.name, "num": num }),
    }
}
