//! How many calls a verification takes.

use crate::assets::{AssetFilter, AssetKind};
use crate::client::Client;
use crate::error::Error;
use crate::types::host::HostFilter;
use crate::types::queue::Queue;
use crate::verify::bulk::{CallBudget, HOSTS_PER_CALL, Inventory};
use crate::verify::witness::Witness;

use super::{STRONG, Verification, are_accounts_worth_reading};

/// How many calls a [`Verification`] makes at most, without those for single servers
/// ([`VerifyOptions::max_status_calls`](super::VerifyOptions::max_status_calls)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationEstimate {
    /// Calls that list the servers of the queue, once.
    pub host_calls: u64,
    /// Calls that read times from lists: before the scan, and the same in each round after it.
    pub list_calls: u64,
}

impl Verification {
    /// Estimates how many calls a verification takes, from the totals of the lists. Takes about ten calls itself.
    ///
    /// `servers` is the number of selected servers; `None` means all of the queue.
    ///
    /// # Errors
    /// Any error of a call.
    pub async fn estimate(client: &Client, queue: Queue, servers: Option<u64>) -> Result<VerificationEstimate, Error> {
        let Queue { project_id, enterprise_project, .. } = queue.clone();
        let mut hosts = client.hosts(project_id, enterprise_project, HostFilter::default());
        hosts.next_page().await?;
        let listed = hosts.total().unwrap_or(0);
        let servers = servers.map_or(listed, |servers| servers.min(listed));

        let inventory = Inventory { client: client.clone(), queue };
        let mut budget = CallBudget::of(servers);
        let mut list_calls = 0;
        for kinds in STRONG {
            let mut candidates = inventory.common(kinds).await?;
            budget.spend(candidates.calls);
            list_calls += candidates.calls;
            // As if each list proved something, and none everything.
            for missing in (1..=servers).rev() {
                let Some((calls, _)) = candidates.next(missing, &budget) else { break };
                budget.spend(calls);
                list_calls += calls;
            }
        }
        for name in Witness::ACCOUNTS.into_iter().filter(|_| are_accounts_worth_reading(listed, servers)) {
            let filter = AssetFilter::default().with_name(name);
            let mut accounts = inventory.client.assets(inventory.queue.clone(), AssetKind::Accounts, filter);
            accounts.next_page().await?;
            list_calls += accounts.total().unwrap_or(0).div_ceil(HOSTS_PER_CALL).max(1);
        }
        Ok(VerificationEstimate { host_calls: listed.div_ceil(HOSTS_PER_CALL).max(1), list_calls })
    }
}
