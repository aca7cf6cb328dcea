//! `hss status`: prints whether a scan is pending.

use serde_json::json;

use crate::cli::{OutputArgs, QueueCommandArgs};
use crate::exit::{CliError, ExitStatus};
use crate::targets::QueueSpec;
use crate::{connect, output, render};

pub(crate) async fn run(args: QueueCommandArgs) -> Result<ExitStatus, CliError> {
    let QueueCommandArgs { queue, connection, output: OutputArgs { format } } = args;
    let connection = connect::connect_service(&[QueueSpec::default()], &queue, &connection, false).await?;
    let (client, queue) = connection.only_queue()?;
    let response = client.status(queue).await?;
    let header = ["project", "enterprise project", "category", "scan pending"];
    let row = vec![
        queue.project_id.to_string(),
        queue.enterprise_project.to_string(),
        queue.category.to_string(),
        response.pending.to_string(),
    ];
    let json = || {
        json!({
            "project_id": queue.project_id.as_str(),
            "enterprise_project_id": queue.enterprise_project.as_str(),
            "category": queue.category,
            "exist": response.pending,
            "request_id": response.meta.request_id,
            "http_status": response.meta.http_status,
            "attempts": response.meta.attempts,
            "elapsed_ms": render::milliseconds(response.meta.elapsed),
        })
        .to_string()
    };
    output::print(&render::rows(format, &header, vec![row], json));
    Ok(ExitStatus::Ok)
}
