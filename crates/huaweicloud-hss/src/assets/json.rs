//! Assets as JSON: one schema for all kinds, so that a saved list can be read again.
//!
//! Every row has every field; one without a value is `null`. `seen_at` is ISO 8601 in UTC, with milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::kind::AssetKind;

impl Serialize for AssetKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for AssetKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl de::Visitor<'_> for Name {
            type Value = AssetKind;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a kind of asset")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<AssetKind, E> {
                name.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// The time of a row.
pub(super) mod time {
    use std::time::SystemTime;

    use super::{Deserialize, Deserializer, Serializer, de};

    pub(in crate::assets) fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&humantime::format_rfc3339_millis(*time)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::assets) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let parse = |text: String| {
            humantime::parse_rfc3339(&text)
                .map_err(|_| de::Error::custom(format!("`{}` is not a time", crate::printable(&text))))
        };
        text.map(parse).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use proptest::prelude::*;
    use serde_json::json;

    use crate::assets::{Asset, AssetKind, Container};

    #[test]
    fn a_row_has_every_field() {
        let empty = serde_json::to_value(Asset::new(AssetKind::AutoStart)).unwrap();
        let names = [
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
        assert_eq!(empty.as_object().unwrap().len(), names.len());
        for name in names {
            let expected = match name {
                "kind" => json!("auto-start"),
                "extra" => json!({}),
                _ => json!(null),
            };
            assert_eq!(empty[name], expected, "{name}");
        }
        let asset = Asset {
            seen_at: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_743_609_707_401)),
            ..Asset::new(AssetKind::Software)
        };
        assert_eq!(serde_json::to_value(asset).unwrap()["seen_at"], "2025-04-02T16:01:47.401Z");
    }

    #[test]
    fn a_row_that_is_not_an_asset_is_an_error() {
        for (row, problem) in [
            (json!({}), "missing field `kind`"),
            (json!({ "kind": "jars" }), "`jars` is not a kind of asset"),
            (json!({ "kind": "ports", "port": 70_000 }), "invalid value: integer `70000`"),
            (json!({ "kind": "ports", "seen_at": "now" }), "`now` is not a time"),
        ] {
            let error = serde_json::from_value::<Asset>(row).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let minimal: Asset = serde_json::from_value(json!({ "kind": "ports" })).unwrap();
        assert_eq!(minimal, Asset::new(AssetKind::Ports));
    }

    proptest! {
        #[test]
        fn a_row_is_read_as_it_was_written(
            texts in prop::array::uniform8(prop::option::of(".*")),
            port: Option<u16>,
            time in prop::option::of(0_u64..4_070_880_000_000),
            extra in prop::collection::btree_map(".*", (".*", any::<i64>()).prop_map(|(a, b)| json!([a, b])), 0..3),
        ) {
            let [host_id, host_name, name, version, path, hash, user, id] = texts;
            let asset = Asset {
                host_id, host_name, name, version, path, hash, user, port, extra,
                container: id.map(|id| Container { id: Some(id), name: None }),
                seen_at: time.map(|time| SystemTime::UNIX_EPOCH + Duration::from_millis(time)),
                ..Asset::new(AssetKind::WebApps)
            };
            let text = serde_json::to_string(&asset).unwrap();
            prop_assert_eq!(serde_json::from_str::<Asset>(&text).unwrap(), asset);
        }
    }
}
