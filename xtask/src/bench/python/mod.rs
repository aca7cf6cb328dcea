//! The vendor's own Python SDK, where it is installed: the Python that `HSS_BENCH_PYTHON` names, else `python3`.

use std::env;
use std::io;
use std::path::Path;
use std::process::Command;

const IMPORT: &str = "import huaweicloudsdkhss.v5";

/// A Python that has the SDK.
pub(super) struct Sdk {
    python: std::ffi::OsString,
}

impl Sdk {
    /// Looks for it; else says why there is none.
    pub(super) fn find() -> Result<Self, String> {
        let python = env::var_os("HSS_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let sdk = Self { python };
        match sdk.import().output() {
            Ok(output) if output.status.success() => Ok(sdk),
            Ok(_) => Err("huaweicloudsdkhss is not installed".to_owned()),
            Err(error) => Err(format!("no Python: {error}")),
        }
    }

    /// A program that only imports it.
    pub(super) fn import(&self) -> Command {
        self.with(&["-c", IMPORT])
    }

    /// A program that makes so many calls from so many threads, or signs so often, and prints what one takes, as our own bench does.
    pub(super) fn calls(&self, home: &Path, what: &[String]) -> Command {
        let mut calls = self.with(&["-c", include_str!("calls.py")]);
        calls.args(what).env("HOME", home);
        calls
    }

    /// A program that starts one scan with this key.
    pub(super) fn scan(&self, home: &Path, url: &str, ak: &str, sk: &str) -> Command {
        let mut scan = self.with(&["-c", include_str!("scan.py"), url, ak, sk]);
        // The SDK keeps a file in the home folder.
        scan.env("HOME", home);
        scan
    }

    /// The size of the SDK with all that it needs, in bytes.
    pub(super) fn installed_bytes(&self) -> io::Result<f64> {
        let output = self.with(&["-c", include_str!("installed.py")]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| io::Error::other(format!("the size of the Python SDK is told as {text:?}")))
    }

    fn with(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.args(args);
        command
    }
}
