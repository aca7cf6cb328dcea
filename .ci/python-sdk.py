"""Starts a scan, reads its status and lists hosts and assets with the vendor's SDK. Exits with 1 if a response is wrong, or
`hss` reads other assets or times."""

import datetime
import json
import os
import subprocess
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkhss.v5 import (
    CreateGlobalAssetScanTaskRequest,
    CreateGlobalAssetScanTaskRequestInfo,
    HssClient,
    ListAppsRequest,
    ListGlobalAssetScanTaskRequest,
    ListHostGroupsRequest,
    ListHostStatusRequest,
    ListKernelModuleHostInfoRequest,
    ListUsersRequest,
)

url, ak, sk, binary = sys.argv[1:]


def client(secret):
    credentials = BasicCredentials(ak, secret, "sdk-project")
    return HssClient.new_builder().with_credentials(credentials).with_endpoints([url]).build()


def equal(what, seen, expected):
    if seen != expected:
        sys.exit(f"{what} is {seen!r}, not {expected!r}")
    print(f"ok: {what} is {seen!r}")


def scan(selector):
    body = CreateGlobalAssetScanTaskRequestInfo(**selector)
    return hss.create_global_asset_scan_task(CreateGlobalAssetScanTaskRequest(category="host", body=body)).error


def pending():
    return hss.list_global_asset_scan_task(ListGlobalAssetScanTaskRequest(category="host")).exist


hss = client(sk)
equal("pending before", pending(), False)
hosts, total = [], 1
while len(hosts) < total:
    page = hss.list_host_status(ListHostStatusRequest(limit=100, offset=len(hosts)))
    total = page.total_num
    hosts += page.data_list
equal("the number of hosts", (total, len({host.host_id for host in hosts})), (250, 250))
offline = hss.list_host_status(ListHostStatusRequest(agent_status="not_online", limit=200)).data_list
equal("agents that are not online", len(offline), sum(host.agent_status != "online" for host in hosts))
groups = hss.list_host_groups(ListHostGroupsRequest(limit=200)).data_list
equal("the hosts of all groups", sum(group.host_num for group in groups), 250)
equal("a scan of two hosts", scan({"host_ids": [host.host_id for host in hosts[:2]]}),
      "sdk-project-0 processed 2 tasks successfully.")
equal("pending after", pending(), True)
equal("a second scan", scan({"all_hosts": True}), "Current project sdk-project-0 is already in the task queue.")



def pages(call, **filters):
    """Returns every row of a list."""
    rows, total = [], 1
    while len(rows) < total:
        page = call(limit=200, offset=len(rows), **filters)
        total = page.total_num
        rows += page.data_list
    return rows


def milliseconds(text):
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def assets(*args):
    """Returns the assets that `hss` lists: server, name and time."""
    environment = os.environ | {
        "HUAWEICLOUD_SDK_AK": ak, "HUAWEICLOUD_SDK_SK": sk, "HUAWEICLOUD_SDK_PROJECT_ID": "sdk-project"
    }
    command = [binary, "assets", "list", *args, "--endpoint", url, "-o", "jsonl"]
    rows = map(json.loads, subprocess.run(command, env=environment, check=True, capture_output=True).stdout.splitlines())
    return sorted((row["host_id"], row["name"], row["version"] or "", milliseconds(row["seen_at"])) for row in rows)


users = pages(lambda **query: hss.list_users(ListUsersRequest(**query)))
apps = pages(lambda **query: hss.list_apps(ListAppsRequest(**query)))
modules = pages(lambda **query: hss.list_kernel_module_host_info(ListKernelModuleHostInfoRequest(**query)), name="ext4")
for kind, seen in {
    "accounts": [(row.host_id, row.user_name, "", row.recent_scan_time) for row in users],
    "software": [(row.host_id, row.app_name, row.version or "", row.recent_scan_time) for row in apps],
    "kernel-modules": [
        (row.host_id, info.name, info.version or "", info.record_time)
        for row in modules
        for info in [row.kernel_module_info]
    ],
}.items():
    found = assets(kind, *(["--name", "ext4"] if kind == "kernel-modules" else []))
    equal(f"the number of {kind}", len(found), len(seen))
    equal(f"whether `hss` reads the same {kind} and times", found == sorted(seen), True)

hss = client("another secret")
try:
    pending()
    sys.exit("a wrong secret was let in")
except ClientRequestException as refused:
    equal("a wrong secret", (refused.status_code, refused.error_code), (401, "APIGW.0301"))
    equal("whether the refusal has a request id", bool(refused.request_id), True)
