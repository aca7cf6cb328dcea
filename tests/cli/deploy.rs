//! `hss` accepts the commands of `deploy/kubernetes`, and the manifests fit together and follow the Kubernetes schema.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use integration_tests::binary::hss_binary;
use integration_tests::root;
use serde_json::Value;

fn folder() -> PathBuf {
    root().join("deploy/kubernetes")
}

fn manifest(name: &str) -> Value {
    located_yaml::read(&fs::read_to_string(folder().join(name)).unwrap()).unwrap().to_json()
}

/// Returns the job of a manifest: the number of pods, and what they run.
fn job(name: &str) -> Value {
    let manifest = manifest(name);
    manifest.pointer("/spec/jobTemplate/spec").unwrap_or(&manifest["spec"]).clone()
}

fn pod(job: &Value) -> &Value {
    &job["template"]["spec"]
}

fn container(job: &Value) -> &Value {
    let [container] = &array(&pod(job)["containers"])[..] else { panic!("more than one container") };
    container
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Runs the script of the container in a shell on this machine. The volumes are folders, and `hss` runs with --dry-run.
fn planned(job: &Value, index: Option<u32>) -> String {
    let scratch = tempfile::tempdir().unwrap();
    for volume in ["targets", "journals", "bin"] {
        fs::create_dir(scratch.path().join(volume)).unwrap();
    }
    for (name, text) in manifest("targets.yaml")["data"].as_object().unwrap() {
        fs::write(scratch.path().join("targets").join(name), text.as_str().unwrap()).unwrap();
    }
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let mut script = container(job)["args"][0].as_str().unwrap().to_owned();
    // To Kubernetes, this is a variable; to the shell, a command.
    assert!(!script.contains("$("), "{script}");
    for volume in ["/targets/", "/journals/"] {
        let mut mounts = array(&container(job)["volumeMounts"]).iter();
        assert!(mounts.any(|mount| mount["mountPath"] == volume.trim_end_matches('/')), "{volume} is not mounted");
        script = script.replace(volume, &format!("{}/", path(volume.trim_matches('/'))));
    }
    // A dry run has no journal.
    let script = script.replace("exec hss scan", &format!("exec {} scan --dry-run", hss_binary().display()));
    let (head, _) = script.split_once(" --journal ").expect("the script passes --journal");
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
    array(&serde_json::from_str::<Value>(plan).unwrap()["calls"]).len()
}

/// Reads each manifest by the schema of its kind. A key that the schema does not know would be missing after writing it again.
#[test]
#[cfg(feature = "kubernetes")]
fn the_manifests_follow_the_schema() {
    use k8s_openapi::api::batch::v1::{CronJob, Job};
    use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};

    fn check<T: serde::de::DeserializeOwned + serde::Serialize>(name: &str) {
        let given = manifest(name);
        let typed: T = serde_json::from_value(given.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::to_value(&typed).unwrap(), given, "{name} has keys that Kubernetes does not know");
    }
    check::<CronJob>("cronjob.yaml");
    check::<Job>("indexed-job.yaml");
    check::<PersistentVolumeClaim>("journals.yaml");
    check::<ConfigMap>("targets.yaml");
}

#[test]
fn the_cron_job_scans_all_targets() {
    assert_eq!(calls(&planned(&job("cronjob.yaml"), None)), 2);
}

#[test]
fn the_indexed_job_has_as_many_pods_as_shards() {
    let job = job("indexed-job.yaml");
    assert_eq!(
        (&job["completionMode"], &job["completions"], &job["parallelism"]),
        (&"Indexed".into(), &5.into(), &5.into())
    );
    let all: usize = (0..5).map(|index| calls(&planned(&job, Some(index)))).sum();
    assert_eq!(all, 2);
}

#[test]
fn the_pods_find_their_volumes_and_secrets_come_from_kubernetes() {
    let name = |manifest: &str| self::manifest(manifest)["metadata"]["name"].clone();
    for job in [job("cronjob.yaml"), job("indexed-job.yaml")] {
        let volume = |pointer: &str| {
            let found = array(&pod(&job)["volumes"]).iter().find_map(|volume| volume.pointer(pointer));
            found.unwrap_or_else(|| panic!("{pointer}")).clone()
        };
        assert_eq!(volume("/persistentVolumeClaim/claimName"), name("journals.yaml"));
        assert_eq!(volume("/configMap/name"), name("targets.yaml"));
        for variable in array(&container(&job)["env"]) {
            let name = variable["name"].as_str().unwrap();
            let from_secret = variable.pointer("/valueFrom/secretKeyRef").is_some();
            assert_eq!(name.ends_with("_AK") || name.ends_with("_SK"), from_secret, "{name}");
        }
        let context = &container(&job)["securityContext"];
        assert_eq!(
            (&context["readOnlyRootFilesystem"], &context["allowPrivilegeEscalation"]),
            (&true.into(), &false.into())
        );
        assert_eq!(pod(&job)["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod(&job)["restartPolicy"], "OnFailure", "a failed pod resumes from its journal");
    }
}

#[test]
fn the_image_is_built_from_this_workspace_and_runs_unprivileged() {
    let text = fs::read_to_string(folder().join("Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines[0].starts_with("FROM ") && lines[0].ends_with(" AS build"));
    assert!(lines.contains(&"RUN cargo build --profile dist --locked -p hss-cli"));
    assert!(lines.contains(&"COPY --from=build /src/target/dist/hss /usr/local/bin/hss"));
    assert!(lines.contains(&"USER 65534:65534") && lines.contains(&"ENTRYPOINT [\"hss\"]"));
}
