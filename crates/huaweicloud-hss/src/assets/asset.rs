//! One row type for every kind of asset.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::http::pagination::Listed;

use super::kind::AssetKind;

/// An asset on a server or in a container. The service may omit any field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// What it is.
    pub kind: AssetKind,
    /// The id of the server. Processes have none.
    pub host_id: Option<String>,
    /// The name of the server.
    pub host_name: Option<String>,
    /// An address of the server.
    pub host_ip: Option<String>,
    /// The container that it is in.
    pub container: Option<Container>,
    /// Its name. Ports and processes have none.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its path: of an account its home folder, of a port and a process the executable file, of software, web apps, web
    /// services and databases the folder of the installation.
    pub path: Option<String>,
    /// The hash of its file.
    pub hash: Option<String>,
    /// The user who runs it.
    pub user: Option<String>,
    /// The port number.
    pub port: Option<u16>,
    /// When a collection last found it, by the time of the row. Ports and processes have none.
    #[serde(default, with = "super::json::time")]
    pub seen_at: Option<SystemTime>,
    /// Everything else in the row, by the service's own names.
    #[serde(default)]
    pub extra: BTreeMap<String, Value>,
}

/// A container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// The fields of a row, as the service sent them.
pub(super) type Fields = Map<String, Value>;

/// A row, and what distinguishes it from the others of its list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) fields: Fields,
}

impl Listed for Row {
    fn id(&self) -> Option<&str> {
        Some(&self.key)
    }
}

/// When a collection last found an asset: the service has two names for it.
const TIMES: [&str; 2] = ["recent_scan_time", "record_time"];

/// Finds out what distinguishes the rows of a page: everything but the time, which moves while a list is read. Rows of
/// one page that are alike are different assets, such as two architectures of one software.
pub(super) fn distinguished(rows: Vec<Fields>) -> Vec<Row> {
    let mut alike: HashMap<String, u32> = HashMap::new();
    let rows = rows.into_iter().map(|fields| {
        let lasting: Vec<_> = fields.iter().filter(|(name, _)| !TIMES.contains(&name.as_str())).collect();
        let mut key = format!("{lasting:?}");
        let count = alike.entry(key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            key.push_str(&count.to_string());
        }
        Row { key, fields }
    });
    rows.collect()
}

impl Asset {
    /// Creates an asset of which nothing else is known.
    #[must_use]
    pub fn new(kind: AssetKind) -> Self {
        Self {
            kind,
            host_id: None,
            host_name: None,
            host_ip: None,
            container: None,
            name: None,
            version: None,
            path: None,
            hash: None,
            user: None,
            port: None,
            seen_at: None,
            extra: BTreeMap::new(),
        }
    }

    /// Reads a row.
    pub(super) fn from_row(kind: AssetKind, mut row: Fields) -> Self {
        // Kernel modules are the only rows that have a part of their own.
        if let Some(Value::Object(module)) = row.remove("kernel_module_info") {
            row.extend(module);
        }
        let (name, path) = match kind {
            AssetKind::Accounts => (Some("user_name"), "user_home_dir"),
            AssetKind::Software => (Some("app_name"), "install_dir"),
            AssetKind::Ports => (None, "path"),
            AssetKind::Processes => (None, "process_path"),
            AssetKind::Websites => (Some("domain"), "path"),
            AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases => (Some("name"), "install_path"),
            AssetKind::AutoStart | AssetKind::Packages | AssetKind::KernelModules | AssetKind::WebFrameworks => {
                (Some("name"), "path")
            }
        };
        let container = Container { id: text(&mut row, "container_id"), name: text(&mut row, "container_name") };
        Self {
            kind,
            host_id: text(&mut row, "host_id"),
            host_name: text(&mut row, "host_name"),
            host_ip: text(&mut row, "host_ip"),
            container: Some(container).filter(|container| *container != Container::default()),
            name: name.and_then(|name| text(&mut row, name)),
            version: text(&mut row, "version"),
            path: text(&mut row, path),
            hash: text(&mut row, "hash"),
            user: text(&mut row, "run_user"),
            port: row.remove("port").and_then(|port| port.as_u64()?.try_into().ok()),
            seen_at: TIMES.iter().filter_map(|time| row.remove(*time)).find_map(|time| moment(&time)),
            extra: row.into_iter().collect(),
        }
    }
}

/// Takes a text out of a row; an empty one is absent.
fn text(row: &mut Fields, field: &str) -> Option<String> {
    match row.remove(field)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Returns the moment of a time in milliseconds, of which 0 means never.
fn moment(time: &Value) -> Option<SystemTime> {
    let milliseconds = time.as_u64().filter(|milliseconds| *milliseconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_row_becomes_an_asset() {
        let row = json!({
            "host_id": "h", "host_name": "web", "host_ip": "", "agent_id": "a",
            "kernel_module_info": { "name": "ext4", "path": "/lib/ext4.ko", "record_time": 1_743_609_707_401_u64, "size": 7 },
        });
        let found = Asset::from_row(AssetKind::KernelModules, fields(row));
        let expected = Asset {
            host_id: Some("h".to_owned()),
            host_name: Some("web".to_owned()),
            name: Some("ext4".to_owned()),
            path: Some("/lib/ext4.ko".to_owned()),
            seen_at: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_743_609_707_401)),
            extra: [("agent_id".to_owned(), json!("a")), ("size".to_owned(), json!(7))].into(),
            ..Asset::new(AssetKind::KernelModules)
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_time_zero_and_no_time_mean_never() {
        for row in [json!({ "recent_scan_time": 0 }), json!({ "recent_scan_time": -1 }), json!({})] {
            assert_eq!(
                Asset::from_row(AssetKind::Software, fields(row.clone())),
                Asset::new(AssetKind::Software),
                "{row}"
            );
        }
    }

    #[test]
    fn rows_are_distinguished_by_everything_but_their_time() {
        let row = |name: &str, time: u64| fields(json!({ "app_name": name, "recent_scan_time": time }));
        let keys = |rows| distinguished(rows).into_iter().map(|row| row.key).collect::<Vec<_>>();
        let first = keys(vec![row("a", 1), row("b", 1), row("a", 1)]);
        let second = keys(vec![row("b", 2), row("a", 2), row("a", 3)]);
        assert_eq!((&first[0], &first[1], &first[2]), (&second[1], &second[0], &second[2]));
        assert_ne!(first[0], first[2]);
    }
}
