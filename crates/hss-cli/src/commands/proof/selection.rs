//! The servers that a command is about.

use huaweicloud_hss::fleet::{PlanBuilder, QueuePlan, Target, TargetSet};
use huaweicloud_hss::{Queue, Region};

use crate::cli::{ListArgs, QueueArgs, TargetArgs};
use crate::connect::{self, Connection};
use crate::exit::CliError;
use crate::targets::{self, QueueSpec};

use super::look_up::look_up;

/// Connects, and returns the targets of each queue: those that the flags select, or all servers. They are not split into requests
/// that are sent.
pub(super) async fn select(
    targets: &TargetArgs,
    queue: &QueueArgs,
    list: &ListArgs,
) -> Result<(Connection, Vec<QueuePlan>), CliError> {
    let given = if targets.is_given() {
        targets::read_all(targets, &list.service.connection)?
    } else {
        let mut all = TargetSet::default();
        all.add(Target::AllHosts)?;
        vec![(QueueSpec::default(), all)]
    };
    let (mut specs, mut sets): (Vec<QueueSpec>, Vec<TargetSet>) = given.into_iter().unzip();
    connect::set_default_regions(&mut specs, &list.service.connection, list.service.emulator)?;
    let connection = connect::connect(&specs, queue, &list.service.connection, list.service.emulator).await?;
    look_up(&connection, targets, None, &mut sets).await?;
    let plans = merged(connection.queues.clone(), sets)?;
    Ok((connection, plans))
}

/// Plans the calls of all queues.
pub(crate) fn merged(
    queues: Vec<(Option<Region>, Queue)>,
    targets: Vec<TargetSet>,
) -> Result<Vec<QueuePlan>, CliError> {
    let mut builder = PlanBuilder::default();
    for ((region, queue), targets) in queues.into_iter().zip(targets) {
        builder.extend(region, queue, targets)?;
    }
    Ok(builder.build())
}
