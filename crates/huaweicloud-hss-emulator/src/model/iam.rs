//! The users and projects that IAM knows.

use std::fmt;

use crate::auth::clock::WallClock;
use crate::auth::issuer::Issuer;

/// The id of the one account that everything belongs to.
pub(crate) const DOMAIN_ID: &str = "emulator-domain";

/// A user who may log in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) domain: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

// Written by hand: a password must not get into a log through a `{:?}`.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("domain", &self.domain).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A project that a log-in can be for.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What the IAM operations work on.
pub(crate) struct Iam {
    pub(crate) users: Vec<User>,
    pub(crate) projects: Vec<Project>,
    pub(crate) issuer: Issuer,
    pub(crate) clock: WallClock,
}
