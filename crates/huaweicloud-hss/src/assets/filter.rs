//! Which assets to list, and which filters the service has for each kind.

use crate::error::Error;
use crate::generated::assets::bounds;
use crate::generated::bounds::Bounds;
use crate::types::queue::{Category, Queue};

use super::kind::AssetKind;

/// Selects assets: those that match each field that is set. The service does not have every filter for every kind;
/// a filter that it does not have is an error.
///
/// ```
/// use huaweicloud_hss::assets::AssetFilter;
///
/// let filter = AssetFilter::default().with_name("openssl").with_part_match(true);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AssetFilter {
    /// The id of the server.
    pub host_id: Option<String>,
    /// The name of the server.
    pub host_name: Option<String>,
    /// An address of the server.
    pub host_ip: Option<String>,
    /// The name of the asset: of a process its path, of a package and a web framework the name of its file, and of a
    /// website its domain.
    pub name: Option<String>,
    /// The version of the asset.
    pub version: Option<String>,
    /// The port number.
    pub port: Option<u16>,
    /// Whether the account has the rights of root.
    pub root_permission: Option<bool>,
    /// Whether the other fields match parts of a text.
    pub part_match: Option<bool>,
}

/// The filters that the service has for a kind.
struct Filters {
    host_id: Option<Bounds>,
    host_name: Bounds,
    host_ip: Bounds,
    name: Option<Bounds>,
    version: Option<Bounds>,
    port: Option<Bounds>,
    root_permission: bool,
    part_match: bool,
}

impl AssetFilter {
    /// Sets `host_id`.
    #[must_use]
    pub fn with_host_id(mut self, host_id: impl Into<String>) -> Self {
        self.host_id = Some(host_id.into());
        self
    }

    /// Sets `host_name`.
    #[must_use]
    pub fn with_host_name(mut self, host_name: impl Into<String>) -> Self {
        self.host_name = Some(host_name.into());
        self
    }

    /// Sets `host_ip`.
    #[must_use]
    pub fn with_host_ip(mut self, host_ip: impl Into<String>) -> Self {
        self.host_ip = Some(host_ip.into());
        self
    }

    /// Sets `name`.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets `version`.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets `port`.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets `root_permission`.
    #[must_use]
    pub fn with_root_permission(mut self, root_permission: bool) -> Self {
        self.root_permission = Some(root_permission);
        self
    }

    /// Sets `part_match`.
    #[must_use]
    pub fn with_part_match(mut self, part_match: bool) -> Self {
        self.part_match = Some(part_match);
        self
    }

    /// Returns the part of the filter that the service applies to a kind, to narrow its list. The caller checks the assets
    /// that it receives for the rest.
    ///
    /// With `part_match`, that is nothing for a kind without it.
    #[must_use]
    pub fn narrowed_for(&self, kind: AssetKind) -> Self {
        let host_id = self.host_id.clone().filter(|_| filters(kind, true).host_id.is_some());
        let filters = filters(kind, host_id.is_some());
        // The lists of these kinds match parts of a text only if they have a name.
        let matches_parts = filters.part_match && (self.name.is_some() || !kind.is_listed_by_name());
        let is_dropped = self.part_match == Some(true) && !matches_parts;
        let text = |given: &Option<String>, bounds: Option<Bounds>| {
            given.clone().filter(|text| !is_dropped && bounds.is_some_and(|bounds| bounds.check_str(text).is_ok()))
        };
        let mut narrowed = Self {
            host_id,
            host_name: text(&self.host_name, Some(filters.host_name)),
            host_ip: text(&self.host_ip, Some(filters.host_ip)),
            name: text(&self.name, filters.name),
            version: text(&self.version, filters.version),
            port: self.port.filter(|port| filters.port.is_some_and(|bounds| bounds.check((*port).into()).is_ok())),
            root_permission: self.root_permission.filter(|_| filters.root_permission),
            part_match: None,
        };
        if [&narrowed.host_name, &narrowed.host_ip, &narrowed.name, &narrowed.version].iter().any(|text| text.is_some())
        {
            narrowed.part_match = self.part_match.filter(|_| filters.part_match);
        }
        narrowed
    }

    /// Checks that the service has these filters for a kind, and that each is within its bounds.
    pub(super) fn check(&self, kind: AssetKind) -> Result<(), Error> {
        let filters = filters(kind, self.host_id.is_some());
        let text = |field: &str, given: &Option<String>, bounds: Option<Bounds>| match (given, bounds) {
            (None, _) => Ok(()),
            (Some(text), Some(bounds)) => bounds.check_str(text),
            (Some(_), None) => Err(unsupported(kind, field)),
        };
        text("host_id", &self.host_id, filters.host_id)?;
        text("host_name", &self.host_name, Some(filters.host_name))?;
        text("host_ip", &self.host_ip, Some(filters.host_ip))?;
        text("name", &self.name, filters.name)?;
        text("version", &self.version, filters.version)?;
        match (self.port, filters.port) {
            (None, _) => {}
            (Some(port), Some(bounds)) => bounds.check(port.into())?,
            (Some(_), None) => return Err(unsupported(kind, "port")),
        }
        if self.root_permission.is_some() && !filters.root_permission {
            return Err(unsupported(kind, "root_permission"));
        }
        if self.part_match.is_some() && !filters.part_match {
            return Err(unsupported(kind, "part_match"));
        }
        Ok(())
    }
}

/// Checks that the service lists a kind for the category of a queue.
pub(super) fn check_category(kind: AssetKind, queue: &Queue) -> Result<(), Error> {
    if queue.category == Category::Container && !kind.is_in_containers() {
        return Err(Error::invalid_input(format!("the service lists {} of servers only", kind.noun())));
    }
    Ok(())
}

fn unsupported(kind: AssetKind, field: &str) -> Error {
    Error::invalid_input(format!("the service does not filter {} by {field}", kind.noun()))
}

fn filters(kind: AssetKind, of_one_host: bool) -> Filters {
    /// A filter without documented bounds.
    const fn any(name: &'static str) -> Bounds {
        Bounds::characters(name, 0, u64::MAX)
    }
    match kind {
        AssetKind::Accounts => {
            use bounds::list_users as list;
            Filters {
                name: Some(list::USER_NAME),
                host_id: Some(list::HOST_ID),
                root_permission: true,
                ..of_all(list::HOST_NAME, list::PRIVATE_IP)
            }
        }
        AssetKind::Software => {
            use bounds::list_apps as list;
            Filters {
                host_id: Some(list::HOST_ID),
                name: Some(list::APP_NAME),
                version: Some(list::VERSION),
                ..of_all(list::HOST_NAME, list::HOST_IP)
            }
        }
        AssetKind::AutoStart => {
            use bounds::list_auto_launchs as list;
            Filters { name: Some(list::NAME), host_id: Some(list::HOST_ID), ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::Ports if of_one_host => {
            use bounds::list_ports as list;
            let all = of_all(list::HOST_NAME, list::HOST_IP);
            Filters { host_id: Some(list::HOST_ID), port: Some(list::PORT), part_match: false, ..all }
        }
        AssetKind::Ports => {
            use bounds::list_port_host as list;
            Filters { port: Some(list::PORT), part_match: false, ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::Processes => {
            Filters { name: Some(any("path")), part_match: false, ..of_all(any("host_name"), any("host_ip")) }
        }
        AssetKind::Packages => {
            use bounds::list_jar_package_host_info as list;
            Filters { name: Some(list::FILE_NAME), ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::KernelModules => {
            use bounds::list_kernel_module_host_info as list;
            Filters { name: Some(list::NAME), ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::WebFrameworks => {
            use bounds::list_web_framework_host_info as list;
            Filters { name: Some(list::FILE_NAME), ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::Websites => {
            use bounds::list_web_site_host_info as list;
            Filters { name: Some(list::DOMAIN), ..of_all(list::HOST_NAME, list::HOST_IP) }
        }
        AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases => {
            use bounds::list_web_app_and_services as list;
            Filters {
                host_id: Some(list::HOST_ID),
                name: Some(list::NAME),
                version: Some(list::VERSION),
                ..of_all(list::HOST_NAME, list::HOST_IP)
            }
        }
    }
}

/// The filters that most kinds have.
fn of_all(host_name: Bounds, host_ip: Bounds) -> Filters {
    Filters {
        host_id: None,
        host_name,
        host_ip,
        name: None,
        version: None,
        port: None,
        root_permission: false,
        part_match: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_filter_is_one_that_the_service_has() {
        let filter = AssetFilter::default;
        let parts = filter().with_name("log4j").with_host_name("web").with_part_match(true);
        let many = parts.clone().with_host_id("h").with_version("1").with_port(80).with_root_permission(true);
        for kind in AssetKind::ALL {
            for filter in [&parts, &many, &filter().with_name("x".repeat(40)), &filter().with_port(80)] {
                let narrowed = filter.narrowed_for(kind);
                assert!(narrowed.check(kind).is_ok(), "{kind} {narrowed:?}");
                assert_eq!(narrowed, narrowed.narrowed_for(kind));
            }
        }
        assert_eq!(parts.narrowed_for(AssetKind::Packages), parts);
        let root = filter().with_root_permission(true);
        assert_eq!(root.narrowed_for(AssetKind::Accounts), root);
        assert_eq!(many.narrowed_for(AssetKind::Ports), filter().with_host_id("h").with_port(80));
        assert_eq!(filter().with_host_name("w").with_part_match(true).narrowed_for(AssetKind::Websites), filter());
        assert_eq!(filter().with_name("x".repeat(33)).narrowed_for(AssetKind::Accounts), filter());
    }

    #[test]
    fn a_filter_that_the_service_does_not_have_is_an_error() {
        let filter = AssetFilter::default;
        for (kind, filter, problem) in [
            (AssetKind::Software, filter().with_host_id("h").with_version("1").with_part_match(true), None),
            (AssetKind::Ports, filter().with_host_id("h").with_port(22), None),
            (AssetKind::Ports, filter().with_port(22).with_host_name("web"), None),
            (AssetKind::KernelModules, filter().with_name("ext4"), None),
            (
                AssetKind::KernelModules,
                filter().with_host_id("h"),
                Some("the service does not filter kernel modules by host_id"),
            ),
            (
                AssetKind::Processes,
                filter().with_part_match(true),
                Some("the service does not filter processes by part_match"),
            ),
            (AssetKind::Ports, filter().with_name("ssh"), Some("the service does not filter ports by name")),
            (AssetKind::Accounts, filter().with_port(22), Some("the service does not filter accounts by port")),
            (AssetKind::Accounts, filter().with_root_permission(true), None),
            (
                AssetKind::Software,
                filter().with_root_permission(true),
                Some("the service does not filter rows of software by root_permission"),
            ),
            (AssetKind::Ports, filter().with_port(0), Some("port takes 1 to 65535, not 0")),
            (AssetKind::Packages, filter().with_name(""), Some("file_name takes 1 to 256 characters, not 0")),
            (
                AssetKind::Accounts,
                filter().with_name("x".repeat(33)),
                Some("user_name takes 0 to 32 characters, not 33"),
            ),
        ] {
            let found = filter.check(kind).err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), problem, "{kind} {filter:?}");
        }
    }
}
