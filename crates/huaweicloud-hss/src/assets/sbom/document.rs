//! The parts of CycloneDX 1.6 that a document has.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A CycloneDX 1.6 document. Serialize it to write it as JSON.
///
/// The same assets make the same document: components are sorted, and the serial number is a hash of the content.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SbomDocument {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    pub(super) components: Vec<Component>,
    dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    tools: Value,
    component: Component,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref")]
    pub(super) bom_ref: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<FileHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct FileHash {
    alg: &'static str,
    content: String,
}

impl FileHash {
    /// Returns the hash of a file, of which the service does not state the algorithm: its length shows it.
    pub(super) fn new(hash: &str) -> Option<Self> {
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let alg = match hash.len() {
            32 => "MD5",
            40 => "SHA-1",
            64 => "SHA-256",
            96 => "SHA-384",
            128 => "SHA-512",
            _ => return None,
        };
        is_hash.then(|| Self { alg, content: hash.to_ascii_lowercase() })
    }
}

/// Where a component was found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Evidence {
    pub(super) occurrences: Vec<Occurrence>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Occurrence {
    pub(super) location: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) additional_context: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Property {
    name: &'static str,
    value: String,
}

impl Property {
    pub(super) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into() }
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) of: String,
    pub(super) depends_on: Vec<String>,
}

impl SbomDocument {
    pub(super) fn new(
        timestamp: Option<String>,
        subject: Component,
        components: Vec<Component>,
        dependencies: Vec<Dependency>,
    ) -> Self {
        let tool = serde_json::json!({
            "components": [{ "type": "application", "name": "huaweicloud-hss", "version": env!("CARGO_PKG_VERSION") }],
        });
        let mut document = Self {
            schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
            bom_format: "CycloneDX",
            spec_version: "1.6",
            serial_number: String::new(),
            version: 1,
            metadata: Metadata { timestamp, tools: tool, component: subject },
            components,
            dependencies,
        };
        document.serial_number = document.serial_number_of_content();
        document
    }

    /// Returns a UUID of version 8, as RFC 9562 has it for hashes.
    fn serial_number_of_content(&self) -> String {
        let mut hasher = Sha256::new();
        // Neither texts nor lists fail to serialize, and nothing is written but to the hasher.
        let _ = serde_json::to_writer(HashWriter(&mut hasher), self);
        let mut uuid: [u8; 16] = std::array::from_fn({
            let hash = hasher.finalize();
            move |index| hash[index]
        });
        uuid[6] = uuid[6] & 0x0f | 0x80;
        uuid[8] = uuid[8] & 0x3f | 0x80;
        let hex = format!("{:x}", base16ct::HexDisplay(&uuid));
        format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
