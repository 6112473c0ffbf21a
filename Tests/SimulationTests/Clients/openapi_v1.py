"""aliyun-python-sdk-iot, unchanged, against the cloud stand-in: signature v1 over HTTPS.

Reads one JSON object from standard input (secrets included), prints one JSON object of what it saw."""

import json
import sys
import time

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkiot.request.v20180120 import (
    BatchCheckDeviceNamesRequest,
    BatchGetDeviceStateRequest,
    BatchRegisterDeviceWithApplyIdRequest,
    GetDeviceStatusRequest,
    QueryBatchRegisterDeviceStatusRequest,
    QueryDeviceDetailRequest,
    QueryPageByApplyIdRequest,
    RegisterDeviceRequest,
)

given = json.load(sys.stdin)


def client(secret):
    return AcsClient(given["access_key_id"], secret, "cn-shanghai", verify=given["ca_file"])


def call(module, client, **parameters):
    """Calls the action a request module is named after and returns its answer."""
    request = getattr(module, module.__name__.rsplit(".", 1)[1])()
    request.set_endpoint(given["openapi"])
    request.set_protocol_type("https")
    request.set_accept_format("json")
    for name, value in parameters.items():
        getattr(request, "set_" + name)(value)
    return json.loads(client.do_action_with_exception(request))


def settled(client, apply_id):
    """The status of a batch once it is neither CHECK nor CREATE."""
    for _ in range(300):
        answer = call(QueryBatchRegisterDeviceStatusRequest, client, ProductKey=key, ApplyId=apply_id)
        if answer["Data"]["Status"] not in ("CHECK", "CREATE"):
            return answer["Data"]["Status"]
        time.sleep(0.1)
    return "no end"


key = given["product_key"]
good = client(given["access_key_secret"])
saw = {}
made = call(RegisterDeviceRequest, good, ProductKey=key, DeviceName="v1@a.b:c")
saw["registered"] = made["Success"] and made["Data"]["DeviceName"]
again = call(RegisterDeviceRequest, good, ProductKey=key, DeviceName="v1@a.b:c")
saw["again"] = again["Code"]
detail = call(QueryDeviceDetailRequest, good, ProductKey=key, DeviceName="v1@a.b:c")
saw["detail"] = detail["Data"]["IotId"] == made["Data"]["IotId"] and detail["Data"]["Status"]
saw["status"] = call(GetDeviceStatusRequest, good, IotId=made["Data"]["IotId"])["Data"]["Status"]

names = ["batch @ 1".replace(" ", "-"), "batch:2", "batch.3"]
checked = call(BatchCheckDeviceNamesRequest, good, ProductKey=key, DeviceNames=names)
apply_id = checked["Data"]["ApplyId"]
saw["checked"] = settled(good, apply_id)
call(BatchRegisterDeviceWithApplyIdRequest, good, ProductKey=key, ApplyId=apply_id)
saw["created"] = settled(good, apply_id)
page = call(QueryPageByApplyIdRequest, good, ApplyId=apply_id, PageSize=50, CurrentPage=1)
saw["page"] = [row["DeviceName"] for row in page["ApplyDeviceList"]["ApplyDeviceInfo"]]
nicknamed = [{"DeviceName": "lamp-1", "DeviceNickname": "Lamp 灯".replace(" ", "_")}]
checked = call(BatchCheckDeviceNamesRequest, good, ProductKey=key, DeviceNameLists=nicknamed)
saw["nicknamed"] = settled(good, checked["Data"]["ApplyId"])
state = call(BatchGetDeviceStateRequest, good, ProductKey=key, DeviceNames=names)
saw["states"] = [row["Status"] for row in state["DeviceStatusList"]["DeviceStatus"]]

try:
    call(QueryDeviceDetailRequest, client("x" + given["access_key_secret"]), ProductKey=key, DeviceName="v1@a.b:c")
except ServerException as error:
    # The SDK compares the server's string to sign with its own: only where they are equal is the secret to blame.
    saw["wrong_secret"] = [error.get_http_status(), error.get_error_code()]
json.dump(saw, sys.stdout)
