"""aliyun-iot-linkkit with paho-mqtt 1, unchanged, against the cloud stand-in: registers one device and connects.

Its HTTPS host is fixed, so that this script sends that one URL elsewhere. Reads one JSON object from standard input
(secrets included), prints one JSON object of what it saw."""

import json
import logging
import queue
import sys
import urllib.request

from linkkit import linkkit

logging.disable(logging.CRITICAL)
given = json.load(sys.stdin)
key, name = given["product_key"], given["device_name"]
ca = open(given["ca_file"]).read()
real_urlopen = urllib.request.urlopen


def urlopen(url, data=None, context=None):
    host = "https://iot-auth.cn-shanghai.aliyuncs.com"
    assert url == host + "/auth/register/device", url
    return real_urlopen(url.replace(host, given["registration"]), data, context=context)


urllib.request.urlopen = urlopen


def kit(**arguments):
    """A device of the SDK that reaches the stand-in; its events go to a queue."""
    arguments = {"device_secret": None, **arguments}
    device = linkkit.LinkKit(host_name="cn-shanghai", product_key=key, device_name=name, **arguments)
    device.config_mqtt(port=given["mqtt_port"], cadata=ca, endpoint=given["mqtt_host"], check_hostname=True)
    events = queue.Queue()
    device.on_connect = lambda flag, code, user: events.put(("connect", code))
    device.on_disconnect = lambda code, user: events.put(("disconnect", code))
    device.on_device_dynamic_register = lambda code, value, user: events.put(("register", code, value))
    device.on_device_dynamic_register_nwl_reply = lambda *values: events.put(("regnwl", *values))
    device.on_thing_prop_post = lambda request, code, *rest: events.put(("property", code))
    device.on_thing_enable = lambda user: events.put(("thing",))
    return device, events


def wait(events, kind):
    """The next event of a kind, at most 60 s."""
    while True:
        event = events.get(timeout=60)
        if event[0] == kind:
            return event[1:]


def connect(device, events):
    """The result of a normal connection; what it answers with proves that it is alive."""
    device.connect_async()
    code = wait(events, "connect")[0]
    if code == 0:
        device.disconnect()
    return code


saw = {}
way = given["way"]
if way == "https":
    # The SDK registers over HTTPS and goes on to connect by itself.
    device, events = kit(product_secret=given["product_secret"])
    device.connect_async()
    code, secret = wait(events, "register")[:2]
    saw["register"] = [code, len(secret)]
    saw["connect"] = wait(events, "connect")[0]
    device.disconnect()
elif way == "mqtt":
    device, events = kit(product_secret=given["product_secret"], auth_type="register")
    device.connect_async()
    code, secret = wait(events, "register")[:2]
    saw["register"] = [code, len(secret)]
    saw["connect"] = connect(*kit(device_secret=secret))
elif way == "regnwl":
    device, events = kit(product_secret=given["product_secret"], auth_type="regnwl")
    device.connect_async()
    code, client_id, username, token = wait(events, "regnwl")
    saw["register"] = [code, username == name + "&" + key, len(token) < 64, "authType=connwl" in client_id]
    saw["connect"] = connect(*kit(client_id=client_id, username=username, password=token))
elif way == "refused":
    device, events = kit(product_secret="x" + given["product_secret"], auth_type="register")
    device.connect_async()
    saw["register"] = wait(events, "register")[0] != 0
json.dump(saw, sys.stdout)
sys.stdout.flush()
# The SDK's threads do not all end by themselves.
import os

os._exit(0)
