//! Package URLs of components.

use std::fmt::Write as _;

/// The package system of a distribution, and its name in a package URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Distribution {
    system: &'static str,
    name: &'static str,
    version: Option<String>,
}

/// The first words of operating systems, longer ones first.
const DISTRIBUTIONS: [(&str, &str, &str); 13] = [
    ("huawei cloud euleros", "rpm", "hce"),
    ("ubuntu", "deb", "ubuntu"),
    ("debian", "deb", "debian"),
    ("almalinux", "rpm", "almalinux"),
    ("centos", "rpm", "centos"),
    ("euleros", "rpm", "euleros"),
    ("fedora", "rpm", "fedora"),
    ("openeuler", "rpm", "openeuler"),
    ("opensuse", "rpm", "opensuse"),
    ("red hat", "rpm", "redhat"),
    ("redhat", "rpm", "redhat"),
    ("rocky", "rpm", "rocky"),
    ("suse", "rpm", "suse"),
];

impl Distribution {
    /// Returns the distribution of an operating system, such as `Ubuntu 22.04 server 64bit`, if it is known.
    pub(super) fn of(os_name: &str) -> Option<Self> {
        let lower = os_name.trim().to_lowercase();
        let (_, system, name) = DISTRIBUTIONS.iter().find(|(start, ..)| lower.starts_with(start))?;
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && !word.ends_with("bit");
        let version = lower.split_whitespace().find(is_version).map(str::to_owned);
        Some(Self { system, name, version })
    }

    /// Returns the URL of a package of the distribution. An inventory does not have its architecture.
    pub(super) fn purl(&self, name: &str, version: Option<&str>) -> String {
        let mut purl = format!("pkg:{}/{}/{}", self.system, self.name, encoded(&name.to_lowercase()));
        let mut qualifiers = Vec::new();
        let mut version = version;
        if let Some((epoch, rest)) = version.and_then(|version| version.split_once(':'))
            && self.system == "rpm"
        {
            qualifiers.push(format!("epoch={}", encoded(epoch)));
            version = Some(rest);
        }
        if let Some(distribution) = &self.version {
            qualifiers.insert(0, format!("distro={}-{}", self.name, encoded(distribution)));
        }
        push_version(&mut purl, version);
        if !qualifiers.is_empty() {
            let _ = write!(purl, "?{}", qualifiers.join("&"));
        }
        purl
    }
}

/// Returns the URL of an npm package; its name may have a scope, as in `@types/node`.
pub(super) fn npm(name: &str, version: Option<&str>) -> String {
    let mut purl = format!("pkg:npm/{}", name.to_lowercase().split('/').map(encoded).collect::<Vec<_>>().join("/"));
    push_version(&mut purl, version);
    purl
}

/// Returns the URL of a Python package.
pub(super) fn pypi(name: &str, version: Option<&str>) -> String {
    let mut purl = format!("pkg:pypi/{}", encoded(&name.to_lowercase().replace('_', "-")));
    push_version(&mut purl, version);
    purl
}

fn push_version(purl: &mut String, version: Option<&str>) {
    if let Some(version) = version {
        let _ = write!(purl, "@{}", encoded(version));
    }
}

/// Encodes everything but the characters that a package URL leaves as they are.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_those_of_the_specification() {
        let system = |os: &str, name: &str, version: &str| Distribution::of(os).map(|os| os.purl(name, Some(version)));
        assert_eq!(npm("@types/node", Some("20.1.0")), "pkg:npm/%40types/node@20.1.0");
        assert_eq!(npm("lodash", None), "pkg:npm/lodash");
        assert_eq!(pypi("Typing_Extensions", Some("4.0+local")), "pkg:pypi/typing-extensions@4.0%2Blocal");
        for (os, name, version, purl) in [
            (
                "Ubuntu 22.04 server 64bit",
                "libstdc++6",
                "1:12.1-2",
                Some("pkg:deb/ubuntu/libstdc%2B%2B6@1:12.1-2?distro=ubuntu-22.04"),
            ),
            (
                "CentOS 7.9 64bit",
                "openssl-libs",
                "1:1.0.2k-19.el7",
                Some("pkg:rpm/centos/openssl-libs@1.0.2k-19.el7?distro=centos-7.9&epoch=1"),
            ),
            ("Huawei Cloud EulerOS", "zlib", "1", Some("pkg:rpm/hce/zlib@1")),
            ("EulerOS 2.5 64bit", "zlib", "1", Some("pkg:rpm/euleros/zlib@1?distro=euleros-2.5")),
            ("Windows Server 2022", "7-Zip", "22", None),
            ("", "zlib", "1", None),
        ] {
            assert_eq!(system(os, name, version).as_deref(), purl, "{os}");
        }
    }
}
