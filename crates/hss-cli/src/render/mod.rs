//! Formats results: tables, lists, and the report of a run in every output format.

mod encode;
mod html;
mod listing;
mod report;
mod table;

pub(crate) use encode::milliseconds;
pub(crate) use html::page;
pub(crate) use listing::{Listing, optional_text};
pub(crate) use report::{Account, RESULT_COLUMNS, TARGET_COLUMNS, call_line};
pub(crate) use table::rows;
