//! `hss sbom`: writes CycloneDX documents of software and packages.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use huaweicloud_hss::assets::{Asset, AssetKind, Sbom, SbomDocument};
use huaweicloud_hss::{Host, HostFilter, Queue};

use crate::cli::SbomArgs;
use crate::connect;
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::output::file::{Readers, write_file};
use crate::render::counted;
use crate::targets::QueueSpec;

use super::filter::Filter;
use super::list::AssetLists;
use super::saved::SavedList;

/// Reproducible builds set the time of what they make.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

pub(crate) async fn sbom(args: SbomArgs) -> Result<ExitStatus, CliError> {
    let time = source_date()?;
    let filter = Filter { host_id: args.host.clone(), ..Filter::default() };
    let mut collector = Collector { sbom: Sbom::default(), filter, nameless: 0 };
    match &args.from {
        Some(path) => {
            if let Some(hosts) = &args.hosts {
                read_hosts(hosts, &mut collector.sbom)?;
            }
            let mut list = SavedList::open(path)?;
            while let Some((_, asset)) = list.next()? {
                collector.add(&asset);
            }
        }
        None => collect(&args, &mut collector).await?,
    }
    let Collector { sbom, nameless, .. } = collector;
    if nameless > 0 {
        output::message(&format!("note: {} without a name left out", counted(nameless, "row")));
    }
    match (&args.per_host, &args.host) {
        (Some(folder), _) => write_documents(folder, &sbom, time)?,
        (None, Some(host)) => match sbom.server(host, time) {
            Some(document) => print(&document),
            None => return Err(CliError::usage(format!("the server `{host}` has no software or packages"))),
        },
        (None, None) => print(&sbom.all_servers(time)),
    }
    Ok(ExitStatus::Ok)
}

/// What the documents are made of.
struct Collector {
    sbom: Sbom,
    filter: Filter,
    nameless: u64,
}

impl Collector {
    fn add(&mut self, asset: &Asset) {
        let is_component = matches!(asset.kind, AssetKind::Software | AssetKind::Packages);
        if is_component && self.filter.matches(asset) && !self.sbom.add(asset) {
            self.nameless += 1;
        }
    }
}

/// Reads servers, software and packages from the service. Nothing is printed for a list that is incomplete.
async fn collect(args: &SbomArgs, collector: &mut Collector) -> Result<(), CliError> {
    let service = &args.service;
    let connection =
        connect::connect(&[QueueSpec::default()], &args.queue, &service.connection, service.emulator).await?;
    let (client, queue) = connection.only_queue()?;
    let Queue { project_id, enterprise_project, .. } = queue.clone();
    let mut hosts = client.hosts(project_id, enterprise_project, HostFilter::default());
    while let Some(page) = hosts.next_page().await? {
        page.iter().for_each(|host| collector.sbom.add_host(host));
    }
    for kind in [AssetKind::Software, AssetKind::Packages] {
        let mut list = AssetLists::new(client.clone(), queue.clone(), vec![kind], &collector.filter);
        while let Some(page) = list.next_page().await? {
            page.iter().for_each(|asset| collector.add(asset));
        }
    }
    Ok(())
}

/// Reads servers from a list that `hss hosts list -o jsonl` printed.
fn read_hosts(path: &Path, sbom: &mut Sbom) -> Result<(), CliError> {
    let unreadable = |error: io::Error| CliError::usage(format!("cannot read {}: {error}", path.display()));
    for (index, line) in BufReader::new(File::open(path).map_err(unreadable)?).lines().enumerate() {
        let host: Host = serde_json::from_str(&line.map_err(unreadable)?).map_err(|error| {
            let (path, number) = (path.display(), index + 1);
            CliError::usage(format!(
                "{path}: line {number} is not a server: {error}. Save a list with `hss hosts list -o jsonl`."
            ))
        })?;
        sbom.add_host(&host);
    }
    Ok(())
}

fn source_date() -> Result<Option<SystemTime>, CliError> {
    let Some(text) = std::env::var_os(SOURCE_DATE_EPOCH) else { return Ok(None) };
    let seconds = text.to_str().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    match seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds)) {
        Some(time) => Ok(Some(time)),
        None => Err(CliError::usage(format!("{SOURCE_DATE_EPOCH} is not a number of seconds: {}", text.display()))),
    }
}

fn print(document: &SbomDocument) {
    output::print_with(|out| write(out, document));
}

fn write(out: &mut dyn Write, document: &SbomDocument) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// Writes a file for each server.
fn write_documents(folder: &Path, sbom: &Sbom, time: Option<SystemTime>) -> Result<(), CliError> {
    let failed = |path: &Path, error: &io::Error| {
        CliError::new(ExitStatus::Partial, format!("cannot write {}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut count = 0;
    for id in sbom.servers() {
        let path = folder.join(file_name(id));
        if let Some(document) = sbom.server(id, time) {
            write_file(&path, Readers::Owner, |out| write(out, &document)).map_err(|error| failed(&path, &error))?;
            count += 1;
        }
    }
    output::message(&format!("{} in {}", counted(count, "document"), folder.display()));
    Ok(())
}

/// Returns the name of a server's file. An id that is no file name is escaped.
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for (index, c) in id.char_indices() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' || (c == '.' && index > 0) {
            name.push(c);
        } else {
            name.push_str(&format!("%{:X}", u32::from(c)));
        }
    }
    name + ".cdx.json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_always_a_file_name_of_its_own() {
        for (id, name) in [
            ("1b7b-4e", "1b7b-4e.cdx.json"),
            ("../x", "%2E.%2Fx.cdx.json"),
            ("/etc", "%2Fetc.cdx.json"),
            ("a%2Fb", "a%252Fb.cdx.json"),
            ("", ".cdx.json"),
        ] {
            assert_eq!(file_name(id), name);
        }
    }
}
