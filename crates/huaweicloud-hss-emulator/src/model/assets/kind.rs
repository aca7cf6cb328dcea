//! The kinds of assets, where they are, and how often they are collected without an order.

use serde::{Deserialize, Serialize};

/// A kind of asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetKind {
    /// Accounts.
    Users,
    /// Open ports.
    Port,
    /// Processes.
    Process,
    /// Installed software.
    App,
    /// What a server starts by itself.
    AutoLaunch,
    /// Web apps.
    WebCms,
    /// Web services.
    WebService,
    /// Web frameworks.
    WebFramework,
    /// Websites.
    WebSite,
    /// Packages: jar, Python and npm.
    JarPackage,
    /// Databases.
    Database,
    /// Kernel modules.
    KernelModule,
}

/// Where assets are: on servers or in containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetCategory {
    /// On servers.
    Host,
    /// In containers.
    Container,
}

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// The first Monday 04:10 after 1970 began, in milliseconds.
const MONDAY: i64 = 4 * DAY + 4 * HOUR + 10 * 60 * SECOND;

/// The weekly collection of all hosts takes this long.
const WEEKLY_SPREAD: i64 = 300 * SECOND;

impl AssetKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Users,
        Self::Port,
        Self::Process,
        Self::App,
        Self::AutoLaunch,
        Self::WebCms,
        Self::WebService,
        Self::WebFramework,
        Self::WebSite,
        Self::JarPackage,
        Self::Database,
        Self::KernelModule,
    ];

    /// Returns the kind with the name that exports use, such as `jar_package`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// Returns the kind with the name that collections of one host use, such as `midware`.
    pub(crate) fn collected_as(name: &str) -> Option<Self> {
        Some(match name {
            "web-app" => Self::WebCms,
            "web-service" => Self::WebService,
            "web-framework" | "web-framwork" => Self::WebFramework,
            "web-site" => Self::WebSite,
            "midware" => Self::JarPackage,
            "database" => Self::Database,
            "kernel-module" => Self::KernelModule,
            _ => return None,
        })
    }

    /// Returns the time between two automatic collections, and when the first possible one of a host began. `chance`
    /// spreads the hosts.
    fn schedule(self, chance: u64) -> (i64, i64) {
        let spread = |over: i64| i64::try_from(chance % over.unsigned_abs().max(1)).unwrap_or_default();
        match self {
            Self::Port => (30 * SECOND, spread(30 * SECOND)),
            Self::Users | Self::Process | Self::AutoLaunch => (HOUR, spread(HOUR)),
            Self::App => (DAY, spread(DAY)),
            _ => (7 * DAY, MONDAY + spread(WEEKLY_SPREAD)),
        }
    }

    /// Whether it is collected once a week.
    pub(crate) fn is_weekly(self) -> bool {
        self.schedule(0).0 == 7 * DAY
    }

    /// Whether servers have it, but containers do not.
    pub(crate) fn is_only_on_hosts(self) -> bool {
        matches!(self, Self::AutoLaunch | Self::KernelModule)
    }

    /// Returns the last automatic collection up to a time.
    pub(crate) fn last_scheduled(self, chance: u64, until: i64) -> i64 {
        let (period, first) = self.schedule(chance);
        until.saturating_sub(until.saturating_sub(first).rem_euclid(period))
    }
}

impl AssetCategory {
    /// Both categories.
    pub const ALL: [Self; 2] = [Self::Host, Self::Container];

    /// Returns the category of a request; servers by default.
    pub(crate) fn named(name: &str) -> Self {
        if name == "container" { Self::Container } else { Self::Host }
    }
}

#[cfg(test)]
mod tests {
    use super::AssetKind;

    #[test]
    fn weekly_collections_are_on_monday_at_ten_past_four() {
        // 2026-04-06 is a Monday. Its 04:10 and the moment before it.
        let monday = 1_775_448_600_000;
        assert_eq!(AssetKind::Database.last_scheduled(0, monday), monday);
        assert_eq!(AssetKind::Database.last_scheduled(0, monday - 1), monday - 7 * 86_400_000);
        assert_eq!(AssetKind::Database.last_scheduled(7000, monday + 8000), monday + 7000);
        assert_eq!(AssetKind::Port.last_scheduled(1000, 65_000), 61_000);
        assert_eq!(AssetKind::Users.last_scheduled(0, 3_600_000 * 5 - 1), 3_600_000 * 4);
        assert_eq!(AssetKind::App.last_scheduled(0, 86_400_000 * 5 + 1), 86_400_000 * 5);
    }
}
