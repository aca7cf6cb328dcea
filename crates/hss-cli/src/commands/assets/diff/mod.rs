//! `hss assets diff`: compares two saved lists.

mod changes;
mod sorter;

use huaweicloud_hss::assets::AssetKind;
use serde_json::Value;

use crate::cli::{AssetsDiffArgs, Condition};
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::render::{counted, print_pages};

use super::columns::{container, host, name};
use changes::{Change, ChangeKind, Changes};

const COLUMNS: [&str; 6] = ["change", "kind", "server", "container", "name", "details"];

/// How many differences are printed at a time.
const PAGE: usize = 200;

pub(crate) async fn diff(args: AssetsDiffArgs) -> Result<ExitStatus, CliError> {
    let mut changes = Changes::find(&args.old, &args.new, sorter::MEMORY_BYTES)?;
    let [added, removed, changed] = changes.counts();
    let mut met: Vec<(Condition, u64)> = Vec::new();
    let next_page = async || {
        let mut page = Vec::new();
        while page.len() < PAGE
            && let Some(change) = changes.next()?
        {
            for condition in args.fail_on.iter().filter(|condition| meets(**condition, &change)) {
                match met.iter_mut().find(|(known, _)| known == condition) {
                    Some((_, count)) => *count += 1,
                    None => met.push((*condition, 1)),
                }
            }
            page.push(change);
        }
        Ok::<_, CliError>((!page.is_empty()).then_some(page))
    };
    print_pages(args.format, &COLUMNS, next_page, |change| Some(cells(change))).await?;
    output::message(&format!("{added} added, {removed} removed, {changed} changed"));
    if met.is_empty() {
        return Ok(ExitStatus::Ok);
    }
    let met: Vec<_> = met.iter().map(|(condition, count)| counted(*count, condition.noun())).collect();
    output::message(&format!("error: {}", met.join(", ")));
    Ok(ExitStatus::Partial)
}

/// Returns whether a difference is one that fails the run.
fn meets(condition: Condition, change: &Change) -> bool {
    let is_added = change.change == ChangeKind::Added;
    match (condition, change.asset.kind) {
        (Condition::Port, AssetKind::Ports) | (Condition::Software, AssetKind::Software) => is_added,
        (Condition::RootAccount, AssetKind::Accounts) => {
            let has_rights = change.asset.extra.get(RIGHTS) == Some(&Value::Bool(true));
            has_rights && change.change != ChangeKind::Removed && (is_added || change.fields.contains_key(RIGHTS))
        }
        _ => false,
    }
}

/// The field of an account that has the rights of root.
const RIGHTS: &str = "root_permission";

fn cells(change: &Change) -> Vec<String> {
    let asset = &change.asset;
    let details = match change.change {
        ChangeKind::Changed => {
            let fields = change
                .fields
                .iter()
                .map(|(field, change)| format!("{field}: {} -> {}", value(&change.old), value(&change.new)));
            fields.collect::<Vec<_>>().join(", ")
        }
        _ => [&asset.version, &asset.path].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    vec![change.change.name().to_owned(), asset.kind.to_string(), host(asset), container(asset), name(asset), details]
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::Write as _;

    use huaweicloud_hss::assets::Asset;
    use proptest::prelude::*;
    use serde_json::json;
    use tempfile::NamedTempFile;

    use super::*;

    fn saved(assets: &[Asset]) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        for asset in assets {
            writeln!(file, "{}", serde_json::to_string(asset).unwrap()).unwrap();
        }
        file
    }

    /// Returns the differences as texts, with any memory.
    fn differences(old: &[Asset], new: &[Asset], memory: usize) -> BTreeSet<String> {
        let (old, new) = (saved(old), saved(new));
        let mut changes = Changes::find(old.path(), new.path(), memory).unwrap();
        let counts = changes.counts();
        let mut found = BTreeSet::new();
        while let Some(change) = changes.next().unwrap() {
            found.insert(serde_json::to_string(&change).unwrap());
        }
        assert_eq!(found.len() as u64, counts.iter().sum::<u64>());
        found
    }

    fn asset(host: u8, name: u8, version: u8) -> Asset {
        Asset {
            host_id: Some(format!("h{host}")),
            name: Some(format!("n{name}")),
            version: Some(version.to_string()),
            ..Asset::new(AssetKind::Software)
        }
    }

    /// An inventory with one asset of each key.
    fn inventory() -> impl Strategy<Value = BTreeMap<(u8, u8), u8>> {
        prop::collection::btree_map((0_u8..5, 0_u8..20), any::<u8>(), 0..60)
    }

    fn rows(inventory: &BTreeMap<(u8, u8), u8>) -> Vec<Asset> {
        inventory.iter().map(|((host, name), version)| asset(*host, *name, *version)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_inventory_does_not_differ_from_itself(old in inventory(), memory in 0_usize..4000) {
            let old = rows(&old);
            let twice = [&old[..], &old].concat();
            prop_assert_eq!(differences(&old, &old, memory), BTreeSet::new());
            prop_assert_eq!(differences(&old, &twice, memory), BTreeSet::new());
        }

        #[test]
        fn every_edit_is_reported_exactly(old in inventory(), new in inventory(), memory in 0_usize..4000) {
            let mut expected = BTreeSet::new();
            for ((host, name), version) in &new {
                let asset = asset(*host, *name, *version);
                match old.get(&(*host, *name)) {
                    None => _ = expected.insert(json!({ "change": "added", "asset": asset, "fields": {} }).to_string()),
                    Some(older) if older != version => {
                        let fields = json!({ "version": { "old": older.to_string(), "new": version.to_string() } });
                        expected.insert(json!({ "change": "changed", "asset": asset, "fields": fields }).to_string());
                    }
                    Some(_) => {}
                }
            }
            for ((host, name), version) in old.iter().filter(|(key, _)| !new.contains_key(key)) {
                let asset = asset(*host, *name, *version);
                expected.insert(json!({ "change": "removed", "asset": asset, "fields": {} }).to_string());
            }
            // Parsed and printed again, fields are in one order.
            let found = differences(&rows(&old), &rows(&new), memory);
            let found: BTreeSet<_> =
                found.iter().map(|text| serde_json::from_str::<Value>(text).unwrap().to_string()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_order_of_rows_does_not_matter(
            old in prop::collection::vec((0_u8..2, 0_u8..3, 0_u8..6), 0..20),
            new in prop::collection::vec((0_u8..2, 0_u8..3, 0_u8..6), 0..20),
            seed: u64,
        ) {
            let rows = |parts: &[(u8, u8, u8)]| parts.iter().map(|(host, name, version)| asset(*host, *name, *version)).collect::<Vec<_>>();
            let shuffled = |mut rows: Vec<Asset>| {
                let length = rows.len().max(1);
                rows.rotate_left(usize::try_from(seed % length as u64).unwrap() % length);
                rows.reverse();
                rows
            };
            let (old, new) = (rows(&old), rows(&new));
            let found = differences(&old, &new, 1000);
            prop_assert_eq!(differences(&shuffled(old), &shuffled(new), 1000), found);
        }
    }

    #[test]
    fn conditions_match_new_assets() {
        let change = |change: ChangeKind, row: Value, fields: &[&str]| {
            let null = || huaweicloud_hss::assets::Asset::new(AssetKind::Ports);
            let older = Asset { version: Some("old".to_owned()), ..null() };
            let field = older.facts().changes(null().facts()).remove("version").unwrap();
            let fields = fields.iter().map(|name| ((*name).to_owned(), field.clone())).collect();
            Change { change, asset: serde_json::from_value(row).unwrap(), fields }
        };
        let root = || json!({ "kind": "accounts", "extra": { "root_permission": true } });
        let other = || json!({ "kind": "accounts", "extra": { "root_permission": false } });
        let port = || json!({ "kind": "ports" });
        for (condition, change, expected) in [
            (Condition::RootAccount, change(ChangeKind::Added, root(), &[]), true),
            (Condition::RootAccount, change(ChangeKind::Changed, root(), &["root_permission"]), true),
            (Condition::RootAccount, change(ChangeKind::Changed, root(), &["shell"]), false),
            (Condition::RootAccount, change(ChangeKind::Removed, root(), &[]), false),
            (Condition::RootAccount, change(ChangeKind::Added, other(), &[]), false),
            (Condition::Port, change(ChangeKind::Added, port(), &[]), true),
            (Condition::Port, change(ChangeKind::Changed, port(), &["path"]), false),
            (Condition::Software, change(ChangeKind::Added, port(), &[]), false),
            (Condition::Software, change(ChangeKind::Added, json!({ "kind": "software" }), &[]), true),
        ] {
            assert_eq!(meets(condition, &change), expected, "{condition:?} {change:?}");
        }
    }
}
