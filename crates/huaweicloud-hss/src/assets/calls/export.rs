//! Exports a kind of asset to a file, and reads the file if it is what was asked for.

use std::time::Duration;

use bytes::Bytes;
use progenitor_client::ResponseValue;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::assets::asset::{Asset, Fields};
use crate::assets::filter::check_category;
use crate::assets::kind::AssetKind;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::generated::assets as api;
use crate::generated::assets::builder;
use crate::generated::assets::types::{AssetType, DownloadAssetFileRequest, ExportHeaders};
use crate::generated::set_some::SetSome as _;
use crate::http::executor::Operation;
use crate::response::classify::error_in_ok_response;
use crate::response::printable::printable;
use crate::types::queue::Queue;

const CREATE: Operation = Operation::repeatable_post("DownloadAssetFile");
const STATUS: Operation = Operation::get("ListQueryExportTask");
const DOWNLOAD: Operation = Operation::file("ListDownloadExportedFile");

/// The first pause between two status requests; it grows by half, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(15);

/// A file with the assets of one kind, as the service exported it. [`Client::export_assets`] returns one.
///
/// The format of the file is not documented. If it is CSV with the columns that were asked for,
/// [`AssetExport::assets`] reads it.
#[derive(Clone, Debug)]
pub struct AssetExport {
    kind: AssetKind,
    name: Option<String>,
    bytes: Bytes,
}

impl Client {
    /// Exports the assets of a kind to a file (`DownloadAssetFile`), waits at most this long until the service has
    /// written it, and downloads it: few calls for any number of assets. A file may have 256 MiB.
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// use std::time::Duration;
    ///
    /// use huaweicloud_hss::Queue;
    /// use huaweicloud_hss::assets::AssetKind;
    ///
    /// let queue = Queue::new("p".parse()?);
    /// let export = client.export_assets(&queue, AssetKind::Software, Duration::from_secs(600)).await?;
    /// println!("{} software", export.assets()?.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Any error of a call; [`ErrorKind::Unavailable`] if the service has not written the file in time;
    /// [`ErrorKind::Refused`] if it reports that the export failed; [`ErrorKind::InvalidResponse`] if the file is larger.
    pub async fn export_assets(&self, queue: &Queue, kind: AssetKind, wait: Duration) -> Result<AssetExport, Error> {
        check_category(kind, queue)?;
        let end = Instant::now().checked_add(wait);
        let task_id = self.start_export(queue, kind).await?;
        let mut pause = FIRST_PAUSE;
        loop {
            let status = self.export_status(queue, &task_id).await?;
            match status.task_status.as_deref() {
                Some("success") => {
                    let file_id = status.file_id.ok_or_else(|| failed("it has no id of the file"))?;
                    let bytes = self.download_export(queue, &file_id).await?;
                    return Ok(AssetExport { kind, name: status.file_name, bytes });
                }
                Some("failure") => {
                    let what = format!("the service could not export {}", kind.noun());
                    return Err(Error::new(ErrorKind::Refused, what).with_help("Read the list page by page."));
                }
                // Other states are not documented.
                _ => {}
            }
            if end.is_some_and(|end| Instant::now() + pause > end) {
                let what = format!("the export of {} has not ended in time", kind.noun());
                return Err(Error::new(ErrorKind::Unavailable, what).with_help("Allow more time, or try again later."));
            }
            sleep(pause).await;
            pause = (pause + pause / 2).min(MAX_PAUSE);
        }
    }

    async fn start_export(&self, queue: &Queue, kind: AssetKind) -> Result<String, Error> {
        let headers: Vec<_> = columns(kind).map(|column| vec![column.to_owned(), column.to_owned()]).collect();
        let headers = serde_json::to_value(headers).and_then(serde_json::from_value::<ExportHeaders>);
        // Every column has a field and a title.
        let headers = headers.map_err(|error| Error::invalid_input(error.to_string()))?;
        let executor = self.executor();
        let completed = executor
            .call(queue.label(CREATE), None, |context| {
                let api = api::Client::new_with_client(executor.base_url(), executor.http_client(), context);
                let body = DownloadAssetFileRequest { export_headers: headers.clone(), search_param: None };
                async move {
                    api.download_asset_file()
                        .project_id(queue.project_id.as_str())
                        .set_some(
                            queue.enterprise_project.raw().map(|id| id.as_str()),
                            builder::DownloadAssetFile::enterprise_project_id,
                        )
                        .asset_type(asset_type(kind))
                        .category(queue.category.to_string())
                        .body(body)
                        .send()
                        .await
                }
            })
            .await?;
        completed.require(|response| response.task_id, "it has no `task_id`")
    }

    async fn export_status(
        &self,
        queue: &Queue,
        task_id: &str,
    ) -> Result<api::types::ListQueryExportTaskResponse, Error> {
        let executor = self.executor();
        let completed = executor
            .call(queue.label(STATUS), None, |context| {
                let api = api::Client::new_with_client(executor.base_url(), executor.http_client(), context);
                async move {
                    api.list_query_export_task()
                        .project_id(queue.project_id.as_str())
                        .set_some(
                            queue.enterprise_project.raw().map(|id| id.as_str()),
                            builder::ListQueryExportTask::enterprise_project_id,
                        )
                        .task_id(task_id)
                        .send()
                        .await
                }
            })
            .await?;
        completed.require(|status| status.task_status.is_some().then_some(status), "it has no `task_status`")
    }

    async fn download_export(&self, queue: &Queue, file_id: &str) -> Result<Bytes, Error> {
        let executor = self.executor();
        let completed = executor
            .call(queue.label(DOWNLOAD), None, |context| {
                let api = api::Client::new_with_client(executor.base_url(), executor.http_client(), context);
                async move {
                    let file = api
                        .list_download_exported_file()
                        .project_id(queue.project_id.as_str())
                        .set_some(
                            queue.enterprise_project.raw().map(|id| id.as_str()),
                            builder::ListDownloadExportedFile::enterprise_project_id,
                        )
                        .file_id(file_id)
                        .send()
                        .await?;
                    // The body was read before, together with the head.
                    Ok(ResponseValue::new((), file.status(), file.headers().clone()))
                }
            })
            .await?;
        // A file is not the JSON object that a response usually is.
        let raw = completed.raw;
        match error_in_ok_response(&raw) {
            Some(error) => Err(error),
            None if raw.body.len() >= raw.body_limit_bytes => {
                Err(failed(&format!("it is larger than {} bytes", raw.body_limit_bytes)))
            }
            None => Ok(raw.body),
        }
    }
}

impl AssetExport {
    /// Returns the name that the service gave the file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the file as it is.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the assets of a file in CSV. They have no ids of servers, because exports have none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidResponse`] if the file is not CSV with the columns that were asked for.
    pub fn assets(&self) -> Result<Vec<Asset>, Error> {
        let text = self.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.bytes);
        let mut reader = csv::ReaderBuilder::new().from_reader(text);
        let invalid = |error: csv::Error| failed(&format!("it cannot be read as CSV: {error}"));
        let header = reader.headers().map_err(invalid)?.clone();
        if !header.iter().eq(columns(self.kind)) {
            let begin = String::from_utf8_lossy(&text[..text.len().min(40)]);
            let begin = printable(&begin);
            let what = format!("it is not CSV with the columns that were asked for, and begins with {begin:?}");
            return Err(failed(&what));
        }
        let assets = reader.records().map(|record| {
            let record = record.map_err(invalid)?;
            let cells = columns(self.kind).zip(&record).filter(|(_, cell)| !cell.is_empty());
            let row: Fields = cells.map(|(column, cell)| (column.to_owned(), value(column, cell))).collect();
            let time = row.iter().find(|(column, _)| column.ends_with("_time"));
            let time = time.map(|(column, time)| (column.clone(), time.clone()));
            let mut asset = Asset::from_row(self.kind, row);
            if asset.seen_at.is_none() {
                // A time in a form that is not documented.
                asset.extra.extend(time);
            }
            Ok(asset)
        });
        assets.collect()
    }
}

fn failed(what: &str) -> Error {
    let what = format!("the exported file cannot be used: {what}");
    Error::new(ErrorKind::InvalidResponse, what).with_help("Read the list page by page.")
}

/// Returns the value of a cell, as a row of a list has it. A name, version or hash may consist of digits, too.
fn value(column: &str, cell: &str) -> Value {
    let is_number = column == "port" || column.ends_with("_time");
    match (cell, cell.parse::<u64>()) {
        ("true", _) => true.into(),
        ("false", _) => false.into(),
        (_, Ok(number)) if is_number => number.into(),
        _ => cell.into(),
    }
}

/// Returns the columns of an export, which are fields of the rows of its list.
fn columns(kind: AssetKind) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = match kind {
        AssetKind::Accounts => {
            &["user_name", "user_home_dir", "user_group_name", "root_permission", "shell", "recent_scan_time"]
        }
        AssetKind::Software => &["app_name", "version", "install_dir", "recent_scan_time"],
        AssetKind::Ports => &["port", "type", "laddr", "path"],
        AssetKind::Processes => &["process_path", "hash", "run_permission"],
        AssetKind::AutoStart => &["name", "path", "hash", "run_user", "recent_scan_time"],
        AssetKind::Packages | AssetKind::WebFrameworks => {
            &["name", "version", "path", "hash", "file_type", "record_time"]
        }
        AssetKind::KernelModules => &["name", "version", "path", "hash", "record_time"],
        AssetKind::Websites => &["domain", "port", "path", "record_time"],
        AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases => {
            &["name", "version", "install_path", "record_time"]
        }
    };
    let of_container: &[&str] = if kind.is_in_containers() { &["container_id", "container_name"] } else { &[] };
    ["host_name", "host_ip"].iter().chain(of_container).chain(own).copied()
}

const fn asset_type(kind: AssetKind) -> AssetType {
    match kind {
        AssetKind::Accounts => AssetType::Users,
        AssetKind::Software => AssetType::App,
        AssetKind::Ports => AssetType::Port,
        AssetKind::Processes => AssetType::Process,
        AssetKind::AutoStart => AssetType::AutoLaunch,
        AssetKind::Packages => AssetType::JarPackage,
        AssetKind::KernelModules => AssetType::KernelModule,
        AssetKind::WebFrameworks => AssetType::WebFramework,
        AssetKind::Websites => AssetType::WebSite,
        AssetKind::WebServices => AssetType::WebService,
        AssetKind::WebApps => AssetType::WebCms,
        AssetKind::Databases => AssetType::Database,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(kind: AssetKind, text: &str) -> AssetExport {
        AssetExport { kind, name: None, bytes: Bytes::copy_from_slice(text.as_bytes()) }
    }

    fn header(kind: AssetKind) -> String {
        columns(kind).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn the_rows_of_a_csv_file_are_assets() {
        let text = format!(
            "\u{feff}{}\r\nweb,10.0.0.1,,,\"a, b\",10,/bin,1743609707401\r\nweb,,c1,shop,x,,,2025-04-02 16:01\r\n",
            header(AssetKind::Software)
        );
        let assets = export(AssetKind::Software, &text).assets().unwrap();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let shown = |asset: &Asset| [&asset.host_name, &asset.name, &asset.version, &asset.path].map(text).join("|");
        assert_eq!(assets.iter().map(shown).collect::<Vec<_>>(), ["web|a, b|10|/bin", "web|x||"]);
        assert!(assets[0].seen_at.is_some() && assets[0].host_id.is_none() && assets[0].container.is_none());
        assert_eq!(assets[1].container.as_ref().and_then(|container| container.id.as_deref()), Some("c1"));
        // What is not understood is kept.
        assert_eq!((assets[1].seen_at, &assets[1].extra["recent_scan_time"]), (None, &"2025-04-02 16:01".into()));
    }

    #[test]
    fn another_file_is_an_error_that_quotes_its_beginning() {
        for (text, part) in [
            ("PK\u{3}\u{4}", "and begins with \"PK\\\\u{3}\\\\u{4}\""),
            ("Server,Name\nweb,x\n", "begins with \"Server,Name"),
            ("", "begins with \"\""),
        ] {
            let error = export(AssetKind::Accounts, text).assets().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse);
            assert!(error.to_string().contains(part), "{error}");
        }
        let short = format!("{}\nweb\n", header(AssetKind::Accounts));
        assert!(export(AssetKind::Accounts, &short).assets().is_err());
    }

    #[test]
    fn every_kind_has_its_name_and_server() {
        for kind in AssetKind::ALL {
            let cells = columns(kind).map(|column| if column == "port" { "22" } else { "x" }).collect::<Vec<_>>();
            let assets = export(kind, &format!("{}\n{}\n", header(kind), cells.join(","))).assets().unwrap();
            assert_eq!(assets[0].host_name.as_deref(), Some("x"), "{kind}");
            let has_name = assets[0].name.is_some() || assets[0].path.is_some();
            assert!(has_name, "{kind} {:?}", assets[0]);
        }
    }
}
