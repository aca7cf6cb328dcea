//! Lists: as streams, and with limits in time of their own.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::time::Instant;

use super::*;
use crate::types::project::EnterpriseProject;
use crate::{CallOptions, ErrorKind, HostFilter};

#[tokio::test]
async fn a_stream_has_every_row_and_fetches_pages_when_they_are_wanted() {
    let page = |ids: &'static str| Reply::Send(200, "", ids);
    let server = Server::start(vec![
        page(r#"{"total_num":3,"data_list":[{"host_id":"a"},{"host_id":"b"}]}"#),
        page(r#"{"total_num":3,"data_list":[{"host_id":"c"}]}"#),
        page(r#"{"total_num":1,"data_list":[{"group_id":"g"}]}"#),
        page("<html>"),
    ])
    .await;
    let client = server.client(no_retries());
    let (project, all) = (queue().project_id, EnterpriseProject::all);
    let mut hosts = pin!(client.hosts(project.clone(), all(), HostFilter::default()).into_stream());
    for (id, requests) in [("a", 1), ("b", 1), ("c", 2)] {
        assert_eq!(hosts.try_next().await.unwrap().unwrap().host_id.as_deref(), Some(id));
        assert_eq!(server.requests(), requests, "{id}");
    }
    assert!(hosts.try_next().await.unwrap().is_none());
    let mut groups = pin!(client.host_groups(project.clone(), all()).into_stream());
    assert_eq!(groups.try_next().await.unwrap().unwrap().group_id.as_deref(), Some("g"));
    assert!(groups.try_next().await.unwrap().is_none());
    let mut broken = pin!(client.host_groups(project, all()).into_stream());
    assert_eq!(broken.try_next().await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    assert!(broken.try_next().await.unwrap().is_none(), "it ends after the first error");
}

#[tokio::test(start_paused = true)]
async fn a_list_can_have_its_own_limits_in_time() {
    let server = Server::start(vec![Reply::Hang]).await;
    let client = server.client(no_retries());
    let options = CallOptions::default().with_timeout(Duration::from_secs(2));
    let started = Instant::now();
    let pager = client.hosts(queue().project_id, EnterpriseProject::all(), HostFilter::default());
    pager.with_options(options.clone()).next_page().await.unwrap_err();
    client
        .host_groups(queue().project_id, EnterpriseProject::all())
        .with_options(options)
        .next_page()
        .await
        .unwrap_err();
    assert!(started.elapsed() <= Duration::from_secs(4), "{:?}", started.elapsed());
}
