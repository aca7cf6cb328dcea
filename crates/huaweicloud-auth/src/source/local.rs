//! What the sources of this folder share: they are read synchronously, and report when an earlier source shadows them.

use std::future::ready;

use crate::credential_source::{CredentialSource, LoadFuture, Lookup, ShadowedSource};
use crate::credentials::Credentials;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// A source that is read synchronously, from the environment or a file.
pub(crate) trait LocalSource: Send + Sync {
    /// Returns the name for [`CredentialSource::name`].
    fn name(&self) -> String;

    /// Returns the short name for [`CredentialSource::id`].
    fn id(&self) -> &'static str;

    /// Returns whether it may hold other credentials later, for [`CredentialSource::can_refresh`].
    fn can_change(&self) -> bool {
        false
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is set up but broken: half a pair, invalid syntax, or a named file that cannot be read.
    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error>;
}

impl<T: LocalSource> CredentialSource for T {
    fn name(&self) -> String {
        LocalSource::name(self)
    }

    fn id(&self) -> &'static str {
        LocalSource::id(self)
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(ready(self.load_sync(env)))
    }

    fn can_refresh(&self) -> bool {
        self.can_change()
    }

    fn shadowed_by(&self, used: Option<&Credentials>, env: &dyn Environment) -> Option<ShadowedSource> {
        match self.load_sync(env) {
            Ok(Lookup::Found(loaded)) => {
                let same = used.is_some_and(|used| used.secret_eq(&loaded.credentials));
                Some(ShadowedSource::new(loaded.location).with_same(same))
            }
            Ok(_) => None,
            Err(error) => half_a_pair(&error),
        }
    }
}

/// Reports half of an access key: it may have been meant to win. KooCLI's file can be incomplete in other ways, such as
/// a login that has ended.
fn half_a_pair(error: &Error) -> Option<ShadowedSource> {
    let location = error.source_location()?.clone();
    let has_pairs = matches!(
        location,
        SourceLocation::SdkVariables | SourceLocation::TerraformVariables | SourceLocation::Profile(_)
    );
    let is_half = has_pairs && error.kind() == ErrorKind::Incomplete;
    is_half.then(|| ShadowedSource::new(location).with_incomplete(error.reason()))
}
