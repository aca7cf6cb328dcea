//! `hss assets`: reads the inventory, from the service and from saved lists.

mod columns;
mod diff;
mod filter;
mod list;
mod saved;

pub(crate) use diff::diff;
pub(crate) use list::list;
