//! A token from a file that the caller names.

use std::path::PathBuf;

use super::file;
use super::local::LocalSource;
use crate::credential_source::Lookup;
use crate::credentials::LoadedCredentials;
use crate::credentials::{Credentials, Secret, Token};
use crate::environment::{Environment, FileError, is_given_open};
use crate::error::Error;
use crate::source_location::SourceLocation;

/// Reads the file that the caller names: a token and nothing else, at most 64 KiB, without the line breaks at its end.
///
/// It is a regular file, standard input (`-`), or another pipe that is open already, such as what a shell makes of
/// `<(…)`. Without a path there is nothing to find. With one, a file that is missing, unreadable, empty or not text is
/// an error. A client reads a regular file again when its token was refused.
#[derive(Debug, Clone, Default)]
pub struct TokenFileSource {
    path: Option<PathBuf>,
}

impl TokenFileSource {
    /// Reads this file, if the user named one.
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }
}

impl LocalSource for TokenFileSource {
    fn name(&self) -> String {
        "token file".to_owned()
    }

    fn id(&self) -> &'static str {
        ""
    }

    fn can_change(&self) -> bool {
        self.path.as_deref().is_some_and(|path| !is_given_open(path))
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let Some(path) = &self.path else {
            return Ok(Lookup::not_found("not given"));
        };
        let location = SourceLocation::TokenFile(path.clone());
        let contents = file::read(env, &location, path, file::MAX_BYTES)?
            .ok_or_else(|| file::unreadable(&location, FileError::NotFound))?;
        let text = file::text(&contents, &location)?.trim_end_matches(['\r', '\n']);
        let token = Token::new(Secret::new(text.to_owned()))
            .map_err(|invalid| Error::invalid_value(location.clone(), "", invalid))?;
        let mut loaded = LoadedCredentials::new(Credentials::token(token), location);
        loaded.warnings.extend(file::warnings(&contents, path));
        Ok(loaded.into())
    }
}
