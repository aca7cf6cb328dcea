//! The places credentials are read from, one file each, and what every such place has to answer.

use std::future::Future;
use std::pin::Pin;

use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::lookup::Lookup;
use crate::source_location::SourceLocation;

mod env_pair;
mod file;
mod ini;
mod koocli;
mod profile;
mod sdk_env;
mod terraform_env;
mod token_env;
mod token_file;

pub use koocli::KooCliSource;
pub use profile::ProfileSource;
pub use sdk_env::SdkVariablesSource;
pub use terraform_env::TerraformVariablesSource;
pub use token_env::TokenVariableSource;
pub use token_file::TokenFileSource;

/// The answer of a [`CredentialSource`], which may take time.
pub type LoadFuture<'a> = Pin<Box<dyn Future<Output = Result<Lookup, Error>> + Send + 'a>>;

/// A place in a [`crate::CredentialChain`]. Sources that need the network implement it directly, local ones by [`LocalSource`].
pub trait CredentialSource: Send + Sync {
    /// What the list of reasons calls it when nothing was found.
    fn name(&self) -> String;

    /// Whether looking is only reading: such a source is also looked at after another one won, to report it as shadowed.
    fn is_local(&self) -> bool {
        false
    }

    /// Looks for credentials: [`Lookup::NotFound`] passes on to the next source, an error ends the search.
    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a>;
}

/// A place that is read at once, from the environment or a file.
pub trait LocalSource: Send + Sync {
    /// What the list of reasons calls it when nothing was found.
    fn name(&self) -> String;

    /// Reads it.
    ///
    /// # Errors
    /// When it is there but broken: half a pair, an empty value, an unreadable file, bad syntax.
    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error>;
}

impl<T: LocalSource> CredentialSource for T {
    fn name(&self) -> String {
        LocalSource::name(self)
    }

    fn is_local(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(std::future::ready(self.load_sync(env)))
    }
}

/// A variable's text; one that is not Unicode is an error of the source that asks for it.
fn variable(env: &dyn Environment, origin: &SourceLocation, name: &str) -> Result<Option<String>, Error> {
    env.var(name).map_err(|_| {
        Error::new(
            ErrorKind::Malformed,
            origin.clone(),
            format!("{name} is not Unicode text"),
            format!("set {name} again, or unset it"),
        )
    })
}

/// A variable that may as well be absent: an empty one counts as not set, as it does for the official SDKs.
fn optional_variable(env: &dyn Environment, origin: &SourceLocation, name: &str) -> Result<Option<String>, Error> {
    Ok(variable(env, origin, name)?.filter(|text| !text.is_empty()))
}
