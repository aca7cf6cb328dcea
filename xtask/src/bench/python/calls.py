"""Makes signed scan calls by the vendor's SDK, `URL CALLS THREADS`, or only signs, `sign TIMES`; prints the processor time of one."""

import json
import sys
import threading
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkhss.v5 import CreateGlobalAssetScanTaskRequest, CreateGlobalAssetScanTaskRequestInfo, HssClient

PROJECT = "2b31ed520xxxxxxebedb6e57xxxxxxxx"
CREDENTIALS = BasicCredentials("EXAMPLEACCESSKEY0001", "example-secret-key-for-benches-0001", PROJECT)


def measured(times, run):
    before = time.process_time()
    run()
    print(json.dumps({"calls": times, "cpu_us": (time.process_time() - before) / times * 1e6}))


def sign(times):
    signer = Signer(CREDENTIALS)
    body = "x" * 2048
    for _ in range(times):
        signer.sign(
            SdkRequest(
                method="POST",
                host="hss.cn-north-4.myhuaweicloud.com",
                resource_path=f"/v5/{PROJECT}/asset/assign-task",
                query_params=[("category", "host"), ("enterprise_project_id", "all_granted_eps")],
                header_params={"Content-Type": "application/json", "X-Project-Id": PROJECT},
                body=body,
            )
        )


def calls(url, times, threads):
    hss = HssClient.new_builder().with_credentials(CREDENTIALS).with_endpoints([url]).build()
    failed = []

    def call(times):
        try:
            for _ in range(times):
                body = CreateGlobalAssetScanTaskRequestInfo(all_hosts=True)
                request = CreateGlobalAssetScanTaskRequest(
                    category="host", enterprise_project_id="all_granted_eps", body=body
                )
                answer = hss.create_global_asset_scan_task(request)
                if answer.status_code != 200 or "processed 1 tasks" not in answer.error:
                    raise ValueError(answer)
        except Exception as error:
            failed.append(error)

    def run():
        lanes = [threading.Thread(target=call, args=(times // threads,)) for _ in range(threads)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

    call(threads)
    measured(times, run)
    if failed:
        sys.exit(repr(failed[0]))


if sys.argv[1] == "sign":
    measured(int(sys.argv[2]), lambda: sign(int(sys.argv[2])))
else:
    calls(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
