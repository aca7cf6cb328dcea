//! `hss assets` and `hss sbom`: read the inventory, from the service and from saved lists.

mod columns;
mod diff;
mod filter;
mod list;
mod saved;
mod sbom;

pub(crate) use diff::diff;
pub(crate) use list::list;
pub(crate) use sbom::sbom;
