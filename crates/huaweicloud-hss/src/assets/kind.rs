//! The kinds of asset, and what the service documents about each.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::Error;

/// A kind of asset that scans find on servers and in containers.
///
/// ```
/// use huaweicloud_hss::assets::{AssetKind, WitnessStrength};
///
/// let kind: AssetKind = "kernel-modules".parse()?;
/// assert_eq!(kind, AssetKind::KernelModules);
/// assert_eq!(kind.witness_strength(), WitnessStrength::Strong);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AssetKind {
    /// Accounts of the operating system.
    Accounts,
    /// Installed software.
    Software,
    /// Open ports.
    Ports,
    /// Processes.
    Processes,
    /// What a server starts by itself.
    AutoStart,
    /// Packages of programming languages: jar, Python and npm. The service calls them middleware.
    Packages,
    /// Kernel modules.
    KernelModules,
    /// Web frameworks.
    WebFrameworks,
    /// Websites.
    Websites,
    /// Web services.
    WebServices,
    /// Web apps.
    WebApps,
    /// Databases.
    Databases,
}

/// How much a new time on a row of a kind proves about a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WitnessStrength {
    /// Nothing: its rows have no time.
    None,
    /// The data is new, but the service collects it every hour without a scan.
    Weak,
    /// The data is new, but the service collects it every day without a scan.
    Middle,
    /// A scan: without one, the service collects it once a week.
    Strong,
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl AssetKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Accounts,
        Self::Software,
        Self::Ports,
        Self::Processes,
        Self::AutoStart,
        Self::Packages,
        Self::KernelModules,
        Self::WebFrameworks,
        Self::Websites,
        Self::WebServices,
        Self::WebApps,
        Self::Databases,
    ];

    /// Returns its name, which is parsed again by [`str::parse`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Software => "software",
            Self::Ports => "ports",
            Self::Processes => "processes",
            Self::AutoStart => "auto-start",
            Self::Packages => "packages",
            Self::KernelModules => "kernel-modules",
            Self::WebFrameworks => "web-frameworks",
            Self::Websites => "websites",
            Self::WebServices => "web-services",
            Self::WebApps => "web-apps",
            Self::Databases => "databases",
        }
    }

    /// Returns what its rows are, in the plural.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Software => "rows of software",
            Self::AutoStart => "auto-start items",
            Self::KernelModules => "kernel modules",
            Self::WebFrameworks => "web frameworks",
            Self::WebServices => "web services",
            Self::WebApps => "web apps",
            other => other.name(),
        }
    }

    /// Returns how often the service collects it without a scan (`docs/design/service-behaviour.md#inventory`), unless a
    /// policy of the account sets another period.
    #[must_use]
    pub const fn refresh_period(self) -> Duration {
        match self {
            Self::Ports => Duration::from_secs(30),
            Self::Accounts | Self::Processes | Self::AutoStart => HOUR,
            Self::Software => DAY,
            Self::Packages
            | Self::KernelModules
            | Self::WebFrameworks
            | Self::Websites
            | Self::WebServices
            | Self::WebApps
            | Self::Databases => WEEK,
        }
    }

    /// Returns how much a new [`seen_at`](super::Asset::seen_at) of a row proves.
    #[must_use]
    pub const fn witness_strength(self) -> WitnessStrength {
        match self {
            Self::Ports | Self::Processes => WitnessStrength::None,
            Self::Accounts | Self::AutoStart => WitnessStrength::Weak,
            Self::Software => WitnessStrength::Middle,
            Self::Packages
            | Self::KernelModules
            | Self::WebFrameworks
            | Self::Websites
            | Self::WebServices
            | Self::WebApps
            | Self::Databases => WitnessStrength::Strong,
        }
    }

    /// Returns whether the service lists it by port number or name only.
    #[must_use]
    pub const fn is_listed_by_name(self) -> bool {
        matches!(self, Self::Ports | Self::Packages | Self::KernelModules | Self::Websites)
    }

    /// Returns whether the service lists it for containers.
    #[must_use]
    pub const fn is_in_containers(self) -> bool {
        !matches!(self, Self::AutoStart | Self::KernelModules)
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for AssetKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid_input(format!("`{}` is not a kind of asset: it is one of {names}", crate::printable(name)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in AssetKind::ALL {
            assert_eq!(kind.name().parse::<AssetKind>().unwrap(), kind);
        }
        let text = "jars".parse::<AssetKind>().unwrap_err().to_string();
        assert!(text.starts_with("`jars` is not a kind of asset: it is one of accounts, software, "), "{text}");
    }

    #[test]
    fn a_rarer_collection_is_a_stronger_witness() {
        let mut kinds: Vec<_> =
            AssetKind::ALL.into_iter().filter(|kind| kind.witness_strength() > WitnessStrength::None).collect();
        kinds.sort_by_key(|kind| kind.refresh_period());
        assert!(kinds.is_sorted_by_key(|kind| kind.witness_strength()), "{kinds:?}");
    }
}
