"""Starts one scan of all hosts by the vendor's SDK, signed with a key."""

import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import CreateGlobalAssetScanTaskRequest, CreateGlobalAssetScanTaskRequestInfo, HssClient

url, ak, sk = sys.argv[1:]
hss = HssClient.new_builder().with_credentials(BasicCredentials(ak, sk, "p")).with_endpoints([url]).build()
body = CreateGlobalAssetScanTaskRequestInfo(all_hosts=True)
answer = hss.create_global_asset_scan_task(CreateGlobalAssetScanTaskRequest(category="host", body=body))
if "processed" not in answer.error:
    sys.exit(answer.error)
