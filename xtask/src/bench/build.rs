//! What a user's build costs: a program that starts a scan, built cold with the client, and with reqwest and a signature by hand.
//!
//! Nothing is downloaded: versions are those of the workspace's lock file, from cargo's cache. The profile is cargo's own for
//! development, which is what people wait for most.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;

use super::process;
use super::row::Row;
use crate::workspace::Workspace;

/// Processor time hardly depends on other work, and a run builds nine programs.
const RUNS: usize = 2;

/// How https is reached, on both sides.
struct Tls {
    name: &'static str,
    /// The client's feature.
    ours: Option<&'static str>,
    /// reqwest's feature.
    theirs: Option<&'static str>,
    /// Whether rustls is told by hand to use ring.
    ring: bool,
}

/// The first is the client's default.
const TLS: [Tls; 4] = [
    Tls { name: "rustls-ring", ours: Some("rustls-ring"), theirs: Some("rustls-no-provider"), ring: true },
    Tls { name: "rustls-aws-lc", ours: Some("rustls-aws-lc"), theirs: Some("rustls"), ring: false },
    Tls { name: "native-tls", ours: Some("native-tls"), theirs: Some("native-tls"), ring: false },
    Tls { name: "no TLS", ours: None, theirs: None, ring: false },
];

/// What one kind of program took, over all runs.
#[derive(Default)]
struct Taken {
    cpu_seconds: Vec<f64>,
    crates: Vec<f64>,
}

pub(super) fn measure(workspace: &Workspace) -> io::Result<Vec<Row>> {
    let root = workspace.root();
    let (mut rows, mut first) = (Vec::new(), None);
    for tls in &TLS {
        let (mut ours, mut theirs, mut default) = (Taken::default(), Taken::default(), Taken::default());
        let mut missing = None;
        let is_default = first.is_none();
        for _ in 0..RUNS {
            // Where not even reqwest can be built, it is the system's library that is missing.
            if let Err(why) = build(root, &by_hand(tls), include_str!("downstream/by_hand.rs"), &mut theirs) {
                missing = Some(why.to_string());
                break;
            }
            build(root, &with_client(root, tls, false), include_str!("downstream/ours.rs"), &mut ours)?;
            if is_default {
                build(root, &with_client(root, tls, true), include_str!("downstream/ours.rs"), &mut default)?;
            }
        }
        let what = format!("client, codegen off, {}", tls.name);
        if let Some(why) = missing {
            rows.push(Row::skipped(&what, "reqwest by hand", "CPU s", &[], &why));
            continue;
        }
        compare(&mut rows, &what, "reqwest by hand", &ours, &theirs);
        if is_default {
            compare(
                &mut rows,
                &format!("client, default features, {}", tls.name),
                "reqwest by hand",
                &default,
                &theirs,
            );
            first = Some(ours);
        } else if let Some(first) = &first {
            compare(
                &mut rows,
                &format!("client, codegen off, {}", TLS[0].name),
                &format!("the same, {}", tls.name),
                first,
                &ours,
            );
        }
    }
    Ok(rows)
}

fn compare(rows: &mut Vec<Row>, what: &str, competitor: &str, ours: &Taken, theirs: &Taken) {
    rows.push(Row::new(what, competitor, "CPU s", &ours.cpu_seconds, &theirs.cpu_seconds));
    rows.push(Row::new(what, competitor, "crates", &ours.crates, &theirs.crates));
}

/// The manifest of a program that uses the client, with what is on by default or with nothing but TLS.
fn with_client(root: &Path, tls: &Tls, default: bool) -> String {
    let rest: &[&str] = if default { &["codegen", "fleet"] } else { &[] };
    let features: Vec<&str> = rest.iter().copied().chain(tls.ours).collect();
    let path = root.join("crates/huaweicloud-hss");
    manifest(&format!(
        "huaweicloud-hss = {{ path = {path:?}, default-features = false, features = {features:?} }}\n{TOKIO}\n"
    ))
}

/// The manifest of the same program by hand, with no feature that it does not need.
fn by_hand(tls: &Tls) -> String {
    let features: Vec<&str> = ["json", "query"].into_iter().chain(tls.theirs).collect();
    let mut dependencies = format!(
        "reqwest = {{ version = \"0.13\", default-features = false, features = {features:?} }}\n\
         hmac = \"0.13\"\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         sha2 = {{ version = \"0.11\", default-features = false }}\n\
         time = {{ version = \"0.3\", default-features = false, features = [\"std\", \"formatting\", \"macros\"] }}\n\
         {TOKIO}\n\
         url = \"2\"\n"
    );
    if tls.ring {
        dependencies +=
            "rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n\n";
        dependencies += "[features]\ndefault = [\"ring\"]\nring = []\n";
    } else {
        dependencies += "\n[features]\nring = []\n";
    }
    manifest(&dependencies)
}

const TOKIO: &str = "tokio = { version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }";

fn manifest(dependencies: &str) -> String {
    format!(
        "[package]\nname = \"downstream\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}"
    )
}

/// Builds a program in a folder of its own, and adds what it took.
fn build(root: &Path, manifest: &str, source: &str, taken: &mut Taken) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("src"))?;
    fs::write(folder.path().join("Cargo.toml"), manifest)?;
    fs::write(folder.path().join("src/main.rs"), source)?;
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
    let before = process::cpu_of_children();
    let built = process::cargo()
        .args(["build", "--offline", "--quiet", "--message-format=json-render-diagnostics", "--target-dir"])
        .arg(folder.path().join("target"))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()?;
    let cpu_seconds = process::cpu_since(before);
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        let why = said.lines().find(|line| line.starts_with("error")).unwrap_or("it cannot be built").to_owned();
        return Err(io::Error::other(why));
    }
    taken.cpu_seconds.extend(cpu_seconds);
    taken.crates.push(crates(&String::from_utf8_lossy(&built.stdout)) as f64);
    Ok(())
}

/// How many packages cargo says it compiled, a build script with its package.
fn crates(messages: &str) -> usize {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let compiled = messages.filter(|message| message["reason"] == "compiler-artifact");
    compiled.filter_map(|message| message["package_id"].as_str().map(str::to_owned)).collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_counted_once_with_its_build_script() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"a#1.0.0","target":{"kind":["custom-build"]}}
{"reason":"build-script-executed","package_id":"a#1.0.0"}
{"reason":"compiler-artifact","package_id":"a#1.0.0","target":{"kind":["lib"]}}
{"reason":"compiler-artifact","package_id":"b#2.0.0","target":{"kind":["bin"]}}
{"reason":"build-finished","success":true}"#;
        assert_eq!(crates(messages), 2);
    }
}
