"""Runs commands with `--metrics` against the emulator and parses the files. Exits with 1 if one is wrong."""

import pathlib
import subprocess
import sys
import tempfile
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

hss = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())
RUNS = {
    "scan": (["scan", "--all-hosts", "--verify"], {"hss_scan_targets": 1, "hss_verify_servers": 100}, {0, 5}),
    "coverage": (["coverage", "--older-than", "7d"], {"hss_coverage_servers": 100}, {0}),
    "verify": (["verify", "--since", "1h"], {"hss_verify_servers": 100}, {0, 5}),
}

for command, (args, totals, codes) in RUNS.items():
    path = folder / f"{command}.prom"
    started = int(time.time())
    run = subprocess.run([hss, *args, "--emulator", "--metrics", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert run.returncode in codes, run
    text = path.read_text()
    families = {family.name: family for family in openmetrics(text)}
    assert all(family.type == "gauge" and family.documentation for family in families.values()), text
    for name, total in totals.items():
        assert sum(sample.value for sample in families[name].samples) == total, text
    (code,) = families["hss_run_exit_code"].samples
    (end,) = families["hss_run_end_timestamp_seconds"].samples
    assert (code.value, code.labels) == (run.returncode, {"command": command}), text
    assert started <= end.value <= time.time(), text
    assert families["hss_run_duration_seconds"].unit == "seconds", text
    assert {family.name for family in prometheus(text)} == set(families), text
    print(f"{command}: {len(families)} metrics are read")
