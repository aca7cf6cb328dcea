//! Filters of the asset lists.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::host_details::private_ip;
use crate::model::inventory::Host;

use super::catalogue::{Item, Selected, items};
use super::kind::AssetKind;

/// What a filter compares with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    HostId,
    HostName,
    HostIp,
    Name,
    Version,
    Path,
    Detail,
    Number,
    /// How dangerous a port is.
    Danger,
    /// Whether an account may log in.
    Login,
    /// Whether an account has the rights of root.
    Root,
    /// The group of an account.
    Group,
    /// Digits that the number contains.
    Digits,
}

/// The filter of a list. Without `part_match`, texts must be equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RowFilter {
    fields: Vec<(Field, String)>,
    by_part: bool,
}

impl RowFilter {
    /// Returns the filter of a request. `fields` has the names of its parameters.
    pub(crate) fn new(parameters: &BTreeMap<String, Value>, fields: &[(&str, Field)], by_part: bool) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let by_part = by_part || parameters.get("part_match") == Some(&Value::Bool(true));
        // An empty text filters nothing.
        let given = fields.iter().filter_map(|(name, field)| Some((*field, text(parameters.get(*name)?))));
        Self { fields: given.filter(|(_, text)| !text.is_empty()).collect(), by_part }
    }

    /// Returns the items of a kind that match.
    pub(crate) fn select(&self, kind: AssetKind) -> Selected {
        items(kind).iter().enumerate().filter(|(_, item)| self.matches_item(item)).collect()
    }

    fn matches(&self, field: Field, value: impl FnOnce() -> String) -> bool {
        let mut wanted = self.fields.iter().filter(|(known, _)| *known == field).peekable();
        if wanted.peek().is_none() {
            return true;
        }
        let value = value();
        wanted.all(|(_, text)| if self.by_part { value.contains(text.as_str()) } else { value == *text })
    }

    pub(crate) fn matches_host(&self, index: usize, host: &Host) -> bool {
        // Ids only match as a whole.
        self.fields.iter().all(|(field, text)| *field != Field::HostId || text == host.id())
            && self.matches(Field::HostName, || host.name().to_owned())
            && self.matches(Field::HostIp, || private_ip(index))
    }

    /// Returns the id of the only host that can match.
    pub(crate) fn host_id(&self) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == Field::HostId).map(|(_, id)| id.as_str())
    }

    pub(crate) fn matches_version(&self, version: impl FnOnce() -> &'static str) -> bool {
        self.matches(Field::Version, || version().to_owned())
    }

    fn matches_item(&self, item: &Item) -> bool {
        // Numbers and flags only match as a whole.
        self.fields.iter().all(|(field, text)| match field {
            Field::Number => item.number.to_string() == *text,
            Field::Digits => item.number.to_string().contains(text.as_str()),
            Field::Danger => danger(item) == text,
            Field::Login => may_log_in(item).to_string() == *text,
            Field::Root => is_root(item).to_string() == *text,
            _ => true,
        }) && self.matches(Field::Name, || item.name.clone().into_owned())
            && self.matches(Field::Path, || item.path.clone().into_owned())
            && self.matches(Field::Detail, || item.detail.to_owned())
            && self.matches(Field::Group, || group(item).to_owned())
    }
}

/// Returns how dangerous a port is.
pub(crate) fn danger(item: &Item) -> &'static str {
    match item.number {
        23 | 135 | 445 | 6379 => "danger",
        22 | 80 | 443 => "normal",
        _ => "unknown",
    }
}

/// Whether an account may log in.
pub(crate) fn may_log_in(item: &Item) -> bool {
    !item.detail.is_empty() && !item.detail.ends_with("nologin")
}

/// Whether an account has the rights of root.
pub(crate) fn is_root(item: &Item) -> bool {
    matches!(&*item.name, "root" | "Administrator")
}

/// Returns the group of an account.
pub(crate) fn group(item: &Item) -> &str {
    if &*item.name == "Administrator" { "Administrators" } else { &item.name }
}
