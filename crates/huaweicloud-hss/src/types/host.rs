//! Servers and server groups as the service lists them, and the filter of the list.

use serde::{Deserialize, Serialize};

use super::id;
use crate::error::Error;
use crate::generated::hss::types;

/// A server, its agent and its protection (`docs/design/service-behaviour.md#lists`). Each field may be missing.
pub use types::Host;

/// A server group (`docs/design/service-behaviour.md#lists`). Each field may be missing.
pub use types::HostGroup;

pub use types::{AgentStatus, AssetValue, DetectResult, Edition, HostStatus, OsType, ProtectStatus};

/// Selects servers: those that match each field that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HostFilter {
    /// The state of the agent.
    pub agent_status: Option<AgentStatus>,
    /// Whether protection is on.
    pub protect_status: Option<ProtectStatus>,
    /// The state of the server itself.
    pub host_status: Option<HostStatus>,
    /// The result of the last detection.
    pub detect_result: Option<DetectResult>,
    /// The edition that protects the server.
    pub edition: Option<Edition>,
    /// The operating system.
    pub os_type: Option<OsType>,
    /// The importance of the server.
    pub asset_value: Option<AssetValue>,
    /// The id of the server group.
    pub group_id: Option<String>,
}

/// One `with_` method for each field.
macro_rules! setters {
    ($($setter:ident $field:ident: $type:ty),* $(,)?) => {
        $(
            #[doc = concat!("Sets `", stringify!($field), "`.")]
            #[must_use]
            pub fn $setter(mut self, $field: impl Into<$type>) -> Self {
                self.$field = Some($field.into());
                self
            }
        )*
    };
}

impl HostFilter {
    setters! {
        with_agent_status agent_status: AgentStatus,
        with_protect_status protect_status: ProtectStatus,
        with_host_status host_status: HostStatus,
        with_detect_result detect_result: DetectResult,
        with_edition edition: Edition,
        with_os_type os_type: OsType,
        with_asset_value asset_value: AssetValue,
        with_group_id group_id: String,
    }

    /// Checks the id of the server group.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.group_id.as_deref().map_or(Ok(()), |group_id| id::check("group_id", group_id))
    }

    /// Returns whether a server matches, as far as its fields show.
    ///
    /// The service filters by itself; this is for lists that are already there.
    #[must_use]
    pub fn matches(&self, host: &Host) -> bool {
        let Self { agent_status, protect_status, host_status, detect_result, edition, os_type, asset_value, group_id } =
            self;
        let is = |wanted: Option<String>, field: &Option<String>| wanted.is_none() || wanted == *field;
        let agent = match agent_status {
            Some(AgentStatus::NotOnline) => {
                host.agent_status.as_deref().is_some_and(|status| status != AgentStatus::Online.to_string())
            }
            other => is(other.map(|status| status.to_string()), &host.agent_status),
        };
        agent
            && is(protect_status.map(|status| status.to_string()), &host.protect_status)
            && is(host_status.map(|status| status.to_string()), &host.host_status)
            && is(detect_result.map(|result| result.to_string()), &host.detect_result)
            && is(edition.map(|edition| edition.to_string()), &host.version)
            && is(os_type.map(|os_type| os_type.to_string()), &host.os_type)
            && is(asset_value.map(|value| value.to_string()), &host.asset_value)
            && is(group_id.clone(), &host.group_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_matches_the_fields_of_a_server() {
        let host = |agent: &str| Host {
            agent_status: Some(agent.to_owned()),
            os_type: Some("Linux".to_owned()),
            version: Some("hss.version.premium".to_owned()),
            asset_value: Some("important".to_owned()),
            ..Host::default()
        };
        let filter = |change: fn(&mut HostFilter)| {
            let mut filter = HostFilter::default();
            change(&mut filter);
            filter
        };
        assert!(HostFilter::default().matches(&Host::default()));
        for (filter, online, offline) in [
            (filter(|filter| filter.agent_status = Some(AgentStatus::Online)), true, false),
            (filter(|filter| filter.agent_status = Some(AgentStatus::NotOnline)), false, true),
            (filter(|filter| filter.edition = Some(Edition::HssVersionPremium)), true, true),
            (filter(|filter| filter.os_type = Some(OsType::Windows)), false, false),
            (filter(|filter| filter.asset_value = Some(AssetValue::Important)), true, true),
            (filter(|filter| filter.asset_value = Some(AssetValue::Test)), false, false),
            (filter(|filter| filter.group_id = Some("g".to_owned())), false, false),
        ] {
            assert_eq!(
                (filter.matches(&host("online")), filter.matches(&host("offline"))),
                (online, offline),
                "{filter:?}"
            );
        }
    }
}
