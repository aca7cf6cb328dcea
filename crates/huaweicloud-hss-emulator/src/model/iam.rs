//! The users and projects that IAM knows.

use std::fmt;

use crate::auth::clock::WallClock;
use crate::auth::issuer::Issuer;

/// The id of the only account.
pub(crate) const DOMAIN_ID: &str = "emulator-domain";

/// A user who may log in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) domain: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

// Written by hand, so that no log shows the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("domain", &self.domain).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A project that a user can log in to.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The data of the IAM operations.
pub(crate) struct Iam {
    pub(crate) users: Vec<User>,
    pub(crate) projects: Vec<Project>,
    pub(crate) issuer: Issuer,
    pub(crate) clock: WallClock,
}
