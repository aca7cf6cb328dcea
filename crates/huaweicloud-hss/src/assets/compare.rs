//! Which assets of two inventories are the same, and what changed.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::Serialize;
use serde_json::Value;

use super::asset::Asset;
use super::kind::AssetKind;

/// What an asset keeps while it changes: its kind, server and container, and by kind its name, path or port.
///
/// A server is its id; without one, its name and address. A container is its name, because its id changes whenever it is
/// created again; without one, its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AssetKey<'a> {
    kind: AssetKind,
    host: Host<'a>,
    container: Option<&'a str>,
    texts: [Option<&'a str>; 2],
    port: Option<u16>,
    others: [Option<&'a Value>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Host<'a> {
    Id(&'a str),
    Named(Option<&'a str>, Option<&'a str>),
}

/// What else is known about an asset, without what changes by itself: times, ids of processes, agents and containers, and
/// the name and address of the server.
#[derive(Clone, Copy)]
pub struct AssetFacts<'a>(&'a Asset);

/// Fields that change by themselves.
const VOLATILE: [&str; 11] = [
    "agent_id",
    "atime",
    "ctime",
    "first_scan_time",
    "launch_time",
    "mtime",
    "pid",
    "process_pid",
    "recent_scan_time",
    "record_time",
    "update_time",
];

/// A field that differs between two assets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// Its value in the older asset; null without one.
    pub old: Value,
    /// Its value in the newer asset; null without one.
    pub new: Value,
}

impl Asset {
    /// Returns what identifies the asset in two inventories. Several assets may share a key, such as two versions of one
    /// software.
    ///
    /// An account, software, auto-start item or kernel module is its name; a process its path; a package, web framework,
    /// web service, web app or database its name and path; a port its number, protocol and address; a website its domain,
    /// port and URL path.
    #[must_use]
    pub fn key(&self) -> AssetKey<'_> {
        let (name, path) = (self.name.as_deref(), self.path.as_deref());
        let other = |field| self.extra.get(field);
        let (texts, port, others) = match self.kind {
            AssetKind::Accounts | AssetKind::Software | AssetKind::KernelModules => ([name, None], None, [None, None]),
            AssetKind::AutoStart => ([name, None], None, [other("type"), None]),
            AssetKind::Processes => ([None, path], None, [None, None]),
            AssetKind::Ports => ([None, None], self.port, [other("type"), other("laddr")]),
            AssetKind::Websites => ([name, None], self.port, [other("url_path"), None]),
            AssetKind::Packages
            | AssetKind::WebFrameworks
            | AssetKind::WebServices
            | AssetKind::WebApps
            | AssetKind::Databases => ([name, path], None, [None, None]),
        };
        let host = match &self.host_id {
            Some(id) => Host::Id(id),
            None => Host::Named(self.host_name.as_deref(), self.host_ip.as_deref()),
        };
        let container = self.container.as_ref();
        let container = container.and_then(|container| container.name.as_deref().or(container.id.as_deref()));
        AssetKey { kind: self.kind, host, container, texts, port, others }
    }

    /// Returns what is known about the asset besides its key, without what changes by itself.
    #[must_use]
    pub fn facts(&self) -> AssetFacts<'_> {
        AssetFacts(self)
    }
}

/// A fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fact<'a> {
    Text(&'a str),
    Port(u16),
    Other(&'a Value),
}

impl From<Fact<'_>> for Value {
    fn from(fact: Fact<'_>) -> Self {
        match fact {
            Fact::Text(text) => text.into(),
            Fact::Port(port) => port.into(),
            Fact::Other(value) => value.clone(),
        }
    }
}

impl<'a> AssetFacts<'a> {
    /// Returns the facts by name, always in the same order.
    fn iter(self) -> impl Iterator<Item = (&'a str, Fact<'a>)> {
        let Self(asset) = self;
        let texts = [
            ("name", &asset.name),
            ("version", &asset.version),
            ("path", &asset.path),
            ("hash", &asset.hash),
            ("user", &asset.user),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, Fact::Text(text.as_deref()?))));
        let port = asset.port.map(|port| ("port", Fact::Port(port)));
        let others = asset.extra.iter().filter(|(name, _)| !VOLATILE.contains(&name.as_str()));
        texts.chain(port).chain(others.map(|(name, value)| (name.as_str(), Fact::Other(value))))
    }

    /// Returns the fields that differ from those of a newer asset.
    #[must_use]
    pub fn changes(self, newer: Self) -> BTreeMap<String, FieldChange> {
        let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) = (self.iter().collect(), newer.iter().collect());
        let value =
            |facts: &BTreeMap<&str, Fact<'_>>, name: &str| facts.get(name).map_or(Value::Null, |fact| (*fact).into());
        let names = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name));
        names.map(|name| ((*name).to_owned(), FieldChange { old: value(&old, name), new: value(&new, name) })).collect()
    }
}

impl fmt::Debug for AssetFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Hash for AssetFacts<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|fact| fact.hash(state));
    }
}

impl PartialEq for AssetFacts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for AssetFacts<'_> {}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::*;

    fn asset(row: Value) -> Asset {
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn times_process_ids_and_names_of_servers_are_no_changes() {
        let old = asset(json!({
            "kind": "web-services", "host_id": "h", "host_name": "a", "host_ip": "1.1.1.1", "name": "nginx", "path": "/opt",
            "container": { "id": "1", "name": "c" }, "extra": { "pid": 7, "mtime": 1, "uid": 0 },
        }));
        let mut new = asset(json!({
            "kind": "web-services", "host_id": "h", "host_name": "b", "name": "nginx", "path": "/opt",
            "container": { "id": "2", "name": "c" }, "extra": { "pid": 8, "agent_id": "x", "uid": 0 },
        }));
        new.seen_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        assert_eq!(old.key(), new.key());
        assert_eq!(old.facts(), new.facts());
        new.version = Some("2".to_owned());
        new.extra.remove("uid");
        let change = |old, new| FieldChange { old, new };
        let expected = [
            ("uid".to_owned(), change(json!(0), json!(null))),
            ("version".to_owned(), change(json!(null), json!("2"))),
        ];
        assert_eq!(old.facts().changes(new.facts()), expected.into());
    }

    #[test]
    fn a_key_depends_on_the_kind() {
        let row = |kind: AssetKind, field: &str| {
            let base = json!({
                "kind": kind, "host_id": "h", "name": "n", "version": "1", "path": "/p", "hash": "x", "user": "u", "port": 1,
                "extra": { "type": "TCP", "laddr": "::", "url_path": "/" },
            });
            let mut changed = base.clone();
            let target = if base["extra"][field].is_null() { &mut changed } else { &mut changed["extra"] };
            target[field] = if field == "port" { json!(2) } else { json!("other") };
            asset(base).key() == asset(changed).key()
        };
        let fields = ["name", "version", "path", "hash", "user", "port", "type", "laddr", "url_path"];
        for (kind, expected) in [
            (AssetKind::Accounts, &["name"][..]),
            (AssetKind::Software, &["name"]),
            (AssetKind::Ports, &["port", "type", "laddr"]),
            (AssetKind::Processes, &["path"]),
            (AssetKind::AutoStart, &["name", "type"]),
            (AssetKind::Packages, &["name", "path"]),
            (AssetKind::KernelModules, &["name"]),
            (AssetKind::WebFrameworks, &["name", "path"]),
            (AssetKind::Websites, &["name", "port", "url_path"]),
            (AssetKind::WebServices, &["name", "path"]),
            (AssetKind::WebApps, &["name", "path"]),
            (AssetKind::Databases, &["name", "path"]),
        ] {
            let in_key: Vec<_> = fields.into_iter().filter(|field| !row(kind, field)).collect();
            assert_eq!(in_key, expected, "{kind}");
        }
        let process = |host| asset(json!({ "kind": "processes", "host_name": host, "path": "/bin/sh" }));
        assert_ne!(process("a").key(), process("b").key());
    }
}
