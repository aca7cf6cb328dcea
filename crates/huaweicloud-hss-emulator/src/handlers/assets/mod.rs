//! The operations of the asset inventory.

mod collect;
mod export;
mod lists;
mod row_json;

use crate::model::assets::kind::AssetKind;

use self::lists::{list, list_web_apps, statistics, statistics_of_web_apps};
use super::state::Handler;

/// The handlers of the operations of assets, by operation id.
pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("ListUsers", |state, request| list(state, request, AssetKind::Users)),
    ("ListApps", |state, request| list(state, request, AssetKind::App)),
    ("ListAutoLaunchs", |state, request| list(state, request, AssetKind::AutoLaunch)),
    ("ListPorts", |state, request| list(state, request, AssetKind::Port)),
    ("ListPortHost", |state, request| list(state, request, AssetKind::Port)),
    ("ListProcessesHost", |state, request| list(state, request, AssetKind::Process)),
    ("ListJarPackageHostInfo", |state, request| list(state, request, AssetKind::JarPackage)),
    ("ListKernelModuleHostInfo", |state, request| list(state, request, AssetKind::KernelModule)),
    ("ListWebFrameworkHostInfo", |state, request| list(state, request, AssetKind::WebFramework)),
    ("ListWebSiteHostInfo", |state, request| list(state, request, AssetKind::WebSite)),
    ("ListWebAppAndServices", list_web_apps),
    ("ListUserStatistics", |state, request| statistics(state, request, AssetKind::Users)),
    ("ListAppStatistics", |state, request| statistics(state, request, AssetKind::App)),
    ("ListAutoLaunchStatistics", |state, request| statistics(state, request, AssetKind::AutoLaunch)),
    ("ListPortStatistics", |state, request| statistics(state, request, AssetKind::Port)),
    ("ListProcessStatistics", |state, request| statistics(state, request, AssetKind::Process)),
    ("ListJarPackageStatistics", |state, request| statistics(state, request, AssetKind::JarPackage)),
    ("ListKernelModuleStatistics", |state, request| statistics(state, request, AssetKind::KernelModule)),
    ("ListWebFrameworkStatistics", |state, request| statistics(state, request, AssetKind::WebFramework)),
    ("ListWebSiteStatistics", |state, request| statistics(state, request, AssetKind::WebSite)),
    ("ListWebAppAndServiceStatistics", statistics_of_web_apps),
    ("RunHostAssetManualCollect", collect::run),
    ("ShowHostAssetManualCollectStatus", collect::status),
    ("DownloadAssetFile", export::create),
    ("ListQueryExportTask", export::status),
    ("ListDownloadExportedFile", export::download),
];
