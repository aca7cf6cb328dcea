//! From flags and environment to a client and a queue, with everything that is missing named in one message.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use huaweicloud_hss::{Client, ProjectId, Queue, Secret};
use huaweicloud_hss_emulator::Emulator;

use crate::arguments::{AccessArguments, QueueArguments};
use crate::exit::{Exit, Failure};
use crate::output;

/// Environment variables that may hold the project id, the first that is set counts.
const PROJECT_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"];

/// Environment variable that may hold the token.
const TOKEN_VARIABLE: &str = "HW_AUTH_TOKEN";

/// Project used with the built-in emulator when none is named.
const EMULATOR_PROJECT: &str = "emulator-project";

/// A client, the queue it is for, and the emulator behind it, if any: dropping that ends it.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) queue: Queue,
    _emulator: Option<Emulator>,
}

/// Connects to the service. `emulator_is_a_way` tells whether the verb could use the built-in emulator instead.
pub(crate) fn to_service(
    queue: QueueArguments,
    access: &AccessArguments,
    emulator_is_a_way: bool,
) -> Result<Connection, Failure> {
    let project = project(queue.project_id.as_ref())?;
    let token = token(access.token_file.as_deref())?;
    let (Some(endpoint), Some(project), Some(token)) = (&access.endpoint, &project, &token) else {
        let missing =
            Missing { endpoint: access.endpoint.is_none(), project: project.is_none(), token: token.is_none() };
        return Err(missing.failure(emulator_is_a_way));
    };
    let client = Client::builder().endpoint(endpoint).token(token.clone()).build()?;
    Ok(Connection { client, queue: into_queue(project.clone(), &queue), _emulator: None })
}

/// Starts the built-in emulator and connects to it.
pub(crate) async fn to_emulator(queue: QueueArguments) -> Result<Connection, Failure> {
    let project = match project(queue.project_id.as_ref())? {
        Some(project) => project,
        None => EMULATOR_PROJECT.parse()?,
    };
    let emulator = Emulator::builder()
        .start()
        .await
        .map_err(|error| Failure::usage(format!("the emulator cannot be started: {error}")))?;
    let client = Client::builder().endpoint(emulator.url()).token(Secret::new("built-in".to_owned())).build()?;
    output::note(&format!(
        "emulator: this is a made-up fleet of {} servers at {}; nothing leaves this machine",
        emulator.fleet().hosts().len(),
        emulator.url()
    ));
    Ok(Connection { client, queue: into_queue(project, &queue), _emulator: Some(emulator) })
}

/// The queue alone, for a plan that is not sent.
pub(crate) fn queue_only(queue: QueueArguments, emulator: bool) -> Result<Queue, Failure> {
    match project(queue.project_id.as_ref())? {
        Some(project) => Ok(into_queue(project, &queue)),
        None if emulator => Ok(into_queue(EMULATOR_PROJECT.parse()?, &queue)),
        None => Err(Missing { endpoint: false, project: true, token: false }.failure(true)),
    }
}

fn into_queue(project: ProjectId, arguments: &QueueArguments) -> Queue {
    Queue::new(project)
        .with_enterprise_project(arguments.enterprise_project.clone().unwrap_or_default())
        .with_category(arguments.category.into())
}

/// The project id from the flag, else from the environment.
fn project(flag: Option<&ProjectId>) -> Result<Option<ProjectId>, Failure> {
    if let Some(project) = flag {
        return Ok(Some(project.clone()));
    }
    for name in PROJECT_VARIABLES {
        if let Some(text) = variable(name)? {
            return text
                .parse()
                .map(Some)
                .map_err(|error| Failure::usage(format!("environment variable {name}: {error}")));
        }
    }
    Ok(None)
}

/// The token from the file, else from the environment.
fn token(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let Some(path) = file else {
        return Ok(variable(TOKEN_VARIABLE).map_err(|failure| Failure::access(failure.to_string()))?.map(Secret::new));
    };
    let name = path.display();
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(64 * 1024).read_to_string(&mut text))
        .map_err(|error| Failure::access(format!("token file {name}: cannot be read: {error}")))?;
    text.truncate(text.trim_end().len());
    if text.is_empty() {
        return Err(Failure::access(format!("token file {name}: is empty")));
    }
    Ok(Some(Secret::new(text)))
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::usage(format!("environment variable {name} is not UTF-8 text")))
        }
    }
}

/// What a connection still needs.
struct Missing {
    endpoint: bool,
    project: bool,
    token: bool,
}

impl Missing {
    /// Names all that is missing and both ways on.
    fn failure(&self, emulator_is_a_way: bool) -> Failure {
        let needs: Vec<&str> = [
            (self.endpoint, "an endpoint (--endpoint https://hss.<region>.myhuaweicloud.com)"),
            (
                self.project,
                "a project id (--project-id, or HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID in the environment)",
            ),
            (self.token, "a token (--token-file FILE, or HW_AUTH_TOKEN in the environment)"),
        ]
        .into_iter()
        .filter_map(|(missing, need)| missing.then_some(need))
        .collect();
        let mut text = format!("the service cannot be called without\n  - {}", needs.join("\n  - "));
        if emulator_is_a_way {
            text.push_str(
                "\nGive these, or add --emulator to try the same command against a made-up fleet on this machine.",
            );
        }
        let exit = if self.endpoint || self.project { Exit::Usage } else { Exit::Access };
        Failure::new(exit, text)
    }
}
