//! What a run has to have in common with the run that began its journal: service, account, and how its targets were
//! selected.

use std::collections::BTreeMap;

use huaweicloud_auth::Credentials;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::types::region::Region;

use super::super::queue_plan::{QueuePlan, plan_hash};

/// Which service and account a run sends its calls to, and how its targets were selected. A journal records it, and
/// cannot be resumed by a run with another one. It contains no secret.
///
/// ```no_run
/// # fn example(north: &huaweicloud_hss::Client, south: &huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
/// use huaweicloud_hss::fleet::RunIdentity;
///
/// let one_region = RunIdentity::new(north);
/// let two_regions = RunIdentity::default().with_region("cn-north-4".parse()?, north).with_region("cn-south-1".parse()?, south);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[must_use]
pub struct RunIdentity {
    #[serde(skip_serializing_if = "is_false")]
    emulator: bool,
    /// The endpoint of each region; an empty region is that of all others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    endpoints: BTreeMap<String, String>,
    /// The account, if the credentials name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    /// The id of a permanent access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    /// How the targets were selected, unless they were given one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<String>,
}

impl RunIdentity {
    /// Returns the identity of a run in which this client sends the calls of all queues.
    pub fn new(client: &Client) -> Self {
        Self::default().with_client(String::new(), client)
    }

    /// Returns the identity of a run against an emulator that ends with the run: its endpoint does not matter.
    pub fn emulator() -> Self {
        Self { emulator: true, ..Self::default() }
    }

    /// Sets the client that sends the calls of one region.
    pub fn with_region(self, region: Region, client: &Client) -> Self {
        self.with_client(region.to_string(), client)
    }

    fn with_client(mut self, region: String, client: &Client) -> Self {
        self.endpoints.insert(region, client.endpoint().to_owned());
        if let Some(credentials) = client.static_credentials() {
            self.account_id = credentials.domain_id().map(str::to_owned);
            self.access_key_id = permanent_access_key_id(credentials).map(str::to_owned);
        }
        self
    }

    /// Records that the targets were looked up, such as servers by name: `what` describes the conditions, and `plans`
    /// are the queues and targets before the look-up. A resumed run has the [`plans`](super::Journal::plans) of the
    /// journal, and the same selection.
    pub fn with_selection(mut self, what: &str, plans: &[QueuePlan]) -> Self {
        self.selection = Some(format!("{what} of {}", plan_hash(plans)));
        self
    }

    /// Returns the endpoint of the queues in a region; `None` if any endpoint will do.
    pub(super) fn endpoint(&self, region: Option<&Region>) -> Option<&str> {
        let own = region.and_then(|region| self.endpoints.get(region.as_str()));
        own.or_else(|| self.endpoints.get("")).map(String::as_str)
    }

    /// Adds what only another identity of the same run knows.
    pub(super) fn merged(mut self, other: &Self) -> Self {
        for (region, endpoint) in &other.endpoints {
            self.endpoints.entry(region.clone()).or_insert_with(|| endpoint.clone());
        }
        self
    }

    /// Returns whether the targets were selected in the same way.
    pub(super) fn has_selection_of(&self, other: &Self) -> bool {
        self.selection == other.selection
    }

    /// Returns in what this service or account differs from another one: the description of both.
    pub(super) fn difference(&self, other: &Self) -> Option<(String, String)> {
        if self.emulator != other.emulator {
            return Some((self.service(), other.service()));
        }
        for (region, endpoint) in &self.endpoints {
            if let Some(others) = other.endpoints.get(region).filter(|others| *others != endpoint) {
                return Some((endpoint.clone(), others.clone()));
            }
        }
        match (&self.account_id, &other.account_id) {
            (Some(own), Some(others)) => {
                (own != others).then(|| (format!("account {own}"), format!("account {others}")))
            }
            _ => match (&self.access_key_id, &other.access_key_id) {
                (Some(own), Some(others)) if own != others => {
                    Some((format!("access key {own}"), format!("access key {others}")))
                }
                _ => None,
            },
        }
    }

    fn service(&self) -> String {
        if self.emulator {
            return "the built-in emulator".to_owned();
        }
        match self.endpoints.values().next() {
            Some(endpoint) => endpoint.clone(),
            None => "an unnamed service".to_owned(),
        }
    }
}

/// Returns the id of an access key, unless it is temporary: the next run has another one.
fn permanent_access_key_id(credentials: &Credentials) -> Option<&str> {
    match credentials {
        Credentials::AccessKey { key, .. } if key.security_token().is_none() => Some(key.id()),
        _ => None,
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
