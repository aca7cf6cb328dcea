//! The live view: the state of the emulator as server-sent events, one for each change.

use std::io;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep, sleep_until};

use crate::model::request_log::{LatestRequests, RecordedRequest};
use crate::service::InProcessService;

use super::body::ResponseBody;

/// The path of the events.
pub(crate) const PATH: &str = "/_emulator/live";

/// How many requests, scans and queues are listed.
const MAX_LISTED: usize = 20;

/// How many ids of a scan are listed.
const MAX_LISTED_IDS: usize = 10;

/// The minimum time between two events.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Returns a response with events until the client disconnects or the server stops.
pub(crate) fn respond(
    service: &InProcessService,
    stop: &watch::Receiver<bool>,
    method: &Method,
) -> Response<ResponseBody> {
    let (events, body) = ResponseBody::stream();
    if *method == Method::GET {
        tokio::spawn(send_events(service.clone(), events, stop.clone()));
    }
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn send_events(
    service: InProcessService,
    events: mpsc::Sender<io::Result<Bytes>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut changes = service.changes();
    loop {
        changes.mark_unchanged();
        let now = service.clock().now();
        let (snapshot, next_end) = snapshot(&service, now);
        if events.send(Ok(format!("data: {snapshot}\n\n").into())).await.is_err() {
            return;
        }
        sleep(MIN_INTERVAL).await;
        let queue_ends = async {
            match next_end {
                Some(end) => sleep_until(service.clock().on_tokio_clock(end)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = queue_ends => {}
            () = events.closed() => return,
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Returns the current state, and when the next scan ends.
fn snapshot(service: &InProcessService, now: Instant) -> (Value, Option<Instant>) {
    let pending = service.pending_scans(now);
    let next_end = pending.iter().filter_map(|scan| scan.ends_at).min();
    let queues: Vec<Value> = pending
        .iter()
        .take(MAX_LISTED)
        .map(|scan| {
            let left = scan.ends_at.map(|end| u64::try_from((end - now).as_millis()).unwrap_or(u64::MAX));
            json!({
                "project_id": scan.queue.project_id,
                "enterprise_project_id": scan.queue.enterprise_project_id,
                "category": scan.queue.category,
                "ends_in_millis": left,
            })
        })
        .collect();
    let LatestRequests { answered, requests, scans } = service.latest_requests(MAX_LISTED);
    let listed = |requests: Vec<RecordedRequest>| requests.into_iter().map(listed).collect::<Vec<_>>();
    let faults = service.faults().to_string();
    let snapshot = json!({
        "answered": answered,
        "hosts": service.inventory().hosts().len(),
        "groups": service.inventory().groups().len(),
        "queues": queues,
        "scans": listed(scans),
        "calls": listed(requests),
        "faults": faults.lines().skip(1).collect::<Vec<_>>(),
    });
    (snapshot, next_end)
}

/// Returns a request with the first of its ids.
fn listed(mut request: RecordedRequest) -> Value {
    let more = request.accepted.as_mut().map_or(0, |accepted| {
        let more = accepted.ids.len().saturating_sub(MAX_LISTED_IDS);
        accepted.ids.truncate(MAX_LISTED_IDS);
        more
    });
    // A request has no map with keys that JSON lacks, so this cannot fail.
    let mut listed = serde_json::to_value(request).unwrap_or_default();
    listed["more_ids"] = more.into();
    listed
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use serde_json::json;
    use tokio::time::{Duration, Instant};

    use crate::builder::Emulator;

    use super::{MAX_LISTED, snapshot};

    #[tokio::test(start_paused = true)]
    async fn the_newest_come_first_up_to_the_limit() {
        let service = Emulator::builder().with_hosts(7).with_scan_duration(Duration::from_secs(5)).service().unwrap();
        let ids: Vec<String> = (0..25).map(|id| format!("id-{id}")).collect();
        for project in 0..30 {
            let request = Request::post(format!("/v5/p{project}/asset/assign-task?category=host"))
                .header("x-auth-token", "t")
                .header("content-type", "application/json")
                .body(Bytes::from(json!({ "host_ids": ids }).to_string()))
                .unwrap();
            assert_eq!(service.handle(&request).status(), 200);
        }
        let now = Instant::now();
        let (state, next_end) = snapshot(&service, now);
        assert_eq!((state["answered"].as_u64(), state["hosts"].as_u64()), (Some(30), Some(7)));
        for list in ["queues", "scans", "calls"] {
            assert_eq!(state[list].as_array().unwrap().len(), MAX_LISTED, "{list}");
        }
        assert_eq!((&state["calls"][0]["number"], &state["scans"][19]["number"]), (&json!(30), &json!(11)));
        assert_eq!(
            (state["scans"][0]["accepted"]["ids"].as_array().unwrap().len(), &state["scans"][0]["more_ids"]),
            (10, &json!(15))
        );
        assert_eq!(
            (&state["queues"][0]["ends_in_millis"], next_end),
            (&json!(5000), Some(now + Duration::from_secs(5)))
        );
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(snapshot(&service, Instant::now()).0["queues"], json!([]));
    }
}
