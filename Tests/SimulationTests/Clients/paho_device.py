"""paho-mqtt 2 as a device that follows the platform's documentation and nothing of ours, against the cloud stand-in.

Reads one JSON object from standard input (secrets included), prints one JSON object of what it saw."""

import hashlib
import hmac
import json
import queue
import ssl
import sys

import paho.mqtt.client as mqtt

given = json.load(sys.stdin)
key, name = given["product_key"], given["device_name"]


def sign(secret, content, digest=hashlib.sha256):
    return hmac.new(secret.encode(), content.encode(), digest).hexdigest()


def session(client_id, password, keepalive=60, subscribe=None, publish=None):
    """Connects once; returns the CONNACK code and the first message that comes, if one is to come."""
    events = queue.Queue()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311)
    client.username_pw_set(f"{name}&{key}", password)
    client.tls_set_context(ssl.create_default_context(cafile=given["ca_file"]))
    client.on_connect = lambda c, user, flags, reason, properties: events.put(("connack", reason))
    client.on_message = lambda c, user, message: events.put((message.topic, json.loads(message.payload)))
    client.on_subscribe = lambda c, user, mid, codes, properties: events.put(("suback", [str(code) for code in codes]))
    client.connect(given["mqtt_host"], given["mqtt_port"], keepalive)
    client.loop_start()
    try:
        reason = events.get(timeout=60)[1]
        if reason.is_failure:
            return str(reason), None
        if subscribe:
            client.subscribe(subscribe, qos=1)
            events.get(timeout=60)
        if publish:
            client.publish(*publish, qos=1)
        return "ok", events.get(timeout=60) if publish or keepalive == 1200 else None
    finally:
        client.disconnect()
        client.loop_stop()


def register(kind, secure_mode):
    content = f"deviceName{name}productKey{key}random7Q"
    parameters = f"securemode={secure_mode},authType={kind},random=7Q,signmethod=hmacsha256"
    return session(f"line-tool|{parameters}|", sign(given["product_secret"], content), keepalive=1200)


post = f"/sys/{key}/{name}/thing/event/property/post"
body = json.dumps({"id": "1", "version": "1.0", "params": {"t": 21}, "method": "thing.event.property.post"})
saw = {}

# Pre-registered: DeviceSecret, then a device certificate.
code, (topic, pushed) = register("register", 2)
saw["register"] = [code, topic, sorted(pushed)]
text = f"clientIdpaho-1deviceName{name}productKey{key}timestamp1700000000000"
certificate = "paho-1|securemode=2,signmethod=hmacsha1,timestamp=1700000000000|"
password = sign(pushed["deviceSecret"], text, hashlib.sha1).upper()
code, reply = session(certificate, password, subscribe=post + "_reply", publish=(post, body))
saw["device"] = [code, reply[0] == post + "_reply", reply[1]["code"]]
saw["wrong"] = session(certificate, sign("wrong", text, hashlib.sha1))[0]

# Without pre-registration: ClientID and DeviceToken, for the same name.
code, (topic, pushed) = register("regnwl", -2)
saw["regnwl"] = [code, topic, sorted(pushed)]
client_id = pushed["clientId"] + "|authType=connwl,securemode=-2,_ss=1,ext=3|"
code, reply = session(client_id, pushed["deviceToken"], publish=(post, body))
saw["connwl"] = [code, reply[0] == post + "_reply", reply[1]["code"]]
saw["wrong_token"] = session(client_id, pushed["deviceToken"][::-1])[0]
saw["short_keep_alive"] = session(client_id, pushed["deviceToken"], keepalive=10)[0]
json.dump(saw, sys.stdout)
