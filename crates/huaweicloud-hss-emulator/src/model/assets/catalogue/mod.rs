//! What hosts and containers can have: invented, with the names and versions of common software.

mod software;
mod system;
mod web;

use std::borrow::Cow;
use std::sync::LazyLock;

use super::kind::AssetKind;

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

/// Some items of a kind, with their position in the catalogue.
pub(crate) type Selected = Vec<(usize, &'static Item)>;

/// In every host or container.
const ALWAYS: u8 = u8::MAX;

impl Item {
    const fn new(on: On, share: u8, name: &'static str, path: &'static str, detail: &'static str) -> Self {
        let (name, path) = (Cow::Borrowed(name), Cow::Borrowed(path));
        Self { name, versions: &[], path, detail, number: 0, on, share }
    }

    const fn versions(mut self, versions: &'static [&'static str]) -> Self {
        self.versions = versions;
        self
    }

    const fn number(mut self, number: u16) -> Self {
        self.number = number;
        self
    }
}

/// The software, with libraries that are not worth writing down.
static APPS: LazyLock<Vec<Item>> = LazyLock::new(software::apps);

/// Returns everything of a kind. The order never changes.
pub(crate) fn items(kind: AssetKind) -> &'static [Item] {
    match kind {
        AssetKind::Users => system::USERS,
        AssetKind::Port => system::PORTS,
        AssetKind::Process => system::PROCESSES,
        AssetKind::App => &APPS,
        AssetKind::AutoLaunch => system::AUTO_LAUNCHES,
        AssetKind::WebCms => web::APPS,
        AssetKind::WebService => web::SERVICES,
        AssetKind::WebFramework => web::FRAMEWORKS,
        AssetKind::WebSite => web::SITES,
        AssetKind::JarPackage => software::PACKAGES,
        AssetKind::Database => web::DATABASES,
        AssetKind::KernelModule => system::KERNEL_MODULES,
    }
}
