"""alibabacloud_iot20180120, unchanged, against the cloud stand-in: ACS3-HMAC-SHA256 (its default), and v1 on request.

Reads one JSON object from standard input (secrets included), prints one JSON object of what it saw."""

import json
import sys
import time

from alibabacloud_iot20180120 import models
from alibabacloud_iot20180120.client import Client
from alibabacloud_tea_openapi.models import Config

given = json.load(sys.stdin)
key = given["product_key"]


def client(secret, algorithm=None):
    config = Config(access_key_id=given["access_key_id"], access_key_secret=secret, endpoint=given["openapi"])
    config.protocol = "https"
    config.region_id = "cn-shanghai"
    config.ca = given["ca_file"]
    if algorithm:
        config.signature_algorithm = algorithm
    return Client(config)


def settled(client, apply_id):
    """The status of a batch once it is neither CHECK nor CREATE."""
    for _ in range(300):
        request = models.QueryBatchRegisterDeviceStatusRequest(product_key=key, apply_id=apply_id)
        status = client.query_batch_register_device_status(request).body.data.status
        if status not in ("CHECK", "CREATE"):
            return status
        time.sleep(0.1)
    return "no end"


good = client(given["access_key_secret"])
saw = {}
made = good.register_device(models.RegisterDeviceRequest(product_key=key, device_name="acs3@a.b:c")).body
saw["registered"] = made.success and made.data.device_name
again = good.register_device(models.RegisterDeviceRequest(product_key=key, device_name="acs3@a.b:c")).body
saw["again"] = again.code
detail = good.query_device_detail(models.QueryDeviceDetailRequest(iot_id=made.data.iot_id)).body.data
saw["detail"] = detail.device_name == "acs3@a.b:c" and detail.status
old = client(given["access_key_secret"], "v2")
saw["v1"] = old.get_device_status(models.GetDeviceStatusRequest(iot_id=made.data.iot_id)).body.data.status

names = ["batch-1", "batch:2", "batch@3"]
checked = good.batch_check_device_names(models.BatchCheckDeviceNamesRequest(product_key=key, device_name=names)).body
apply_id = checked.data.apply_id
saw["repeated"] = checked.data.repeated_device_name_list.repeat_devie_name_list
saw["checked"] = settled(good, apply_id)
good.batch_register_device_with_apply_id(
    models.BatchRegisterDeviceWithApplyIdRequest(product_key=key, apply_id=apply_id)
)
saw["created"] = settled(good, apply_id)
page = good.query_page_by_apply_id(
    models.QueryPageByApplyIdRequest(apply_id=apply_id, page_size=50, current_page=1)
).body
saw["page"] = [row.device_name for row in page.apply_device_list.apply_device_info]
lists = [models.BatchCheckDeviceNamesRequestDeviceNameList(device_name="abc", device_nickname="Lamp_1")]
bad = good.batch_check_device_names(
    models.BatchCheckDeviceNamesRequest(product_key=key, device_name_list=lists)
).body.data
saw["invalid"] = bad.invalid_device_name_list.invalid_device_name
old_checked = old.batch_check_device_names(
    models.BatchCheckDeviceNamesRequest(product_key=key, device_name=["unit-v1 1".replace(" ", "-"), "unit-v1-2"])
).body
saw["v1_checked"] = settled(old, old_checked.data.apply_id)
details = good.batch_query_device_detail(
    models.BatchQueryDeviceDetailRequest(product_key=key, device_name=names)
).body.data.data
saw["details"] = [row.status for row in details]
statistics = good.query_device_statistics(models.QueryDeviceStatisticsRequest(product_key=key)).body.data
saw["statistics"] = [statistics.device_count, statistics.active_count, statistics.online_count]
unactive = good.query_device_by_status(
    models.QueryDeviceByStatusRequest(product_key=key, status=0, current_page=1, page_size=2)
).body
saw["by_status"] = [unactive.total, len(unactive.data.simple_device_info)]
products = good.query_product_list(models.QueryProductListRequest(current_page=1, page_size=200)).body.data
saw["products"] = [row.product_key for row in products.list.product_info] == [key]

# A device registered without pre-registration, by the test, before this script ran.
cloned = good.query_device_info(
    models.QueryDeviceInfoRequest(product_key=key, device_name=given["device_name"])
).body.data.iot_id
clients = good.query_client_ids(models.QueryClientIdsRequest(iot_id=cloned)).body.data
saw["clients"] = len(clients.dynamic_reg_client_ids)
kept = clients.dynamic_reg_client_ids[1].client_id
switched = good.transform_client_id(models.TransformClientIdRequest(iot_id=cloned, client_id=kept)).body
left = good.query_client_ids(models.QueryClientIdsRequest(iot_id=cloned)).body.data.dynamic_reg_client_ids
saw["switched"] = switched.success and [row.client_id for row in left] == [kept]
good.delete_client_ids(models.DeleteClientIdsRequest(iot_id=cloned))
saw["cleared"] = good.query_client_ids(models.QueryClientIdsRequest(iot_id=cloned)).body.data.dynamic_reg_client_ids

# Imports: a check that answers by itself, a batch with one flaw, and one without.
def devices(kind, given):
    return [kind(device_name=name, device_secret=secret, sn=sn) for name, secret, sn in given]


bad = [("abc", "a b", "SN-1")]
checked = good.batch_check_import_device(
    models.BatchCheckImportDeviceRequest(
        product_key=key, device_list=devices(models.BatchCheckImportDeviceRequestDeviceList, bad)
    )
).body.data
saw["import_checked"] = [
    checked.invalid_device_name_list, checked.invalid_device_secret_list, checked.invalid_sn_list,
    checked.repeated_device_name_list, [row.sn for row in checked.invalid_detail_list],
]


def imported(given):
    request = models.BatchImportDeviceRequest(
        product_key=key, device_list=devices(models.BatchImportDeviceRequestDeviceList, given)
    )
    return good.batch_import_device(request).body.data


refused = imported(bad)
saw["import_refused"] = [
    refused.apply_id is None, refused.invalid_device_name_list.invalid_device_name,
    refused.invalid_device_secret_list.invalid_device_secret, refused.invalid_sn_list.invalid_sn,
    refused.repeated_device_name_list.repeated_device_name,
    [row.device_secret for row in refused.invalid_detail_list.invalid_detail_list],
]
apply_id = imported([("own-1", "own.secret:1", "SN_1"), ("own@2", "own.secret:2", None)]).apply_id
saw["imported"] = settled(good, apply_id)
page = good.query_imported_device_by_apply_id(
    models.QueryImportedDeviceByApplyIdRequest(apply_id=apply_id, page_no=1, page_size=10)
).body
saw["import_page"] = [[row.device_name, row.device_secret, row.sn] for row in page.device_list.device]
place = good.query_device_provisioning(
    models.QueryDeviceProvisioningRequest(product_key=key, device_name="own-1")
).body.data
saw["provisioning"] = [place.device_name, place.target_region]
sql = 'SELECT * FROM device WHERE name = "own-1"'
saw["search"] = good.query_device_by_sql(models.QueryDeviceBySQLRequest(sql=sql)).body.code

try:
    client("x" + given["access_key_secret"]).query_product(models.QueryProductRequest(product_key=key))
except Exception as error:  # the SDK has one class for each answer of the gateway
    saw["wrong_secret"] = [error.status_code, error.code]
json.dump(saw, sys.stdout)
