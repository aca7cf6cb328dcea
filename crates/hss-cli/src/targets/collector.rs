//! Groups targets by their queue, and validates their ids.

use std::collections::HashMap;

use huaweicloud_hss::fleet::{Target, TargetSet};

use crate::cli::validate_id;

use super::queue_spec::QueueSpec;

/// The targets of each queue, in the order in which the queues appear first.
pub(crate) type TargetList = Vec<(QueueSpec, TargetSet)>;

/// What a list of ids contains, and the flag that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    Hosts(&'static str),
    Groups(&'static str),
}

/// A target as a list names it. Empty parts mean the default.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row<'a> {
    /// Region, project, enterprise project and category.
    pub(super) queue: [&'a str; 4],
    pub(super) selector: &'a str,
    pub(super) id: &'a str,
}

/// Collects the targets of a list.
#[derive(Default)]
pub(super) struct Collector {
    /// What the list may contain; anything if `None`.
    pub(super) only: Option<Only>,
    list: TargetList,
    /// Index of each queue in the list.
    indices: HashMap<QueueSpec, usize>,
    /// The cells that named the queue of the previous row, and its index. Lists are long and mostly sorted by queue.
    last: Option<([String; 4], usize)>,
    /// Number of ids that do not have the documented form, and the first of them.
    unusual: u64,
    first_unusual: Option<String>,
}

impl Collector {
    pub(super) fn new(only: Option<Only>) -> Self {
        Self { only, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a target.
    pub(super) fn add(&mut self, row: Row<'_>) -> Result<(), String> {
        let Row { queue, selector, id } = row;
        let target = match (selector, id, self.only) {
            ("all_hosts", "", _) => Target::AllHosts,
            ("all_hosts", ..) => return Err("the selector all_hosts takes no id".to_owned()),
            ("host" | "host_ids" | "server_group" | "", "", _) => return Err("the id is missing".to_owned()),
            ("server_group", ..) | ("", _, Some(Only::Groups(_))) => Target::ServerGroup(id),
            ("host" | "host_ids" | "", ..) => Target::Host(id),
            (other, ..) => return Err(format!("unknown selector {other:?}; use all_hosts, host or server_group")),
        };
        match (self.only, &target) {
            (None, _) | (Some(Only::Hosts(_)), Target::Host(_)) | (Some(Only::Groups(_)), Target::ServerGroup(_)) => {}
            (Some(Only::Hosts(flag)), _) => {
                return Err(format!("{flag} takes servers only; pass lists of other targets with --targets"));
            }
            (Some(Only::Groups(flag)), _) => {
                return Err(format!("{flag} takes server groups only; pass lists of other targets with --targets"));
            }
        }
        if let Target::Host(id) | Target::ServerGroup(id) = target {
            validate_id(id).map_err(|reason| format!("the id {reason}"))?;
            if !has_documented_form(id) {
                self.unusual += 1;
                self.first_unusual.get_or_insert_with(|| id.to_owned());
            }
        }
        let index = self.queue_index(queue)?;
        self.list[index].1.add(target).map_err(|error| error.to_string())
    }

    /// Returns the index of a queue in the list, and adds the queue if it is new.
    fn queue_index(&mut self, cells: [&str; 4]) -> Result<usize, String> {
        if let Some((last, index)) = &self.last
            && *last == cells
        {
            return Ok(*index);
        }
        let queue = QueueSpec::parse(cells)?;
        let next = self.list.len();
        let index = *self.indices.entry(queue.clone()).or_insert(next);
        if index == next {
            self.list.push((queue, TargetSet::default()));
        }
        self.last = Some((cells.map(str::to_owned), index));
        Ok(index)
    }

    /// Returns a note on ids that the service may not know.
    pub(super) fn note(&self) -> Option<String> {
        let example = self.first_unusual.as_ref()?;
        let shown: String = example.chars().take(64).collect();
        Some(format!(
            "note: {} not 1 to 64 letters, digits, hyphens and underscores, as documented; the first is {shown:?}",
            match self.unusual {
                1 => "1 id is".to_owned(),
                count => format!("{count} ids are"),
            }
        ))
    }

    pub(super) fn into_list(self) -> TargetList {
        self.list
    }
}

/// Returns whether an id has the form that the vendor's API definitions give: see
/// `docs/design/service-behaviour.md#scan-and-status`. The reference page gives none, so other ids only cause a note.
fn has_documented_form(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
