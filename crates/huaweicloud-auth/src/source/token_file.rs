//! A token from a file that the caller names.

use std::path::PathBuf;

use super::{LocalSource, file};
use crate::credentials::{Credentials, Token};
use crate::environment::{Environment, FileError};
use crate::error::Error;
use crate::lookup::{LoadedCredentials, Lookup};
use crate::secret::Secret;
use crate::source_location::SourceLocation;

/// Reads the file whose path the caller gives: a token and nothing else, at most 64 KiB, line breaks at its end ignored.
///
/// It is a regular file, or a pipe that is open already: `/dev/stdin`, or what a shell makes of `<(…)`.
/// Without a path it is "not here"; with one, a file that is missing, unreadable, empty or not text is an error.
#[derive(Debug, Clone, Default)]
pub struct TokenFileSource {
    path: Option<PathBuf>,
}

impl TokenFileSource {
    /// The file to read, if the user named one.
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }
}

impl LocalSource for TokenFileSource {
    fn name(&self) -> String {
        "token file".to_owned()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let Some(path) = &self.path else {
            return Ok(Lookup::not_found("none was named"));
        };
        let origin = SourceLocation::TokenFile(path.clone());
        let contents = file::read(env, &origin, path, file::MAX_BYTES)?
            .ok_or_else(|| file::unreadable(&origin, &FileError::NotFound))?;
        let text = file::text(&contents, &origin)?.trim_end_matches(['\r', '\n']);
        let token = Token::new(Secret::new(text.to_owned()))
            .map_err(|problem| Error::invalid_value(origin.clone(), "", problem))?;
        let mut found = LoadedCredentials::new(Credentials::token(token), origin);
        found.warnings.extend(file::note(&contents, path));
        Ok(found.into())
    }
}
