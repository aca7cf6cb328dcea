//! Where credentials come from, in words that a user can act on.

use std::fmt;
use std::path::PathBuf;

use crate::environment::is_standard_input;

/// The place credentials come from. `Display` names it so that a user can find it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceLocation {
    /// A file that holds one token; `-` is standard input.
    TokenFile(PathBuf),
    /// The variable HW_AUTH_TOKEN.
    TokenVariable,
    /// The official SDKs' variables, HUAWEICLOUD_SDK_AK and its siblings.
    SdkVariables,
    /// The Terraform provider's variables, HW_ACCESS_KEY and its siblings.
    TerraformVariables,
    /// The official SDKs' profile file.
    Profile(PathBuf),
    /// KooCLI's configuration file.
    KooCli {
        /// The file.
        path: PathBuf,
        /// The profile in use, when the file could be read that far.
        profile: Option<String>,
    },
    /// The program itself passed them.
    Explicit,
    /// A source of another crate, as it describes itself.
    Other(String),
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenFile(path) if is_standard_input(path) => f.write_str("token on standard input"),
            Self::TokenFile(path) => write!(f, "token file {}", path.display()),
            Self::TokenVariable => f.write_str("environment variable HW_AUTH_TOKEN"),
            Self::SdkVariables => f.write_str("environment variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"),
            Self::TerraformVariables => f.write_str("environment variables HW_ACCESS_KEY and HW_SECRET_KEY"),
            Self::Profile(path) => write!(f, "profile file {}, section [basic]", path.display()),
            Self::KooCli { path, profile: None } => write!(f, "KooCLI file {}", path.display()),
            Self::KooCli { path, profile: Some(name) } => {
                // The name comes from a file: its control characters must not reach a terminal.
                write!(f, "KooCLI file {}, profile {}", path.display(), name.escape_debug())
            }
            Self::Explicit => f.write_str("the calling program"),
            Self::Other(words) => f.write_str(words),
        }
    }
}
