"""Everything a running station serves, into one file: pages, every readable address of the API, the event stream, and the
answers to a sign-in that succeeds, one that fails, a scan and a token made. Python's standard library alone.

    python3 Tests/secrets/wire.py --base URL --unit DEVICENAME --order ORDER --out FILE < secrets

Standard input: one JSON object {"code", "badge", "pin"}. What must reach the person at the browser is cut out before it is
written: the session's cookie and CSRF word, and the token that is shown once; they are printed, as JSON, for the hunt.
"""

import argparse
import json
import sys
import threading
import time
import urllib.error
import urllib.request

parser = argparse.ArgumentParser()
for name in ("base", "unit", "order", "out"):
    parser.add_argument("--" + name, required=True)
arguments = parser.parse_args()
base = arguments.base.rstrip("/")
given = json.load(sys.stdin)
written, lock, shown = [], threading.Lock(), []
cookie = csrf = None


def keep(name, data):
    for word in shown:
        data = data.replace(word.encode(), b"<shown>")
    with lock:
        written.append(b"\n== " + name.encode() + b"\n" + data)


def ask(method, path, body=None):
    request = urllib.request.Request(base + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if cookie:
        request.add_header("Cookie", cookie)
        request.add_header("X-CSRF-Token", csrf)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    data = answer.read()
    return answer.status, answer.headers, data


def note(method, path, body=None):
    status, headers, data = ask(method, path, body)
    keep(f"{method} {path} {status}", str(headers).encode() + data)
    return status, data


def listen(seconds):
    """The event stream's bytes, until the time is up."""
    request = urllib.request.Request(base + "/api/v1/events")
    if cookie:
        request.add_header("Cookie", cookie)
    data = b""
    end = time.monotonic() + seconds
    try:
        with urllib.request.urlopen(request, timeout=seconds) as stream:
            while len(data) < 1 << 20 and time.monotonic() < end:
                more = stream.read1(65536)
                if not more:
                    break
                data += more
    except OSError:
        pass
    keep("GET /api/v1/events", data)


note("POST", "/api/v1/session", {"badge": "nobody-00000000", "pin": given["pin"]})
status, headers, data = ask(
    "POST",
    "/api/v1/session/start",
    {"code": given["code"], "name": "hunt", "badge": given["badge"], "pin": given["pin"]},
)
assert status == 200, (status, data)
cookie = headers["Set-Cookie"].split(";")[0]
csrf = json.loads(data)["csrf"]
shown += [cookie.split("=", 1)[1], csrf]
keep("POST /api/v1/session/start", str(headers).encode() + data)
note("POST", "/api/v1/session", {"badge": given["badge"], "pin": "000000"})
listener = threading.Thread(target=listen, args=(5,))
listener.start()
status, headers, data = ask("POST", "/api/v1/tokens", {"name": "hunt", "role": "operator"})
if status < 300:
    answer = json.loads(data)
    shown += [value for key, value in answer.items() if key in ("token", "secret")]
keep(f"POST /api/v1/tokens {status}", data)
note("POST", "/api/v1/scans", {"text": "PS1:BADGE:" + given["badge"]})
note("POST", "/api/v1/scans", {"text": arguments.unit})
document = json.loads(ask("GET", "/api/v1/openapi.json")[2])
count = 0
for path, methods in sorted(document["paths"].items()):
    if "get" not in methods or path.endswith("/events"):
        continue
    path = path.replace("{name}", arguments.unit).replace("{order}", arguments.order).replace("{id}", arguments.order)
    if "{" not in path:
        note("GET", path)
        count += 1
for path in ("/", "/orders", "/setup", "/reports", "/nothing-here", "/api/v1/nothing-here"):
    note("GET", path)
listener.join()
with open(arguments.out, "wb") as file:
    file.write(b"".join(written))
print(json.dumps({"shown": shown, "read": count}))
