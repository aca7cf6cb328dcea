//! The rows of asset lists in the service's terms.

use serde_json::{Value, json};

use crate::model::assets::filter::{danger, group, is_root, may_log_in};
use crate::model::assets::kind::AssetKind;
use crate::model::assets::rows::Row;
use crate::model::host_details::{agent_id, private_ip};

/// Files were changed in the year before this time, in milliseconds since 1970.
const CHANGED_BEFORE: u64 = 1_767_225_600_000;
const YEAR_MILLIS: u64 = 365 * 24 * 60 * 60 * 1000;

/// Returns the field with the name of an asset.
pub(super) fn name_field(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Users => "user_name",
        AssetKind::App => "app_name",
        AssetKind::Process => "process_path",
        AssetKind::JarPackage | AssetKind::WebFramework => "file_name",
        AssetKind::WebSite => "domain",
        _ => "name",
    }
}

/// Returns a row with the time at which it was listed to be collected.
pub(super) fn row_json(kind: AssetKind, row: &Row<'_>, listed_at: i64) -> Value {
    let item = row.item;
    let version = row.version();
    let changed = |detail: u64| CHANGED_BEFORE - row.number(detail) % YEAR_MILLIS;
    let pid = 100 + row.number(1) % 60_000;
    let owner = || json!({ "uid": 0, "gid": 0, "mode": "0755" });
    let mut json = json!({
        "agent_id": agent_id(row.host),
        "host_id": row.host.id(),
        "host_name": row.host.name(),
        "host_ip": private_ip(row.index),
    });
    let own = match kind {
        AssetKind::Users => json!({
            "login_permission": may_log_in(item),
            "root_permission": is_root(item),
            "user_group_name": group(item),
            "user_home_dir": item.path,
            "shell": item.detail,
            "recent_scan_time": listed_at,
            "first_scan_time": changed(2),
        }),
        AssetKind::App => json!({
            "version": version,
            "install_dir": item.path,
            "recent_scan_time": listed_at,
            "update_time": changed(2),
        }),
        AssetKind::AutoLaunch => json!({
            "type": item.number,
            "path": item.path,
            "hash": row.hash(),
            "run_user": item.detail,
            "recent_scan_time": listed_at,
        }),
        AssetKind::Port => json!({
            "laddr": "0.0.0.0",
            "status": danger(item),
            "port": item.number,
            "type": item.detail,
            "pid": pid,
            "path": item.path,
        }),
        AssetKind::Process => json!({
            "hash": row.hash(),
            "launch_params": item.detail,
            "launch_time": changed(2),
            "process_pid": pid,
            "run_permission": "rwxr-xr-x",
        }),
        AssetKind::KernelModule => {
            let hash = row.hash();
            json!({ "kernel_module_info": {
                "name": item.name,
                "file_name": format!("{}.ko", item.name),
                "version": version,
                "srcversion": hash.get(..24).map(str::to_uppercase),
                "path": format!("{}/{}.ko", item.path, item.name),
                "size": size(&hash),
                "mode": "0644",
                "uid": 0,
                "ctime": changed(2),
                "mtime": changed(2),
                "hash": hash,
                "desc": item.detail,
                "record_time": listed_at,
            }})
        }
        AssetKind::WebCms | AssetKind::WebService | AssetKind::Database => {
            let catalogue = serde_json::to_value(kind).unwrap_or_default();
            json!({
                "catalogue": catalogue,
                "version": version,
                "install_path": item.path,
                "config_path": item.detail,
                "ctime": changed(2),
                "mtime": changed(2),
                "atime": changed(2),
                "pid": pid,
                "proc_path": item.path,
                "record_time": listed_at,
            })
        }
        AssetKind::WebSite => json!({
            "app_name": item.detail,
            "path": item.path,
            "port": item.number,
            "bind_addr": "0.0.0.0",
            "url_path": "/",
            "pid": pid,
            "is_https": item.number == 443,
            "record_time": listed_at,
        }),
        AssetKind::JarPackage | AssetKind::WebFramework => json!({
            "name": item.detail,
            "file_type": file_type(&item.name, &item.path),
            "version": version,
            "path": join(&item.path, &item.name),
            "hash": row.hash(),
            "is_embedded": 0,
            "pid": pid,
            "record_time": listed_at,
        }),
    };
    let mut add = |fields: Value| {
        if let (Some(json), Value::Object(fields)) = (json.as_object_mut(), fields) {
            json.extend(fields);
        }
    };
    add(own);
    if !matches!(kind, AssetKind::Port | AssetKind::KernelModule) {
        add(json!({ name_field(kind): item.name }));
    }
    if kind.is_weekly() && kind != AssetKind::KernelModule {
        add(owner());
    }
    if let Some(number) = row.container {
        let chance = row.number(9 + number);
        add(json!({
            "container_id": format!("{chance:016x}").repeat(4),
            "container_name": format!("{}-container-{number}", row.host.name()),
        }));
    }
    json
}

/// Returns the size of a file with this hash, so that the same file has the same size everywhere.
fn size(hash: &str) -> u64 {
    let digits = hash.get(..4).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    20_000 + 8 * digits.unwrap_or_default()
}

/// Returns the path of a file in a folder of Linux or Windows.
fn join(folder: &str, name: &str) -> String {
    format!("{folder}{}{name}", if folder.contains('\\') { '\\' } else { '/' })
}

/// Returns the type of the file of a package.
fn file_type(name: &str, path: &str) -> &'static str {
    match () {
        () if name.ends_with(".jar") => "jar",
        () if path.contains("site-packages") => "python",
        () => "npm",
    }
}
