//! An access key from the official SDKs' profile file, `~/.huaweicloud/credentials`.

use std::path::PathBuf;

use super::env::variable;
use super::key_pair::{KeyParts, Names};
use super::local::LocalSource;
use super::{file, ini};
use crate::credential_source::Lookup;
use crate::credentials::Secret;
use crate::credentials::{LoadedCredentials, Warning};
use crate::environment::{Environment, FileError};
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

const PATH_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";

const NAMES: Names = Names {
    id: "ak",
    secret: "sk",
    security_token: "security_token",
    project_id: "project_id",
    domain_id: "domain_id",
};

/// Reads section `[basic]` of `~/.huaweicloud/credentials`, or of the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names
/// (`docs/design/service-behaviour.md#profile-file`): `ak`, `sk`, `security_token`, `project_id`, `domain_id`,
/// `iam_endpoint`.
///
/// A file that is missing or cannot be read is only an error if the variable names it. At most 64 KiB. `security_token`,
/// the ids and the endpoint may be empty. Values are taken as written, without quoting and without comments behind them.
/// A client reads the file again when its key was refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProfileSource;

impl LocalSource for ProfileSource {
    fn name(&self) -> String {
        "profile file".to_owned()
    }

    fn id(&self) -> &'static str {
        "profile"
    }

    fn can_change(&self) -> bool {
        true
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let default = SourceLocation::Profile(PathBuf::from("~/.huaweicloud/credentials"));
        let named = variable(env, &default, PATH_VARIABLE)?.map(PathBuf::from);
        let is_named = named.is_some();
        let in_home = || env.home_dir().map(|home| home.join(".huaweicloud").join("credentials"));
        let Some(path) = named.or_else(in_home) else {
            return Ok(Lookup::not_found("the home directory is not known"));
        };
        let location = SourceLocation::Profile(path.clone());
        let contents = match file::read(env, &location, &path, file::MAX_BYTES) {
            Err(error) if !is_named => return Ok(Lookup::Skipped(error)),
            contents => contents?,
        };
        let Some(contents) = contents else {
            if is_named {
                let hint = format!("check the path in {PATH_VARIABLE}, or unset it");
                let missing = FileError::NotFound;
                return Err(Error::new(ErrorKind::Unreadable, location, missing.to_string(), hint).with_source(missing));
            }
            return Ok(Lookup::not_found(format!("{} does not exist", path.display())));
        };
        let text = file::text(&contents, &location)?;
        let mut lookup = parse(text, &location)?;
        if let Lookup::Found(loaded) = &mut lookup {
            loaded.warnings.extend(file::warnings(&contents, &path));
        }
        Ok(lookup)
    }
}

fn parse(text: &str, location: &SourceLocation) -> Result<Lookup, Error> {
    let path = match location {
        SourceLocation::Profile(path) => path.display().to_string(),
        other => other.to_string(),
    };
    let section = ini::section(text, "basic").map_err(|error| {
        let hint = format!("fix line {}", error.line);
        Error::new(ErrorKind::Malformed, location.clone(), error.to_string(), hint).with_source(error)
    })?;
    let Some(section) = section else {
        return Ok(Lookup::not_found(format!("{path} has no section [basic]")));
    };
    let get = |key: &str| section.get(key).filter(|value| !value.is_empty()).map(str::to_owned);
    let federated = get("idp_id").is_some();
    let (id, secret) = match (section.get(NAMES.id), section.get(NAMES.secret)) {
        (Some(id), Some(secret)) => (id.to_owned(), Secret::new(secret.to_owned())),
        (None, None) if federated => {
            return Ok(Lookup::not_found(format!(
                "{path} configures a federated login (idp_id), which is not supported"
            )));
        }
        (None, None) => return Ok(Lookup::not_found(format!("section [basic] of {path} has no ak and no sk"))),
        (id, _) => {
            let (set, missing) = NAMES.set_and_missing(id.is_some());
            return Err(Error::new(
                ErrorKind::Incomplete,
                location.clone(),
                format!("{set} is set but {missing} is not"),
                format!("add {missing}, or remove {set}"),
            ));
        }
    };
    let security_token = get(NAMES.security_token).map(Secret::new);
    let credentials = NAMES.access_key(location, KeyParts { id, secret, security_token })?;
    let credentials = NAMES.with_ids(location, credentials, get(NAMES.project_id), get(NAMES.domain_id))?;
    let mut loaded = LoadedCredentials::new(credentials, location.clone());
    loaded.iam_endpoint = get("iam_endpoint");
    if federated {
        loaded.warnings.push(Warning::FederatedLoginIgnored { setting: "idp_id" });
    }
    Ok(loaded.into())
}
