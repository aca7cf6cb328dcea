//! What shows that the data of a server is new.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::assets::{AssetKind, WitnessStrength};
use crate::error::Error;

use super::collect::CollectKind;

/// An asset whose time shows when a server was last collected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Witness {
    /// The kind of asset.
    pub kind: AssetKind,
    /// Its name.
    pub name: Arc<str>,
}

impl Witness {
    /// The accounts that almost every server has one of.
    pub(super) const ACCOUNTS: [&str; 2] = ["root", "Administrator"];

    pub(super) fn new(kind: AssetKind, name: &str) -> Self {
        Self { kind, name: Arc::from(name) }
    }

    /// Returns how much its time proves.
    #[must_use]
    pub fn strength(&self) -> WitnessStrength {
        self.kind.witness_strength()
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.kind, crate::printable(&self.name)))
    }
}

/// Where a time comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A row of the inventory.
    Asset(Witness),
    /// The status of the last collection of a kind on the server.
    Collection(CollectKind),
}

/// How the status of a collection is written, before its kind.
const COLLECTION: &str = "collection ";

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asset(witness) => witness.fmt(f),
            Self::Collection(kind) => f.pad(&format!("{COLLECTION}{kind}")),
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(kind) = text.strip_prefix(COLLECTION) {
            return Ok(Self::Collection(kind.parse()?));
        }
        let (kind, name) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self::Asset(Witness::new(kind.parse()?, name)))
    }
}
