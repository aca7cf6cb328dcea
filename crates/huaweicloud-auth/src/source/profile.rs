//! An access key from the official SDKs' profile file, `~/.huaweicloud/credentials`.

use std::path::PathBuf;

use super::{LocalSource, file, ini, optional_variable};
use crate::credentials::{AccessKey, Credentials};
use crate::environment::{Environment, FileError};
use crate::error::{Error, ErrorKind};
use crate::lookup::{LoadedCredentials, Lookup, Warning};
use crate::secret::Secret;
use crate::source_location::SourceLocation;
use crate::validate::CredentialField;

const PATH_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";

/// Reads section `[basic]` of `~/.huaweicloud/credentials`, or of the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names
/// (facts, section 5): `ak`, `sk`, `security_token`, `project_id`, `domain_id`, `iam_endpoint`.
///
/// A missing file is "not here", unless the variable names it. At most 64 KiB. `security_token`, the ids and the
/// endpoint may be empty. Values are taken as written, without quoting and without comments behind them.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProfileSource;

impl LocalSource for ProfileSource {
    fn name(&self) -> String {
        "profile file".to_owned()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let unnamed = SourceLocation::Profile(PathBuf::from("~/.huaweicloud/credentials"));
        let named = optional_variable(env, &unnamed, PATH_VARIABLE)?.map(PathBuf::from);
        let is_named = named.is_some();
        let home = || env.home_dir().map(|home| home.join(".huaweicloud").join("credentials"));
        let Some(path) = named.or_else(home) else {
            return Ok(Lookup::not_found("the home directory is not known"));
        };
        let origin = SourceLocation::Profile(path.clone());
        let Some(contents) = file::read(env, &origin, &path, file::MAX_BYTES)? else {
            if is_named {
                let advice = format!("check the path in {PATH_VARIABLE}, or unset it");
                let what = FileError::NotFound.to_string();
                return Err(Error::new(ErrorKind::Unreadable, origin, what, advice));
            }
            return Ok(Lookup::not_found(format!("{} does not exist", path.display())));
        };
        let text = file::text(&contents, &origin)?;
        let mut lookup = parse(text, &origin)?;
        if let Lookup::Found(found) = &mut lookup {
            found.warnings.extend(file::note(&contents, &path));
        }
        Ok(lookup)
    }
}

fn parse(text: &str, origin: &SourceLocation) -> Result<Lookup, Error> {
    let path = match origin {
        SourceLocation::Profile(path) => path.display().to_string(),
        other => other.to_string(),
    };
    let section = ini::section(text, "basic").map_err(|error| {
        let advice = format!("correct line {}", error.line);
        Error::new(ErrorKind::Malformed, origin.clone(), error.to_string(), advice)
    })?;
    let Some(section) = section else {
        return Ok(Lookup::not_found(format!("{path} has no section [basic]")));
    };
    let get = |key: &str| section.get(key).filter(|value| !value.is_empty());
    let federated = get("idp_id").is_some();
    let (id, secret) = match (section.get("ak"), section.get("sk")) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) if federated => {
            return Ok(Lookup::not_found(format!("{path} sets up a login by idp_id, which this program does not use")));
        }
        (None, None) => return Ok(Lookup::not_found(format!("section [basic] of {path} has no ak and no sk"))),
        (id, _) => {
            let (set, missing) = if id.is_some() { ("ak", "sk") } else { ("sk", "ak") };
            return Err(Error::new(
                ErrorKind::Incomplete,
                origin.clone(),
                format!("{set} is there but {missing} is not"),
                format!("add {missing}, or remove {set}"),
            ));
        }
    };
    let key = AccessKey::new(
        id,
        Secret::new(secret.to_owned()),
        get("security_token").map(|token| Secret::new(token.to_owned())),
    )
    .map_err(|problem| {
        let name = match problem.field() {
            CredentialField::AccessKeyId => "ak",
            CredentialField::SecurityToken => "security_token",
            _ => "sk",
        };
        Error::invalid_value(origin.clone(), name, problem)
    })?;
    let mut credentials = Credentials::access_key(key);
    if let Some(id) = get("project_id") {
        credentials = credentials
            .with_project_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), "project_id", problem))?;
    }
    if let Some(id) = get("domain_id") {
        credentials = credentials
            .with_domain_id(id)
            .map_err(|problem| Error::invalid_value(origin.clone(), "domain_id", problem))?;
    }
    let mut found = LoadedCredentials::new(credentials, origin.clone());
    found.iam_endpoint = get("iam_endpoint").map(str::to_owned);
    if federated {
        found.warnings.push(Warning::FederatedLoginIgnored { setting: "idp_id" });
    }
    Ok(found.into())
}
