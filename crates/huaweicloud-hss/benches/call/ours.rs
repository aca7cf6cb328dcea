//! The call as a user of this crate makes it.

use huaweicloud_hss::{AccessKey, Client, Queue, ScanOutcome, ScanRequest, Secret};

use crate::{ACCESS_KEY, ENTERPRISE_PROJECT, PROJECT, SECRET_KEY, Way};

#[derive(Clone)]
pub(crate) struct Ours {
    client: Client,
    request: ScanRequest,
}

impl Ours {
    pub(crate) fn new(url: &str) -> Self {
        let key = AccessKey::new(ACCESS_KEY, Secret::new(SECRET_KEY.to_owned()), None).unwrap();
        let client = Client::builder().with_endpoint(url).with_access_key(key).build().unwrap();
        let queue = Queue::new(PROJECT.parse().unwrap()).with_enterprise_project(ENTERPRISE_PROJECT.parse().unwrap());
        Self { client, request: ScanRequest::all_hosts(queue) }
    }
}

impl Way for Ours {
    async fn call(&self) {
        let reply = self.client.scan(&self.request).await.unwrap();
        assert_eq!(reply.outcome, ScanOutcome::Accepted { processed: 1 });
        assert!(reply.meta.request_id.is_some() && reply.meta.server_time.is_some());
    }
}
