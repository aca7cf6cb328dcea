//! The places credentials are read from, one file each, and what every such place has to answer.

use std::future::Future;
use std::pin::Pin;

use crate::error::{Error, ErrorKind};
use crate::found::Lookup;
use crate::origin::Source;
use crate::system::System;

mod env_pair;
mod file;
mod ini;
mod koocli;
mod profile;
mod sdk_env;
mod terraform_env;
mod token_env;
mod token_file;

pub use koocli::KooCli;
pub use profile::Profile;
pub use sdk_env::SdkVariables;
pub use terraform_env::TerraformVariables;
pub use token_env::TokenVariable;
pub use token_file::TokenFile;

/// The answer of a [`CredentialSource`], which may take time.
pub type LookFuture<'a> = Pin<Box<dyn Future<Output = Result<Lookup, Error>> + Send + 'a>>;

/// A place in a [`crate::Chain`]. Sources that need the network implement it directly, local ones by [`LocalSource`].
pub trait CredentialSource: Send + Sync {
    /// What the list of reasons calls it when nothing was found.
    fn name(&self) -> String;

    /// Whether looking is only reading: such a source is also looked at after another one won, to report conflicts.
    fn is_local(&self) -> bool {
        false
    }

    /// Looks for credentials: [`Lookup::NotHere`] passes on to the next source, an error ends the search.
    fn look<'a>(&'a self, system: &'a dyn System) -> LookFuture<'a>;
}

/// A place that is read at once, from the environment or a file.
pub trait LocalSource: Send + Sync {
    /// What the list of reasons calls it when nothing was found.
    fn name(&self) -> String;

    /// Reads it.
    ///
    /// # Errors
    /// When it is there but broken: half a pair, an empty value, an unreadable file, bad syntax.
    fn read(&self, system: &dyn System) -> Result<Lookup, Error>;
}

impl<T: LocalSource> CredentialSource for T {
    fn name(&self) -> String {
        LocalSource::name(self)
    }

    fn is_local(&self) -> bool {
        true
    }

    fn look<'a>(&'a self, system: &'a dyn System) -> LookFuture<'a> {
        Box::pin(std::future::ready(self.read(system)))
    }
}

/// A variable's text; one that is not Unicode is an error of the source that asks for it.
fn variable(system: &dyn System, origin: &Source, name: &str) -> Result<Option<String>, Error> {
    system.env(name).map_err(|_| {
        Error::new(
            ErrorKind::Malformed,
            origin.clone(),
            format!("{name} is not Unicode text"),
            format!("set {name} again, or unset it"),
        )
    })
}

/// A variable that may as well be absent: an empty one counts as not set, as it does for the official SDKs.
fn optional_variable(system: &dyn System, origin: &Source, name: &str) -> Result<Option<String>, Error> {
    Ok(variable(system, origin, name)?.filter(|text| !text.is_empty()))
}
