//! Owns the live view: what happens, as server-sent events, told again whenever something changed.

use crate::http::body::Reply;
use crate::model::request_log::RecordedRequest;
use crate::service::InProcessService;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep, sleep_until};

/// Where the events are.
pub(crate) const PATH: &str = "/_emulator/live";

/// How many calls, scans and queues are told: what fits on a page.
const TOLD: usize = 20;

/// How many ids of a scan are told.
const TOLD_IDS: usize = 10;

/// At least so long between two events, however much happens.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers with events until the client goes away or the server stops.
pub(crate) fn answer(service: &InProcessService, stop: &watch::Receiver<bool>, method: &Method) -> Response<Reply> {
    let (events, received) = mpsc::channel(1);
    if *method == Method::GET {
        tokio::spawn(tell(service.clone(), events, stop.clone()));
    }
    let mut response = Response::new(Reply::Live(received));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn tell(service: InProcessService, events: mpsc::Sender<Bytes>, mut stop: watch::Receiver<bool>) {
    let mut changes = service.changes();
    loop {
        changes.mark_unchanged();
        let now = Instant::now();
        let (snapshot, next_end) = snapshot(&service, now);
        if events.send(format!("data: {snapshot}\n\n").into()).await.is_err() {
            return;
        }
        sleep(PAUSE).await;
        let queue_ends = async {
            match next_end {
                Some(end) => sleep_until(end).await,
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

/// What there is to see, and when the next queue ends.
fn snapshot(service: &InProcessService, now: Instant) -> (Value, Option<Instant>) {
    let pending = service.pending_queues(now);
    let next_end = pending.iter().filter_map(|scan| scan.ends_at).min();
    let queues: Vec<Value> = pending
        .iter()
        .take(TOLD)
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
    let (answered, calls, scans) = service.last_calls(TOLD);
    let told = |calls: &[RecordedRequest]| calls.iter().map(told).collect::<Vec<_>>();
    let faults = service.faults().to_string();
    let snapshot = json!({
        "answered": answered,
        "hosts": service.inventory().hosts().len(),
        "groups": service.inventory().groups().len(),
        "queues": queues,
        "scans": told(&scans),
        "calls": told(&calls),
        "faults": faults.lines().skip(1).collect::<Vec<_>>(),
    });
    (snapshot, next_end)
}

/// A call with the first of its ids.
fn told(call: &RecordedRequest) -> Value {
    let mut call = call.clone();
    let more = call.accepted.as_mut().map_or(0, |accepted| {
        let more = accepted.ids.len().saturating_sub(TOLD_IDS);
        accepted.ids.truncate(TOLD_IDS);
        more
    });
    // Nothing in a call is a map with strange keys, so this cannot fail.
    let mut told = serde_json::to_value(call).unwrap_or_default();
    told["more_ids"] = more.into();
    told
}

#[cfg(test)]
mod tests {
    use super::{TOLD, snapshot};
    use crate::builder::Emulator;
    use bytes::Bytes;
    use http::Request;
    use serde_json::json;
    use tokio::time::{Duration, Instant};

    #[tokio::test(start_paused = true)]
    async fn the_newest_come_first_and_no_more_than_fit() {
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
        let (seen, next_end) = snapshot(&service, now);
        assert_eq!((seen["answered"].as_u64(), seen["hosts"].as_u64()), (Some(30), Some(7)));
        for list in ["queues", "scans", "calls"] {
            assert_eq!(seen[list].as_array().unwrap().len(), TOLD, "{list}");
        }
        assert_eq!((&seen["calls"][0]["number"], &seen["scans"][19]["number"]), (&json!(30), &json!(11)));
        assert_eq!(
            (seen["scans"][0]["accepted"]["ids"].as_array().unwrap().len(), &seen["scans"][0]["more_ids"]),
            (10, &json!(15))
        );
        assert_eq!(
            (&seen["queues"][0]["ends_in_millis"], next_end),
            (&json!(5000), Some(now + Duration::from_secs(5)))
        );
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(snapshot(&service, Instant::now()).0["queues"], json!([]));
    }
}
