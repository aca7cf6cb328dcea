//! What hosts and containers can have: invented, with the names and versions of common software.

mod item;
mod software;
mod system;
mod web;

use std::sync::LazyLock;

use super::kind::AssetKind;

pub(crate) use self::item::{Item, On};

/// Some items of a kind, with their position in the catalogue.
pub(crate) type Selected = Vec<(usize, &'static Item)>;

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
