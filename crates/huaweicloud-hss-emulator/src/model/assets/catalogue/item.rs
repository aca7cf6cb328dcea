//! One entry of the catalogue.

use std::borrow::Cow;

/// One thing that a host or container may have. What the texts mean depends on the kind.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) name: Cow<'static, str>,
    /// The versions. A host or container has one of them.
    pub(crate) versions: &'static [&'static str],
    /// The path, or the folder.
    pub(crate) path: Cow<'static, str>,
    /// Shell, protocol, arguments, user, program, configuration file, or short name.
    pub(crate) detail: &'static str,
    /// Port, or type of an auto-start item.
    pub(crate) number: u16,
    pub(crate) on: On,
    /// How many of 255 such hosts have it.
    pub(crate) share: u8,
}

/// The hosts and containers that may have an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// Linux servers and containers.
    Linux,
    /// Linux servers.
    LinuxHost,
    /// Windows servers.
    Windows,
    /// Linux servers of this role, and their containers.
    Role(&'static str),
}

/// In every host or container.
pub(super) const ALWAYS: u8 = u8::MAX;

impl Item {
    pub(super) const fn new(on: On, share: u8, name: &'static str, path: &'static str, detail: &'static str) -> Self {
        let (name, path) = (Cow::Borrowed(name), Cow::Borrowed(path));
        Self { name, versions: &[], path, detail, number: 0, on, share }
    }

    pub(super) const fn versions(mut self, versions: &'static [&'static str]) -> Self {
        self.versions = versions;
        self
    }

    pub(super) const fn number(mut self, number: u16) -> Self {
        self.number = number;
        self
    }
}
