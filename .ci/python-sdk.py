"""Starts a scan, reads its status and lists all hosts with the vendor's SDK. Exits with 1 if a response is wrong."""

import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkhss.v5 import (
    CreateGlobalAssetScanTaskRequest,
    CreateGlobalAssetScanTaskRequestInfo,
    HssClient,
    ListGlobalAssetScanTaskRequest,
    ListHostGroupsRequest,
    ListHostStatusRequest,
)

url, ak, sk = sys.argv[1:]


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

hss = client("another secret")
try:
    pending()
    sys.exit("a wrong secret was let in")
except ClientRequestException as refused:
    equal("a wrong secret", (refused.status_code, refused.error_code), (401, "APIGW.0301"))
    equal("whether the refusal has a request id", bool(refused.request_id), True)
