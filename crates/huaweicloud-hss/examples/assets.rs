//! Finds the servers that have a package in a range of versions.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set, and pass the name of the package and a range such as
//! `<2.17`.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::collections::BTreeSet;
use std::env;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use huaweicloud_hss::assets::{AssetFilter, AssetKind, VersionRange};
use huaweicloud_hss::{Client, HostFilter, Queue, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let name = args.next().ok_or("pass the name of a package")?;
    let versions: VersionRange = args.next().ok_or("pass a range of versions")?.parse()?;
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse()?);

    // The service compares the name with that of the file, so that it has to match a part; the rest is compared here.
    let filter = AssetFilter::default().with_name(&*name).with_part_match(true);
    let mut affected = BTreeSet::new();
    let mut assets = pin!(client.assets(queue.clone(), AssetKind::Packages, filter).into_stream());
    while let Some(asset) = assets.try_next().await? {
        let is_affected = asset.version.as_deref().is_some_and(|version| versions.contains(version));
        if asset.name.as_deref() == Some(&*name) && is_affected {
            let [host, version, path] = [&asset.host_name, &asset.version, &asset.path];
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            println!("{}: {name} {} in {}", text(host), text(version), text(path));
            affected.insert(asset.host_id);
        }
    }

    // An error above means that the list is incomplete: then this is not reached.
    let hosts = client.hosts(queue.project_id, queue.enterprise_project, HostFilter::default());
    let all: Vec<_> = hosts.into_stream().try_collect().await?;
    println!("{} of {} servers", affected.len(), all.len());
    Ok(())
}
