//! What `deploy/` holds is what Kubernetes and the command line take, as far as that can be told without a cluster.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use integration_tests::binary::hss_binary;
use integration_tests::root;
use k8s_openapi::api::batch::v1::{CronJob, Job, JobSpec};
use k8s_openapi::api::core::v1::{ConfigMap, Container, PersistentVolumeClaim, PodSpec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn folder() -> PathBuf {
    root().join("deploy/kubernetes")
}

/// Reads a manifest by the schema of its kind. A key that the schema does not know would be gone after writing it again.
fn manifest<T: DeserializeOwned + Serialize>(name: &str) -> T {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let given: Value = serde_saphyr::from_str(&text).unwrap();
    let typed: T = serde_json::from_value(given.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&typed).unwrap(), given, "{name} has keys that Kubernetes does not know");
    typed
}

fn pod(job: &JobSpec) -> &PodSpec {
    job.template.spec.as_ref().unwrap()
}

fn container(job: &JobSpec) -> &Container {
    let [container] = &pod(job).containers[..] else { panic!("more than one container") };
    container
}

/// Runs the container's own script with the shell, on this machine: the volumes are folders, and `hss` plans instead of sending.
fn planned(job: &JobSpec, index: Option<u32>) -> String {
    let scratch = tempfile::tempdir().unwrap();
    for volume in ["targets", "journals", "bin"] {
        fs::create_dir(scratch.path().join(volume)).unwrap();
    }
    let targets = manifest::<ConfigMap>("targets.yaml").data.unwrap();
    for (name, text) in &targets {
        fs::write(scratch.path().join("targets").join(name), text).unwrap();
    }
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let mut script = container(job).args.as_ref().unwrap()[0].clone();
    // Kubernetes would take this for a variable of its own, the shell for a command.
    assert!(!script.contains("$("), "{script}");
    for volume in ["/targets/", "/journals/"] {
        let mounts = container(job).volume_mounts.as_ref().unwrap();
        assert!(mounts.iter().any(|mount| format!("{}/", mount.mount_path) == volume), "{volume} is not mounted");
        script = script.replace(volume, &format!("{}/", path(volume.trim_matches('/'))));
    }
    // A plan has no journal.
    let script = script.replace("exec hss scan", &format!("exec {} scan --dry-run", hss_binary().display()));
    let (head, _) = script.split_once(" --journal ").expect("a journal is named");
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("{head} -o json")])
        .env_clear()
        .env("HW_PROJECT_ID", "p")
        .env("JOB_NAME", "job-1")
        .envs(index.map(|index| ("JOB_COMPLETION_INDEX", index.to_string())))
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn calls(plan: &str) -> usize {
    serde_json::from_str::<Value>(plan).unwrap()["calls"].as_array().unwrap().len()
}

#[test]
fn the_cron_job_scans_the_whole_list() {
    let cron: CronJob = manifest("cronjob.yaml");
    let job = cron.spec.job_template.spec.unwrap();
    assert_eq!(calls(&planned(&job, None)), 2);
}

#[test]
fn the_indexed_job_has_as_many_pods_as_shares() {
    let job: Job = manifest("indexed-job.yaml");
    let job = job.spec.unwrap();
    assert_eq!((job.completion_mode.as_deref(), job.completions, job.parallelism), (Some("Indexed"), Some(5), Some(5)));
    let all: usize = (0..5).map(|index| calls(&planned(&job, Some(index)))).sum();
    assert_eq!(all, 2);
}

#[test]
fn what_the_pods_need_is_there_and_no_secret_stands_in_a_file() {
    let cron: CronJob = manifest("cronjob.yaml");
    let indexed: Job = manifest("indexed-job.yaml");
    let claim: PersistentVolumeClaim = manifest("journals.yaml");
    let targets: ConfigMap = manifest("targets.yaml");
    for job in [cron.spec.job_template.spec.unwrap(), indexed.spec.unwrap()] {
        let volumes = pod(&job).volumes.as_ref().unwrap();
        let claims = volumes.iter().find_map(|volume| volume.persistent_volume_claim.as_ref());
        assert_eq!(Some(&claims.unwrap().claim_name), claim.metadata.name.as_ref());
        let maps = volumes.iter().find_map(|volume| volume.config_map.as_ref());
        assert_eq!(Some(&maps.unwrap().name), targets.metadata.name.as_ref());
        for variable in container(&job).env.as_ref().unwrap() {
            let secret = variable.name.ends_with("_AK") || variable.name.ends_with("_SK");
            let from_secret = variable.value_from.as_ref().is_some_and(|from| from.secret_key_ref.is_some());
            assert_eq!(secret, from_secret, "{}", variable.name);
        }
        let context = container(&job).security_context.as_ref().unwrap();
        assert_eq!((context.read_only_root_filesystem, context.allow_privilege_escalation), (Some(true), Some(false)));
        assert_eq!(pod(&job).security_context.as_ref().unwrap().run_as_non_root, Some(true));
        assert_eq!(
            pod(&job).restart_policy.as_deref(),
            Some("OnFailure"),
            "a pod that failed goes on from its journal"
        );
    }
}

#[test]
fn the_image_is_built_from_this_workspace_and_runs_as_nobody() {
    let text = fs::read_to_string(folder().join("Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines[0].starts_with("FROM ") && lines[0].ends_with(" AS build"));
    assert!(lines.contains(&"RUN cargo build --profile dist --locked --bin hss"));
    assert!(lines.contains(&"COPY --from=build /src/target/dist/hss /usr/local/bin/hss"));
    assert!(lines.contains(&"USER 65534:65534") && lines.contains(&"ENTRYPOINT [\"hss\"]"));
}
