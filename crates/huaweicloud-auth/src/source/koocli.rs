//! An access key from KooCLI's configuration file, `~/.hcloud/config.json`, in its plain form.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::{LocalSource, file};
use crate::credentials::{AccessKey, Credentials};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::lookup::{LoadedCredentials, Lookup};
use crate::secret::Secret;
use crate::source_location::SourceLocation;
use crate::validate::CredentialField;

/// Some profiles hold several long tokens, so the bound is wider than for the other files.
const MAX_BYTES: usize = 1024 * 1024;

const DECRYPT: &str =
    "run: hcloud configure set --cli-auth-encrypt=false (the file then holds the secrets in plain text)";

/// Modes whose credentials are not in the file (facts, section 5, and KooCLI's manual for AssumeRole).
const OTHER_MODES: [&str; 4] = ["ecsAgency", "AssumeRole", "agency", "token"];

/// Reads the current profile of `~/.hcloud/config.json` (facts, section 5), at most 1 MiB, in the modes AKSK and SSO.
///
/// KooCLI encrypts the secrets unless told otherwise, and only KooCLI can read them then: that is an error which says
/// how to turn it off. A profile in another mode, such as ecsAgency, is "not here" with that reason, because its
/// credentials are not in the file and a later source may have them.
#[derive(Debug, Clone, Copy, Default)]
pub struct KooCliSource;

impl LocalSource for KooCliSource {
    fn name(&self) -> String {
        "KooCLI file".to_owned()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let Some(home) = env.home_dir() else {
            return Ok(Lookup::not_found("the home directory is not known"));
        };
        let path = home.join(".hcloud").join("config.json");
        let origin = SourceLocation::KooCli { path: path.clone(), profile: None };
        let Some(contents) = file::read(env, &origin, &path, MAX_BYTES)? else {
            return Ok(Lookup::not_found(format!("{} does not exist", path.display())));
        };
        let text = file::text(&contents, &origin)?;
        let mut lookup = parse(text, &path)?;
        if let Lookup::Found(found) = &mut lookup {
            found.warnings.extend(file::note(&contents, &path));
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

/// A switch, which KooCLI writes as text.
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
    // Spelled out again rather than flattened: flattening keeps unwiped copies of the values on the way.
    access_key_id: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    secret_access_key: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    security_token: Option<Secret>,
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

/// Puts the text straight into the type that wipes it; an empty one is how KooCLI writes "none".
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(Secret::new).filter(|secret| !secret.expose().is_empty()))
}

fn parse(text: &str, path: &Path) -> Result<Lookup, Error> {
    let origin = |profile: Option<String>| SourceLocation::KooCli { path: PathBuf::from(path), profile };
    let config: Config = serde_json::from_str(text).map_err(|error| {
        // The parser's own message may quote a value of the file, so only the place is passed on.
        let problem = if error.is_data() { "a value is not what KooCLI writes" } else { "it is not valid JSON" };
        Error::new(
            ErrorKind::Malformed,
            origin(None),
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
            origin(None),
            "it does not say which profile is the current one",
            "run: hcloud configure set --cli-profile=NAME",
        ));
    };
    let from = origin(Some(current.clone()));
    let Some(profile) = profiles.into_iter().find(|entry| entry.name.as_deref() == Some(current.as_str())) else {
        return Err(Error::new(
            ErrorKind::Incomplete,
            from,
            "the current profile is not among its profiles",
            "run: hcloud configure list, and choose one of those profiles",
        ));
    };
    let mode = profile.mode.unwrap_or_default();
    let (keys, advice) = if mode.eq_ignore_ascii_case("AKSK") {
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
                from,
                "it holds no complete SSO login",
                "log in again: hcloud configure sso",
            ));
        }
        (keys, "log in again: hcloud configure sso")
    } else {
        // Only a name that is known is repeated: in a damaged file any value may stand here.
        let mode = match OTHER_MODES.iter().find(|known| mode.eq_ignore_ascii_case(known)) {
            Some(known) => format!("mode {known}"),
            None if mode.is_empty() => "no mode".to_owned(),
            None => "an unknown mode".to_owned(),
        };
        return Ok(Lookup::not_found(format!(
            "profile {} of {} has {mode}, and this program uses only AKSK and SSO",
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
            return Err(Error::new(ErrorKind::Incomplete, from, missing, advice));
        }
    };
    if is_encrypted(config.auth_encrypt.as_ref(), &id) {
        return Err(Error::new(ErrorKind::Encrypted, from, "its secrets are encrypted for KooCLI", DECRYPT));
    }
    let key = AccessKey::new(id, secret, keys.security_token).map_err(|problem| {
        let name = match problem.field() {
            CredentialField::AccessKeyId => "accessKeyId",
            CredentialField::SecurityToken => "securityToken",
            _ => "secretAccessKey",
        };
        Error::invalid_value(from.clone(), name, problem)
    })?;
    let mut credentials = Credentials::access_key(key);
    if let Some(id) = profile.project_id.filter(|id| !id.is_empty()) {
        credentials = credentials
            .with_project_id(id)
            .map_err(|problem| Error::invalid_value(from.clone(), "projectId", problem))?;
    }
    if let Some(id) = profile.domain_id.filter(|id| !id.is_empty()) {
        credentials = credentials
            .with_domain_id(id)
            .map_err(|problem| Error::invalid_value(from.clone(), "domainId", problem))?;
    }
    Ok(LoadedCredentials::new(credentials, from).into())
}

/// The file's own switch decides. Older files have none and were always encrypted, unless a person wrote them: there an
/// AK that looks like one (capital letters and digits) is taken as plain.
fn is_encrypted(switch: Option<&Flag>, id: &str) -> bool {
    match switch {
        Some(Flag::Bool(on)) => *on,
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("true") => true,
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("false") => false,
        _ => id.len() > 40 || !id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
    }
}
