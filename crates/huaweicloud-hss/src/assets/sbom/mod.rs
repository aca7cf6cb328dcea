//! Software bills of materials: CycloneDX documents of the software and packages of servers.

mod document;
mod purl;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::types::host::Host;

use super::asset::Asset;
use super::kind::AssetKind;

use document::{Component, Dependency, Evidence, FileHash, Occurrence, Property};
use purl::Distribution;

pub use document::SbomDocument;

/// Collects software and packages, and makes CycloneDX 1.6 documents of them: one of a server, or one of all.
///
/// A text that many servers share is kept once.
///
/// ```
/// use huaweicloud_hss::assets::{Asset, AssetKind, Sbom};
///
/// let mut sbom = Sbom::default();
/// sbom.add(&Asset {
///     host_id: Some("h".to_owned()),
///     name: Some("lodash".to_owned()),
///     version: Some("4.17.21".to_owned()),
///     extra: [("file_type".to_owned(), "npm".into())].into(),
///     ..Asset::new(AssetKind::Packages)
/// });
/// let json = serde_json::to_value(sbom.all_servers(None))?;
/// assert_eq!(json["components"][1]["purl"], "pkg:npm/lodash@4.17.21");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sbom {
    servers: BTreeMap<String, Server>,
    materials: Numbered<Material>,
    /// Paths and names of containers.
    texts: Numbered<String>,
}

#[derive(Clone, Debug, Default)]
struct Server {
    name: Option<String>,
    address: Option<String>,
    os_name: Option<String>,
    distribution: Option<Distribution>,
    newest: Option<SystemTime>,
    findings: BTreeSet<Finding>,
}

/// A material that was found, by number: what, the container and the path.
type Finding = (u32, Option<u32>, Option<u32>);

/// What is one component, wherever it was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Material {
    name: String,
    version: Option<String>,
    hash: Option<String>,
    origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Origin {
    /// Software, with the distribution of its server.
    Software(Option<Distribution>),
    /// A package, with the type of its file.
    Package(String),
}

/// Values that have numbers.
#[derive(Clone, Debug)]
struct Numbered<T> {
    numbers: HashMap<T, u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new() }
    }
}

impl<T: Eq + std::hash::Hash> Numbered<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(value).or_insert(next)
    }

    /// Returns the values by number.
    fn values(&self) -> HashMap<u32, &T> {
        self.numbers.iter().map(|(value, number)| (*number, value)).collect()
    }
}

impl Sbom {
    /// Adds what is known about a server. Its operating system decides the package URLs of the software that is added
    /// after it.
    pub fn add_host(&mut self, host: &Host) {
        let Some(id) = host.host_id.clone() else { return };
        let server = self.servers.entry(id).or_default();
        server.name.clone_from(&host.host_name);
        server.address.clone_from(&host.private_ip);
        server.os_name.clone_from(&host.os_name);
        server.distribution = host.os_name.as_deref().and_then(Distribution::of);
    }

    /// Adds software or a package. Returns false for another kind, and without a name: nothing is added.
    pub fn add(&mut self, asset: &Asset) -> bool {
        let Some(name) = asset.name.clone() else { return false };
        let id = [&asset.host_id, &asset.host_name, &asset.host_ip].into_iter().flatten().next();
        let server = self.servers.entry(id.cloned().unwrap_or_else(|| "unknown".to_owned())).or_default();
        let container =
            asset.container.as_ref().and_then(|container| container.name.as_ref().or(container.id.as_ref()));
        let origin = match asset.kind {
            // The system of a container is not known.
            AssetKind::Software => Origin::Software(server.distribution.clone().filter(|_| container.is_none())),
            AssetKind::Packages => Origin::Package(
                asset.extra.get("file_type").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned(),
            ),
            _ => return false,
        };
        let material = Material { name, version: asset.version.clone(), hash: asset.hash.clone(), origin };
        let mut text = |text: Option<&String>| text.map(|text| self.texts.number(text.clone()));
        let finding = (self.materials.number(material), text(container), text(asset.path.as_ref()));
        server.findings.insert(finding);
        server.newest = server.newest.max(asset.seen_at);
        server.name = server.name.take().or_else(|| asset.host_name.clone());
        server.address = server.address.take().or_else(|| asset.host_ip.clone());
        true
    }

    /// Returns the ids of the servers with software or packages.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().filter(|(_, server)| !server.findings.is_empty()).map(|(id, _)| id.as_str())
    }

    /// Returns the document of a server; `None` if nothing was added for it. Without a time, it has that of its newest
    /// row.
    #[must_use]
    pub fn server(&self, id: &str, time: Option<SystemTime>) -> Option<SbomDocument> {
        let server = self.servers.get(id).filter(|server| !server.findings.is_empty())?;
        let subject = server.component(id);
        let components = self.components([server]);
        let refs = components.values().map(|component| component.bom_ref.clone()).collect();
        let dependencies = vec![Dependency { of: subject.bom_ref.clone(), depends_on: sorted(refs) }];
        let components = by_name(components.into_values().collect());
        Some(SbomDocument::new(timestamp(time.or(server.newest)), subject, components, dependencies))
    }

    /// Returns the document of all servers: each is a component that depends on what was found on it. Without a time, it
    /// has that of the newest row.
    #[must_use]
    pub fn all_servers(&self, time: Option<SystemTime>) -> SbomDocument {
        let servers: Vec<_> = self.servers.iter().filter(|(_, server)| !server.findings.is_empty()).collect();
        let newest = servers.iter().filter_map(|(_, server)| server.newest).max();
        let subject = Component {
            kind: "platform",
            bom_ref: "servers".to_owned(),
            name: "servers".to_owned(),
            ..Component::default()
        };
        let found = self.components(servers.iter().map(|(_, server)| *server));
        let mut components = Vec::new();
        let mut dependencies = Vec::new();
        for (id, server) in servers {
            let component = server.component(id);
            let materials: BTreeSet<_> = server.findings.iter().map(|(material, ..)| *material).collect();
            let refs = materials.into_iter().map(|material| found[&material].bom_ref.clone()).collect();
            dependencies.push(Dependency { of: component.bom_ref.clone(), depends_on: sorted(refs) });
            components.push(component);
        }
        let refs = components.iter().map(|component| component.bom_ref.clone()).collect();
        dependencies.insert(0, Dependency { of: subject.bom_ref.clone(), depends_on: refs });
        components.extend(by_name(found.into_values().collect()));
        SbomDocument::new(timestamp(time.or(newest)), subject, components, dependencies)
    }

    /// Returns the components of what was found on servers, by the number of the material.
    fn components<'a>(&self, servers: impl IntoIterator<Item = &'a Server>) -> HashMap<u32, Component> {
        let texts = self.texts.values();
        let mut places: HashMap<u32, BTreeSet<(&str, Option<&str>)>> = HashMap::new();
        for (material, container, path) in servers.into_iter().flat_map(|server| &server.findings) {
            let places = places.entry(*material).or_default();
            if let Some(path) = path {
                places.insert((texts[path].as_str(), container.map(|container| texts[&container].as_str())));
            }
        }
        let materials = self.materials.values();
        places.into_iter().map(|(number, places)| (number, materials[&number].component(&places))).collect()
    }
}

impl Server {
    fn component(&self, id: &str) -> Component {
        let properties = [
            ("hss:host_id", Some(id)),
            ("hss:host_ip", self.address.as_deref()),
            ("hss:os_name", self.os_name.as_deref()),
        ];
        let properties = properties.into_iter().filter_map(|(name, value)| Some(Property::new(name, value?)));
        Component {
            kind: "device",
            bom_ref: format!("server:{id}"),
            name: self.name.clone().unwrap_or_else(|| id.to_owned()),
            properties: properties.collect(),
            ..Component::default()
        }
    }
}

impl Material {
    fn component(&self, places: &BTreeSet<(&str, Option<&str>)>) -> Component {
        let version = self.version.as_deref();
        let mut properties = Vec::new();
        let (kind, purl) = match &self.origin {
            Origin::Software(distribution) => {
                properties.push(Property::new("hss:kind", AssetKind::Software.name()));
                let purl = distribution.as_ref().map(|distribution| distribution.purl(&self.name, version));
                if purl.is_some() {
                    properties.push(Property::new("hss:purl", "best effort, by the operating system of the server"));
                }
                ("application", purl)
            }
            Origin::Package(file_type) => {
                properties.push(Property::new("hss:kind", AssetKind::Packages.name()));
                let purl = match file_type.as_str() {
                    "npm" => Some(purl::npm(self.package_name(), version)),
                    "python" => Some(purl::pypi(self.package_name(), version)),
                    // A Maven group is not part of the inventory.
                    _ => None,
                };
                if !file_type.is_empty() {
                    properties.push(Property::new("hss:file_type", file_type));
                }
                ("library", purl)
            }
        };
        let hash = self.hash.as_deref().map(|hash| FileHash::new(hash).ok_or(hash));
        if let Some(Err(hash)) = hash {
            properties.push(Property::new("hss:hash", hash));
        }
        let occurrences: Vec<_> = places
            .iter()
            .map(|(path, container)| Occurrence {
                location: (*path).to_owned(),
                additional_context: container.map(|container| format!("container {container}")),
            })
            .collect();
        Component {
            kind,
            bom_ref: self.bom_ref(),
            name: self.name.clone(),
            version: self.version.clone(),
            hashes: hash.and_then(Result::ok).into_iter().collect(),
            purl,
            evidence: (!occurrences.is_empty()).then_some(Evidence { occurrences }),
            properties,
        }
    }

    /// Returns the name of a package. The service names a package like its file, which may end with the version.
    fn package_name(&self) -> &str {
        let without = |version: &str| self.name.strip_suffix(version)?.strip_suffix('-');
        self.version.as_deref().and_then(without).unwrap_or(&self.name)
    }

    /// Returns a reference that depends on nothing but the material.
    fn bom_ref(&self) -> String {
        let hash = Sha256::digest(format!("{self:?}").as_bytes());
        format!("component:{:x}", base16ct::HexDisplay(&hash[..16]))
    }
}

fn timestamp(time: Option<SystemTime>) -> Option<String> {
    time.map(|time| humantime::format_rfc3339_seconds(time).to_string())
}

fn sorted(mut refs: Vec<String>) -> Vec<String> {
    refs.sort_unstable();
    refs
}

fn by_name(mut components: Vec<Component>) -> Vec<Component> {
    components.sort_by(|one, other| {
        (&one.name, &one.version, &one.bom_ref).cmp(&(&other.name, &other.version, &other.bom_ref))
    });
    components
}

#[cfg(test)]
mod tests;
