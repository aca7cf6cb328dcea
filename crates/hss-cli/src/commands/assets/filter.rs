//! Which assets a list prints: the part of the filters that the service applies, and the rest.

use std::time::SystemTime;

use glob::Pattern;
use huaweicloud_hss::assets::{Asset, AssetFilter, AssetKind, VersionRange, WitnessStrength};
use serde_json::Value;

use crate::cli::AssetsListArgs;

/// The filters of a list.
#[derive(Default)]
pub(super) struct Filter {
    pub(super) name: Option<Pattern>,
    pub(super) version: Option<VersionRange>,
    pub(super) port: Option<u16>,
    pub(super) root: bool,
    pub(super) host_id: Option<String>,
    pub(super) host_name: Option<Pattern>,
    pub(super) since: Option<SystemTime>,
}

impl Filter {
    pub(super) fn new(args: &AssetsListArgs) -> Self {
        Self {
            name: args.name.clone(),
            version: args.version.clone(),
            port: args.port,
            root: args.root,
            host_id: args.host.clone(),
            host_name: args.host_name.clone(),
            since: args.since,
        }
    }

    /// Returns why no asset of a kind can match.
    pub(super) fn excludes(&self, kind: AssetKind) -> Option<&'static str> {
        let has_version = !matches!(
            kind,
            AssetKind::Accounts | AssetKind::Ports | AssetKind::Processes | AssetKind::AutoStart | AssetKind::Websites
        );
        let has_port = matches!(kind, AssetKind::Ports | AssetKind::Websites);
        [
            (self.name.is_some() && kind == AssetKind::Ports, "no names: omit --name"),
            (self.version.is_some() && !has_version, "no versions: omit --version"),
            (self.port.is_some() && !has_port, "no port numbers: omit --port"),
            (self.root && kind != AssetKind::Accounts, "no rights: omit --root"),
            (self.host_id.is_some() && kind == AssetKind::Processes, "no id of their server: use --host-name"),
            (self.since.is_some() && kind.witness_strength() == WitnessStrength::None, "no times: omit --since"),
        ]
        .into_iter()
        .find_map(|(excluded, reason)| excluded.then_some(reason))
    }

    /// Returns the filters that the service applies. They select at least the assets that match.
    pub(super) fn for_service(&self, kind: AssetKind) -> AssetFilter {
        let mut filter = AssetFilter::default();
        let mut is_part = false;
        let mut text = |pattern: &Option<Pattern>, contains: bool| {
            let (text, is_whole) = literal(pattern.as_ref()?.as_str());
            is_part |= !is_whole || contains;
            (!text.is_empty()).then_some(text)
        };
        // The service filters by the name of the file, of which the name of the asset is a part.
        let is_file = matches!(kind, AssetKind::Packages | AssetKind::WebFrameworks);
        filter.name = text(&self.name, is_file);
        filter.host_name = text(&self.host_name, false);
        filter.host_id.clone_from(&self.host_id);
        filter.port = self.port;
        filter.root_permission = self.root.then_some(true);
        filter.part_match = is_part.then_some(true);
        filter.narrowed_for(kind)
    }

    /// Returns whether an asset matches.
    pub(super) fn matches(&self, asset: &Asset) -> bool {
        let name = if asset.kind == AssetKind::Processes { &asset.path } else { &asset.name };
        let matches = |pattern: &Option<Pattern>, text: &Option<String>| {
            pattern.as_ref().is_none_or(|pattern| text.as_ref().is_some_and(|text| pattern.matches(text)))
        };
        let in_range = |range: &VersionRange| asset.version.as_ref().is_some_and(|version| range.contains(version));
        matches(&self.name, name)
            && matches(&self.host_name, &asset.host_name)
            && self.version.as_ref().is_none_or(in_range)
            && self.port.is_none_or(|port| asset.port == Some(port))
            && (!self.root || asset.extra.get("root_permission") == Some(&Value::Bool(true)))
            && self.host_id.as_ref().is_none_or(|id| asset.host_id.as_ref() == Some(id))
            && self.since.is_none_or(|since| asset.seen_at.is_some_and(|seen_at| seen_at >= since))
    }
}

/// Returns the longest text that every match of a pattern contains, and whether it is the only match.
fn literal(pattern: &str) -> (String, bool) {
    let mut longest = String::new();
    let mut current = String::new();
    let mut is_whole = true;
    let mut rest = pattern.chars();
    loop {
        let next = rest.next();
        match next {
            Some(c) if !['*', '?', '['].contains(&c) => {
                current.push(c);
                continue;
            }
            // The first character of a class may be `]`, also after `!`.
            Some('[') => {
                let class = rest.as_str();
                let start = class.strip_prefix('!').unwrap_or(class).chars().next().map_or(0, char::len_utf8);
                let start = start + usize::from(class.starts_with('!'));
                let end = class[start..].find(']').map_or(class.len(), |end| start + end + 1);
                rest = class[end..].chars();
            }
            _ => {}
        }
        is_whole &= next.is_none();
        if current.len() > longest.len() {
            longest = std::mem::take(&mut current);
        }
        current.clear();
        if next.is_none() {
            return (longest, is_whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Option<Pattern> {
        Some(Pattern::new(text).unwrap())
    }

    #[test]
    fn the_service_applies_what_it_can() {
        let named = |name: &str| Filter { name: pattern(name), ..Filter::default() };
        let whole = |name: &str| AssetFilter::default().with_name(name);
        let part = |name: &str| whole(name).with_part_match(true);
        for (filter, kind, expected) in [
            (named("root"), AssetKind::Accounts, whole("root")),
            (named("log4j-core"), AssetKind::Packages, part("log4j-core")),
            (named("log4j-core*"), AssetKind::Packages, part("log4j-core")),
            (named("*"), AssetKind::Packages, AssetFilter::default()),
            (named("/usr/sbin/sshd"), AssetKind::Processes, whole("/usr/sbin/sshd")),
            (named("*/sshd"), AssetKind::Processes, AssetFilter::default()),
            (
                Filter { host_name: pattern("web-1"), host_id: Some("h".to_owned()), ..named("l*") },
                AssetKind::Software,
                part("l").with_host_name("web-1").with_host_id("h"),
            ),
            (Filter { port: Some(22), ..Filter::default() }, AssetKind::Ports, AssetFilter::default().with_port(22)),
            (Filter { port: Some(22), ..Filter::default() }, AssetKind::Websites, AssetFilter::default()),
            (
                Filter { root: true, ..Filter::default() },
                AssetKind::Accounts,
                AssetFilter::default().with_root_permission(true),
            ),
        ] {
            assert_eq!(filter.for_service(kind), expected, "{kind}");
        }
    }

    #[test]
    fn kinds_that_cannot_match_are_known() {
        let kinds = |filter: Filter| AssetKind::ALL.into_iter().filter(|kind| filter.excludes(*kind).is_some()).count();
        assert_eq!(kinds(Filter::default()), 0);
        assert_eq!(kinds(Filter { name: pattern("x"), ..Filter::default() }), 1);
        assert_eq!(kinds(Filter { version: "<1".parse().ok(), ..Filter::default() }), 5);
        assert_eq!(kinds(Filter { port: Some(1), ..Filter::default() }), 10);
        assert_eq!(kinds(Filter { since: Some(SystemTime::UNIX_EPOCH), ..Filter::default() }), 2);
        assert_eq!(kinds(Filter { root: true, ..Filter::default() }), 11);
        assert_eq!(kinds(Filter { host_id: Some("h".to_owned()), ..Filter::default() }), 1);
    }

    #[test]
    fn an_asset_matches_every_filter() {
        let asset = Asset {
            name: Some("log4j-core-2.14.1".to_owned()),
            version: Some("2.14.1".to_owned()),
            host_name: Some("web-1".to_owned()),
            ..Asset::new(AssetKind::Packages)
        };
        let filter = |name: &str, version: &str, host: &str| Filter {
            name: pattern(name),
            version: version.parse().ok(),
            host_name: pattern(host),
            ..Filter::default()
        };
        assert!(filter("log4j-core*", "<2.17", "web-*").matches(&asset));
        for filter in [
            filter("log4j", "<2.17", "*"),
            filter("*", "<2.14", "*"),
            filter("*", "<3", "db-*"),
            Filter { since: Some(SystemTime::UNIX_EPOCH), ..Filter::default() },
            Filter { port: Some(1), ..Filter::default() },
            Filter { root: true, ..Filter::default() },
            Filter { host_id: Some("h".to_owned()), ..Filter::default() },
        ] {
            assert!(!filter.matches(&asset));
        }
        let process = Asset { path: Some("/bin/sh".to_owned()), ..Asset::new(AssetKind::Processes) };
        assert!(Filter { name: pattern("*/sh"), ..Filter::default() }.matches(&process));
    }

    proptest! {
        #[test]
        fn every_match_contains_the_literal(pattern in "(a|b|[*?]|\\[[ab!]\\]|\\[!?\\]b\\]){0,6}", text in "[ab\\]!]{0,6}") {
            if let Ok(glob) = Pattern::new(&pattern) && glob.matches(&text) {
                let (literal, is_whole) = literal(&pattern);
                prop_assert!(if is_whole { text == literal } else { text.contains(&literal) }, "{} {}", pattern, literal);
            }
        }
    }
}
