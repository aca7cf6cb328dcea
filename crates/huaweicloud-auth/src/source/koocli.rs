//! An access key from KooCLI's configuration file, `~/.hcloud/config.json`, in its plain form.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::file;
use super::key_pair::{KeyParts, Names};
use super::local::LocalSource;
use crate::credential_source::Lookup;
use crate::credentials::LoadedCredentials;
use crate::credentials::Secret;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// Larger than for the other files, because a profile may hold several long tokens.
const MAX_BYTES: usize = 1024 * 1024;

const DECRYPT: &str =
    "run: hcloud configure set --cli-auth-encrypt=false (the file then holds the secrets in plain text)";

/// Modes whose credentials are not in the file.
const OTHER_MODES: [&str; 4] = ["ecsAgency", "AssumeRole", "agency", "token"];

const NAMES: Names = Names {
    id: "accessKeyId",
    secret: "secretAccessKey",
    security_token: "securityToken",
    project_id: "projectId",
    domain_id: "domainId",
};

/// Reads the current profile of `~/.hcloud/config.json` (`docs/design/service-behaviour.md#koocli-configuration`), at
/// most 1 MiB, in the modes AKSK and SSO.
///
/// KooCLI encrypts the secrets by default, and only KooCLI can decrypt them: such a file is skipped, with a hint on how
/// to turn it off, and so is one that is empty or cannot be read. A profile in another mode, such as ecsAgency, counts
/// as not found: its credentials are not in the file, and a later source may have them. A client reads the file again
/// when its key was refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct KooCliSource;

impl LocalSource for KooCliSource {
    fn name(&self) -> String {
        "KooCLI file".to_owned()
    }

    fn id(&self) -> &'static str {
        "koocli"
    }

    fn can_change(&self) -> bool {
        true
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let Some(home) = env.home_dir() else {
            return Ok(Lookup::not_found("the home directory is not known"));
        };
        let path = home.join(".hcloud").join("config.json");
        let location = SourceLocation::KooCli { path: path.clone(), profile: None };
        let contents = match file::read(env, &location, &path, MAX_BYTES) {
            Ok(Some(contents)) => contents,
            Ok(None) => return Ok(Lookup::not_found(format!("{} does not exist", path.display()))),
            Err(error) => return Ok(Lookup::Skipped(error)),
        };
        let text = file::text(&contents, &location)?;
        if text.trim().is_empty() {
            let hint = "run: hcloud configure init, or move it away";
            return Ok(Lookup::Skipped(Error::new(ErrorKind::Malformed, location, "it is empty", hint)));
        }
        let mut lookup = parse(text, &path)?;
        if let Lookup::Found(loaded) = &mut lookup {
            loaded.warnings.extend(file::warnings(&contents, &path));
        }
        Ok(lookup)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    current: Option<String>,
    auth_encrypt: Option<Flag>,
    profiles: Option<Vec<Entry>>,
}

/// A boolean, which KooCLI writes as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: Option<String>,
    mode: Option<String>,
    // The fields of `Keys` again: `#[serde(flatten)]` buffers values in copies that are not wiped.
    access_key_id: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    secret_access_key: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    security_token: Option<Secret>,
    region: Option<String>,
    project_id: Option<String>,
    domain_id: Option<String>,
    sso_auth: Option<SsoAuth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SsoAuth {
    sts_token: Option<Keys>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Keys {
    access_key_id: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    secret_access_key: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    security_token: Option<Secret>,
}

/// Deserialises the text into the type that wipes it; KooCLI writes an empty one for "none".
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(Secret::new).filter(|secret| !secret.expose().is_empty()))
}

fn parse(text: &str, path: &Path) -> Result<Lookup, Error> {
    let location = |profile: Option<String>| SourceLocation::KooCli { path: PathBuf::from(path), profile };
    let config: Config = serde_json::from_str(text).map_err(|error| {
        // The parser's own message may quote a value of the file, so only the position is reported.
        let problem = if error.is_data() { "a value has an unexpected type" } else { "it is not valid JSON" };
        Error::new(
            ErrorKind::Malformed,
            location(None),
            format!("{problem} (line {}, column {})", error.line(), error.column()),
            "run: hcloud configure test",
        )
    })?;
    let profiles = config.profiles.unwrap_or_default();
    if profiles.is_empty() {
        return Ok(Lookup::not_found(format!("{} has no profiles", path.display())));
    }
    let Some(current) = config.current.filter(|name| !name.is_empty()) else {
        return Err(Error::new(
            ErrorKind::Incomplete,
            location(None),
            "no current profile is set",
            "run: hcloud configure set --cli-profile=NAME",
        ));
    };
    let location = location(Some(current.clone()));
    let Some(profile) = profiles.into_iter().find(|entry| entry.name.as_deref() == Some(current.as_str())) else {
        return Err(Error::new(
            ErrorKind::Incomplete,
            location,
            "the current profile does not exist",
            "to see the profiles, run: hcloud configure list; to select one, run: hcloud configure set --cli-profile=NAME",
        ));
    };
    let mode = profile.mode.unwrap_or_default();
    let (keys, hint) = if mode.eq_ignore_ascii_case("AKSK") {
        let keys = Keys {
            access_key_id: profile.access_key_id,
            secret_access_key: profile.secret_access_key,
            security_token: profile.security_token,
        };
        (keys, "run: hcloud configure init")
    } else if mode.eq_ignore_ascii_case("SSO") {
        let keys = profile.sso_auth.and_then(|sso| sso.sts_token).unwrap_or_default();
        if keys.security_token.is_none() {
            return Err(Error::new(
                ErrorKind::Incomplete,
                location,
                "its SSO login is incomplete",
                "log in again: hcloud configure sso",
            ));
        }
        (keys, "log in again: hcloud configure sso")
    } else {
        // Only a known mode is repeated: in a damaged file this may be any value.
        let mode = match OTHER_MODES.iter().find(|known| mode.eq_ignore_ascii_case(known)) {
            Some(known) => format!("mode {known}"),
            None if mode.is_empty() => "no mode".to_owned(),
            None => "an unknown mode".to_owned(),
        };
        return Ok(Lookup::not_found(format!(
            "profile {} of {} has {mode}; only the modes AKSK and SSO are supported",
            current.escape_debug(),
            path.display()
        )));
    };
    let (id, secret) = match (keys.access_key_id.filter(|id| !id.is_empty()), keys.secret_access_key) {
        (Some(id), Some(secret)) => (id, secret),
        (id, secret) => {
            let missing = match (id, secret) {
                (None, None) => "accessKeyId and secretAccessKey are empty",
                (None, _) => "accessKeyId is empty",
                _ => "secretAccessKey is empty",
            };
            return Err(Error::new(ErrorKind::Incomplete, location, missing, hint));
        }
    };
    if is_encrypted(config.auth_encrypt.as_ref(), &id) {
        return Ok(Lookup::Skipped(Error::new(
            ErrorKind::Encrypted,
            location,
            "its secrets are encrypted, and only KooCLI can decrypt them",
            DECRYPT,
        )));
    }
    let parts = KeyParts { id, secret, security_token: keys.security_token };
    let credentials = NAMES.access_key(&location, parts)?;
    let non_empty = |id: Option<String>| id.filter(|id| !id.is_empty());
    let (project_id, domain_id) = (non_empty(profile.project_id), non_empty(profile.domain_id));
    let credentials = NAMES.with_ids(&location, credentials, project_id, domain_id)?;
    let mut loaded = LoadedCredentials::new(credentials, location);
    loaded.region = non_empty(profile.region);
    Ok(loaded.into())
}

/// Returns whether the secrets are encrypted. The file's own switch decides. Older files have none and were always
/// encrypted, unless they were written by hand: in those, an AK of capital letters and digits counts as plain.
fn is_encrypted(switch: Option<&Flag>, id: &str) -> bool {
    match switch {
        Some(Flag::Bool(on)) => *on,
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("true") => true,
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("false") => false,
        _ => id.len() > 40 || !id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
    }
}
