//! The calls that read the inventory: pages of lists, and exports.

mod export;

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;

use progenitor_client::ResponseValue;
use serde::Serialize;
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::generated::assets as api;
use crate::generated::assets::types::Catalogue;
use crate::generated::assets::{bounds, builder};
use crate::generated::bounds::Bounds;
use crate::generated::set_some::SetSome as _;
use crate::http::call_options::CallOptions;
use crate::http::executor::{CallControl, Operation};
use crate::http::pagination::{Page, PageRequest};
use crate::types::queue::Queue;

use super::asset::{Fields, Row, distinguished};
use super::filter::AssetFilter;
use super::kind::AssetKind;

pub use export::AssetExport;

/// What a list is read with.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) queue: Queue,
    pub(super) kind: AssetKind,
    pub(super) options: Option<CallOptions>,
}

/// A page as the service sent it.
#[derive(Debug)]
struct Rows {
    total: Option<i32>,
    rows: Option<Vec<Fields>>,
}

impl Rows {
    fn new<T: Serialize>(total: Option<i32>, rows: Option<Vec<T>>) -> Self {
        let fields = |row| match serde_json::to_value(row) {
            Ok(Value::Object(fields)) => fields,
            // Every generated row is an object.
            _ => Fields::new(),
        };
        Self { total, rows: rows.map(|rows| rows.into_iter().map(fields).collect()) }
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<ResponseValue<Rows>, progenitor_client::Error<()>>> + Send + 'a>>;

/// Makes a call. The compiler makes one copy of the attempts, not one for each operation.
async fn fetch<'a>(
    client: &Client,
    options: Option<&CallOptions>,
    operation: Operation<'_>,
    send: &(dyn Fn(api::Client) -> Sent<'a> + Sync),
) -> Result<Page<Row>, Error> {
    let executor = client.executor();
    let control = CallControl { options, ..CallControl::default() };
    let completed = executor
        .call(operation, Some(&control), |context| {
            send(api::Client::new_with_client(executor.base_url(), executor.http_client(), context))
        })
        .await?;
    let (rows, total) = completed.require(|page| Some((page.rows, page.total?)), "it has no `total_num`")?;
    Ok(Page::with_total(rows.map(distinguished), total))
}

/// Fetches a page of an operation, with these parameters besides those that every list has.
macro_rules! page {
    ($source:expr, $request:expr, $method:ident $operation:ident { $($parameter:ident: $value:expr),* $(,)? }) => {{
        let (Source { client, queue, options, .. }, PageRequest { offset, limit, .. }) = ($source, $request);
        fetch(client, options.as_ref(), queue.label(Operation::list(stringify!($operation))), &|api| Box::pin(async move {
            let page = api
                .$method()
                .project_id(queue.project_id.as_str())
                .set_some(
                    queue.enterprise_project.raw().map(|id| id.as_str()),
                    builder::$operation::enterprise_project_id,
                )
                $(.set_some($value, builder::$operation::$parameter))*
                .offset(offset)
                .limit(limit)
                .send()
                .await?;
            page.map(|page| Rows::new(page.total_num, page.data_list))
        }))
        .await
    }};
}

/// Returns the largest total that the list of a kind has, if one is documented: a list that has it may be cut.
pub(super) fn largest_total(kind: AssetKind, filter: &AssetFilter) -> Option<Bounds> {
    match kind {
        AssetKind::Accounts | AssetKind::Software | AssetKind::AutoStart | AssetKind::Processes => None,
        AssetKind::Ports if filter.host_id.is_some() => Some(bounds::list_ports::TOTAL_NUM),
        AssetKind::Ports => Some(bounds::list_port_host::TOTAL_NUM),
        AssetKind::Packages => Some(bounds::list_jar_package_host_info::TOTAL_NUM),
        AssetKind::KernelModules => Some(bounds::list_kernel_module_host_info::TOTAL_NUM),
        AssetKind::WebFrameworks => Some(bounds::list_web_framework_host_info::TOTAL_NUM),
        AssetKind::Websites => Some(bounds::list_web_site_host_info::TOTAL_NUM),
        AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases => {
            Some(bounds::list_web_app_and_services::TOTAL_NUM)
        }
    }
}

/// Returns the largest total that the counts of a kind have, if one is documented.
pub(super) fn largest_count_total(kind: AssetKind) -> Option<Bounds> {
    match kind {
        AssetKind::Software | AssetKind::AutoStart => None,
        AssetKind::Accounts => Some(bounds::list_user_statistics::TOTAL_NUM),
        AssetKind::Ports => Some(bounds::list_port_statistics::TOTAL_NUM),
        AssetKind::Processes => Some(bounds::list_process_statistics::TOTAL_NUM),
        AssetKind::Packages => Some(bounds::list_jar_package_statistics::TOTAL_NUM),
        AssetKind::KernelModules => Some(bounds::list_kernel_module_statistics::TOTAL_NUM),
        AssetKind::WebFrameworks => Some(bounds::list_web_framework_statistics::TOTAL_NUM),
        AssetKind::Websites => Some(bounds::list_web_site_statistics::TOTAL_NUM),
        AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases => {
            Some(bounds::list_web_app_and_service_statistics::TOTAL_NUM)
        }
    }
}

fn catalogue(kind: AssetKind) -> Catalogue {
    match kind {
        AssetKind::WebServices => Catalogue::WebService,
        AssetKind::WebApps => Catalogue::WebCms,
        _ => Catalogue::Database,
    }
}

/// Fetches a page of the assets of a kind.
pub(super) async fn assets(source: &Source, filter: &AssetFilter, request: PageRequest) -> Result<Page<Row>, Error> {
    let AssetFilter { host_id, host_name, host_ip, name, version, port, root_permission, part_match } = filter;
    let port = port.and_then(|port| NonZeroU32::new(port.into()));
    let category = source.queue.category.to_string();
    let category = Some(category.as_str());
    match source.kind {
        AssetKind::Accounts => page!(source, request, list_users ListUsers {
            category: category, host_id: host_id.as_deref(), host_name: host_name.as_deref(),
            private_ip: host_ip.as_deref(), user_name: name.as_deref(), root_permission: *root_permission,
            part_match: *part_match,
        }),
        AssetKind::Software => page!(source, request, list_apps ListApps {
            category: category, host_id: host_id.as_deref(), host_name: host_name.as_deref(), host_ip: host_ip.as_deref(),
            app_name: name.as_deref(), version: version.as_deref(), part_match: *part_match,
        }),
        AssetKind::AutoStart => page!(source, request, list_auto_launchs ListAutoLaunchs {
            host_id: host_id.as_deref(), host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), name: name.as_deref(),
            part_match: *part_match,
        }),
        AssetKind::Ports if host_id.is_some() => page!(source, request, list_ports ListPorts {
            category: category, host_id: host_id.as_deref(), host_name: host_name.as_deref(), host_ip: host_ip.as_deref(),
            port: port,
        }),
        AssetKind::Ports => page!(source, request, list_port_host ListPortHost {
            category: category, host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), port: port,
        }),
        AssetKind::Processes => page!(source, request, list_processes_host ListProcessesHost {
            category: category, host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), path: name.as_deref(),
        }),
        AssetKind::Packages => page!(source, request, list_jar_package_host_info ListJarPackageHostInfo {
            category: category, host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), file_name: name.as_deref(),
            part_match: *part_match,
        }),
        AssetKind::KernelModules => page!(source, request, list_kernel_module_host_info ListKernelModuleHostInfo {
            host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), name: name.as_deref(), part_match: *part_match,
        }),
        AssetKind::WebFrameworks => page!(source, request, list_web_framework_host_info ListWebFrameworkHostInfo {
            category: category, host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), file_name: name.as_deref(),
            part_match: *part_match,
        }),
        AssetKind::Websites => page!(source, request, list_web_site_host_info ListWebSiteHostInfo {
            category: category, host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), domain: name.as_deref(),
            part_match: *part_match,
        }),
        kind @ (AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases) => {
            page!(source, request, list_web_app_and_services ListWebAppAndServices {
                category: category, catalogue: Some(catalogue(kind)), host_id: host_id.as_deref(),
                host_name: host_name.as_deref(), host_ip: host_ip.as_deref(), name: name.as_deref(), version: version.as_deref(),
                part_match: *part_match,
            })
        }
    }
}

/// Fetches a page of the counts of a kind.
pub(super) async fn counts(source: &Source, request: PageRequest) -> Result<Page<Row>, Error> {
    let category = source.queue.category.to_string();
    let category = Some(category.as_str());
    match source.kind {
        AssetKind::Accounts => page!(source, request, list_user_statistics ListUserStatistics {
            category: category,
        }),
        AssetKind::Software => page!(source, request, list_app_statistics ListAppStatistics {
            category: category,
        }),
        AssetKind::AutoStart => page!(source, request, list_auto_launch_statistics ListAutoLaunchStatistics {
            category: category,
        }),
        AssetKind::Ports => page!(source, request, list_port_statistics ListPortStatistics {
            category: category,
        }),
        AssetKind::Processes => page!(source, request, list_process_statistics ListProcessStatistics {
            category: category,
        }),
        AssetKind::Packages => page!(source, request, list_jar_package_statistics ListJarPackageStatistics {
            category: category,
        }),
        AssetKind::KernelModules => {
            page!(source, request, list_kernel_module_statistics ListKernelModuleStatistics {})
        }
        AssetKind::WebFrameworks => page!(source, request, list_web_framework_statistics ListWebFrameworkStatistics {
            category: category,
        }),
        AssetKind::Websites => page!(source, request, list_web_site_statistics ListWebSiteStatistics {
            category: category,
        }),
        kind @ (AssetKind::WebServices | AssetKind::WebApps | AssetKind::Databases) => {
            page!(source, request, list_web_app_and_service_statistics ListWebAppAndServiceStatistics {
                category: category, catalogue: Some(catalogue(kind)),
            })
        }
    }
}
