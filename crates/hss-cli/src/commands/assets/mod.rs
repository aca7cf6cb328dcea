//! `hss assets`: reads the inventory, from the service and from saved lists.

mod filter;
mod list;

pub(crate) use list::list;
