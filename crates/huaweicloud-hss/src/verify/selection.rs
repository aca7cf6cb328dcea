//! The servers that are examined: all of a queue, some, or those of server groups.

use std::collections::HashSet;

use crate::types::host::Host;
use crate::types::selector::Selector;

/// Selects servers of a queue.
///
/// ```
/// use huaweicloud_hss::verify::HostSelection;
/// use huaweicloud_hss::{IdList, Selector};
///
/// let some = Selector::Hosts(IdList::from_iter(["host-1", "host-2"]));
/// let selection = HostSelection::from_iter([&some]);
/// assert_eq!(selection.ids().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostSelection {
    all: bool,
    ids: HashSet<Box<str>>,
    groups: HashSet<Box<str>>,
}

impl HostSelection {
    /// Selects every server.
    #[must_use]
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Adds the servers of a selector.
    pub fn add(&mut self, selector: &Selector) {
        let ids = selector.ids().iter().map(Box::from);
        match selector {
            Selector::AllHosts => self.all = true,
            Selector::Hosts(_) => self.ids.extend(ids),
            Selector::ServerGroups(_) => self.groups.extend(ids),
        }
    }

    /// Returns the ids of servers that were selected one by one.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| &**id)
    }

    /// Returns whether a server is selected.
    #[must_use]
    pub fn contains(&self, host: &Host) -> bool {
        let is_named = host.host_id.as_deref().is_some_and(|id| self.ids.contains(id));
        self.all || is_named || self.contains_group(host.group_id.as_deref())
    }

    /// Returns whether a server group is selected.
    pub(super) fn contains_group(&self, group_id: Option<&str>) -> bool {
        group_id.is_some_and(|id| self.groups.contains(id))
    }
}

impl<'a> FromIterator<&'a Selector> for HostSelection {
    fn from_iter<I: IntoIterator<Item = &'a Selector>>(selectors: I) -> Self {
        let mut selection = Self::default();
        selectors.into_iter().for_each(|selector| selection.add(selector));
        selection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::id_list::IdList;

    #[test]
    fn servers_are_selected_by_id_group_or_altogether() {
        let host = |id: &str, group: &str| Host {
            host_id: Some(id.to_owned()),
            group_id: Some(group.to_owned()),
            ..Host::default()
        };
        let ids = |id: &str| IdList::from_iter([id]);
        let selection = HostSelection::from_iter([&Selector::Hosts(ids("a")), &Selector::ServerGroups(ids("g"))]);
        assert!(selection.contains(&host("a", "")) && selection.contains(&host("b", "g")));
        assert!(!selection.contains(&host("g", "a")));
        assert!(HostSelection::all().contains(&Host::default()));
        assert!(!HostSelection::default().contains(&host("a", "g")));
    }
}
