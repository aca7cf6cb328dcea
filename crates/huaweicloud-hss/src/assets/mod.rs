//! The asset inventory: what scans found on servers and in containers.
//!
//! [`Client::assets`](crate::Client::assets) lists the assets of one [`AssetKind`], as one row type for all kinds.
//! [`Client::asset_counts`](crate::Client::asset_counts) lists how common each is. Both read page by page, and every
//! list is complete or an error.

mod asset;
mod calls;
mod compare;
mod counts;
mod filter;
mod json;
mod kind;
mod list;
mod pager;
mod sbom;
mod version;

pub use asset::{Asset, Container};
pub use calls::AssetExport;
pub use compare::{AssetFacts, AssetKey, FieldChange};
pub use counts::{AssetCount, AssetCountPager};
pub use filter::AssetFilter;
pub use kind::{AssetKind, WitnessStrength};
pub use pager::AssetPager;
pub use sbom::{Sbom, SbomDocument};
pub use version::VersionRange;

/// The client that the generator makes from `spec/assets.yaml`.
pub use crate::generated::assets as api;
