//! The sources that users already have, one file each. They only read: the environment, and files.

mod env;
mod file;
mod ini;
mod key_pair;
mod koocli;
mod local;
mod profile;
mod token_env;
mod token_file;

pub use env::AccessKeyVariablesSource;
pub use koocli::KooCliSource;
pub use profile::ProfileSource;
pub use token_env::TokenVariableSource;
pub use token_file::TokenFileSource;
