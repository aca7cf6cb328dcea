//! The columns of assets in tables and CSV.

use huaweicloud_hss::assets::{Asset, AssetKind};
use serde_json::Value;

use crate::render::optional_text as text;

/// The columns of a table.
pub(super) const COLUMNS: [&str; 8] = ["kind", "server", "container", "name", "version", "port", "path", "seen at"];

/// The columns of CSV: the fields of a row.
pub(super) const FIELDS: [&str; 13] = [
    "kind",
    "host_id",
    "host_name",
    "host_ip",
    "container",
    "name",
    "version",
    "path",
    "hash",
    "user",
    "port",
    "seen_at",
    "extra",
];

/// Returns the cells of a table.
pub(super) fn cells(asset: &Asset) -> Vec<String> {
    vec![
        asset.kind.to_string(),
        host(asset),
        container(asset),
        text(&asset.name).to_owned(),
        text(&asset.version).to_owned(),
        port(asset),
        text(&asset.path).to_owned(),
        seen_at(asset),
    ]
}

/// Returns the cells of CSV.
pub(super) fn fields(asset: &Asset) -> Vec<String> {
    let text = |field: &Option<String>| text(field).to_owned();
    vec![
        asset.kind.to_string(),
        text(&asset.host_id),
        text(&asset.host_name),
        text(&asset.host_ip),
        container(asset),
        text(&asset.name),
        text(&asset.version),
        text(&asset.path),
        text(&asset.hash),
        text(&asset.user),
        port(asset),
        seen_at(asset),
        serde_json::to_string(&asset.extra).unwrap_or_default(),
    ]
}

/// Returns the name of the server, or its id or address.
pub(super) fn host(asset: &Asset) -> String {
    let host = asset.host_name.as_ref().or(asset.host_id.as_ref()).or(asset.host_ip.as_ref());
    host.cloned().unwrap_or_default()
}

/// Returns what people call the asset: its name, the path of a process, or a port with its protocol and address.
pub(super) fn name(asset: &Asset) -> String {
    let other = |field: &str| asset.extra.get(field).and_then(Value::as_str).unwrap_or_default();
    match asset.kind {
        AssetKind::Ports => format!("{} {} {}", other("type"), other("laddr"), port(asset)).trim().to_owned(),
        AssetKind::Processes => text(&asset.path).to_owned(),
        _ => text(&asset.name).to_owned(),
    }
}

/// Returns the name of the container, or its id.
pub(super) fn container(asset: &Asset) -> String {
    let container = asset.container.as_ref();
    container.and_then(|container| container.name.clone().or_else(|| container.id.clone())).unwrap_or_default()
}

fn port(asset: &Asset) -> String {
    asset.port.map_or_else(String::new, |port| port.to_string())
}

fn seen_at(asset: &Asset) -> String {
    asset.seen_at.map_or_else(String::new, |time| humantime::format_rfc3339_millis(time).to_string())
}
