//! The arguments of `hss completions` and `hss man`, which generate files for shells and packages.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print a shell completion script
///
/// Where to save the script:
///   bash        ~/.local/share/bash-completion/completions/hss
///   zsh         _hss in a folder of $fpath
///   fish        ~/.config/fish/completions/hss.fish
///   powershell  at the end of $PROFILE
///   elvish      at the end of ~/.config/elvish/rc.elv
///
/// Completes commands, flags, their fixed values and file names.
/// Does not complete ids: completion never calls the service.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Write the manual pages to a folder
///
/// Writes one page per command: hss.1, hss-scan.1 and so on, for the man1 folder of a package. Creates the folder if necessary.
#[derive(Args)]
pub(crate) struct ManArgs {
    /// Folder to write to
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}
