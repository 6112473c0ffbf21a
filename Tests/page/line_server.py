"""A small server that speaks the contract of the operator's page, for tests that cut wires and freeze lines.

It serves the page's own files from Station/page and keeps a line in memory. What a real station cannot be asked for on
demand is a method here: kill every connection, fall silent, lose answers, put a slot into any state.

    python3 Tests/page/line_server.py --port 8088 --slots 8 --scene mixed
"""

import argparse
import json
import random
import secrets
import socket
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import reconcile_scenes
import report_scenes
import scenes

PAGE = Path(__file__).resolve().parents[2] / "Station" / "page"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
DESK = ("orders", "order", "reports", "releases", "people", "unit")
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
# A report carries its own style, and the page frames it to print it.
PAPER = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Line:
    """The state of a line and its events, numbered without gaps within one epoch."""

    kept = 2000

    def __init__(self, snapshot):
        self.condition = threading.Condition()
        self.epoch = secrets.token_hex(4)
        self.number = 0
        self.events = []
        self.snapshot = snapshot

    @property
    def cursor(self):
        return f"{self.epoch}-{self.number}"

    def restart(self):
        """As a daemon that was started again: another epoch, no event of before."""
        with self.condition:
            self.epoch, self.number, self.events = secrets.token_hex(4), 0, []
            self.condition.notify_all()

    def publish(self, event, data):
        """Puts a change into the state and tells every page of it."""
        with self.condition:
            key = {"slot": "slot", "order": "order", "health": "key"}.get(event)
            if key:
                held = self.snapshot[event if event == "health" else event + "s"]
                for index, one in enumerate(held):
                    if one[key] == data[key]:
                        held[index] = data
                        break
                else:
                    held.append(data)
            elif event in ("tray", "shift"):
                self.snapshot[event] = data
            elif event == "notice":
                self.snapshot["notices"] = (self.snapshot["notices"] + [data])[-50:]
            self.number += 1
            self.events.append((self.number, event, json.dumps(data, ensure_ascii=False)))
            del self.events[: -self.kept]
            self.condition.notify_all()

    def picture(self):
        """The whole state as a snapshot."""
        with self.condition:
            self.snapshot["cursor"] = self.cursor
            self.snapshot["station"]["time"] = now()
            return json.loads(json.dumps(self.snapshot))

    def after(self, cursor):
        """Events after a cursor, or None where a snapshot is needed."""
        epoch, _, number = (cursor or "").rpartition("-")
        if epoch != self.epoch or not number.isdigit() or int(number) > self.number:
            return None
        if self.events and int(number) < self.events[0][0] - 1:
            return None
        return [event for event in self.events if event[0] > int(number)]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A browser that goes away, or a wire that is cut, is what the tests are about."""


class LineServer:
    """The server on a free port of the loopback, with the switches that tests turn."""

    def __init__(self, snapshot=None, port=0, person="leader"):
        self.line = Line(snapshot or scenes.snapshot(8))
        self.scans, self.answers = [], {}
        self.asks = {}
        self.person = scenes.PEOPLE.get(person)
        self.csrf = secrets.token_hex(8)
        self.is_silent = False
        self.tells_first = False
        self.lose = 0.0
        self.first_start = False
        self.calls = []
        self.asked = []
        self.report_seed = 1
        self.reconciliation = reconcile_scenes.fresh()
        self.settled = set()
        self.endings = 0
        # A reconciliation goes on until this is set.
        self.running = threading.Event()
        self.streams = set()
        self.lock = threading.Lock()
        self.http = Server(("127.0.0.1", port), self.handler())
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def start(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.kill_streams()
        self.http.shutdown()
        self.http.server_close()

    def kill_streams(self):
        """Resets every event stream that is open, in the middle of whatever it sends."""
        with self.lock:
            streams, self.streams = self.streams, set()
        for connection in streams:
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        return len(streams)

    def answer_scan(self, text):
        """What the station says to a scan; tests replace it."""
        return scenes.scan_answer(self, text)

    def take_scan(self, scan):
        with self.lock:
            if scan["id"] not in self.answers:
                self.scans.append(scan["text"])
                self.answers[scan["id"]] = self.answer_scan(scan["text"])
            return self.answers[scan["id"]]

    def handler(outer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version = "line"

            def log_message(self, *_):
                pass

            def send(self, status, body=b"", kind="application/json", headers=(), policy=POLICY):
                if not isinstance(body, bytes):
                    body = json.dumps(body, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind + ("; charset=utf-8" if kind.startswith("text/") else ""))
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", policy)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def problem(self, status, zh, en, code=None, headers=(), more=None):
                problem = {"type": "about:blank", "title": en, "status": status, "code": code}
                problem.update(detail=en, detail_zh=zh, **(more or {}))
                self.send(status, problem, "application/problem+json", headers)

            def body(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if "json" not in (self.headers.get("Content-Type") or ""):
                    return {"raw": len(raw)}
                return json.loads(raw or b"{}")

            def session(self):
                return {
                    "person": outer.person,
                    "csrf": outer.csrf if outer.person else None,
                    "idle_seconds": 900,
                    "first_start": outer.first_start,
                }

            def do_GET(self):
                path = urlsplit(self.path).path
                if path == "/":
                    return self.template("operator")
                module, _, name = path[1:].partition("/")
                if module in DESK:
                    return self.template("desk", module, unquote(name))
                if path.startswith("/assets/"):
                    return self.asset(path[8:])
                if path == "/api/v1/events":
                    return self.stream()
                if path == "/api/v1/state":
                    return self.send(200, outer.line.picture())
                if path == "/api/v1/session":
                    return self.send(200, self.session())
                if path.startswith("/api/v1/"):
                    query = {key: one[0] for key, one in parse_qs(urlsplit(self.path).query).items()}
                    outer.asked.append((path[7:], query))
                    if query.get("format") == "html":
                        return self.send(
                            200, b"<!doctype html><title>report</title><h1>report</h1>", "text/html", (), PAPER
                        )
                    asked = report_scenes if path.startswith("/api/v1/reports/") else scenes
                    found = asked.resource(outer, path[8:], query)
                    if found is not None:
                        return self.send(200, found)
                return self.problem(404, f"没有 {path}", f"there is no {path}")

            def template(self, template, module="operator", name=""):
                text = (PAGE / f"{template}.html").read_text("utf-8")
                station = outer.line.snapshot["station"]
                for key, value in {
                    "title": station["id"],
                    "station": station["id"],
                    "language": station["language"],
                    "module": module,
                    "name": name,
                }.items():
                    text = text.replace("{{" + key + "}}", value)
                self.send(200, text.encode(), "text/html")

            def asset(self, name):
                path = (PAGE / "assets" / name).resolve()
                if PAGE not in path.parents or not path.is_file():
                    return self.problem(404, "没有这个文件", "there is no such file")
                data = path.read_bytes()
                etag = f'"{path.stat().st_mtime_ns:x}"'
                if self.headers.get("If-None-Match") == etag:
                    return self.send(304, b"", headers=[("ETag", etag)])
                self.send(200, data, TYPES[path.suffix], [("ETag", etag), ("Cache-Control", "no-cache")])

            def stream(self):
                line = outer.line
                query = parse_qs(urlsplit(self.path).query)
                cursor = self.headers.get("Last-Event-ID") or query.get("after", [None])[0]
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                with outer.lock:
                    outer.streams.add(self.connection)
                try:
                    self.follow(line, cursor)
                except OSError:
                    pass
                finally:
                    with outer.lock:
                        outer.streams.discard(self.connection)

            def follow(self, line, cursor):
                beat = time.monotonic()
                while True:
                    with line.condition:
                        found = line.after(cursor)
                        if found == []:
                            line.condition.wait(0.5)
                            found = line.after(cursor)
                        epoch = line.epoch
                        if found is None:
                            snapshot = line.picture()
                    if outer.is_silent:
                        time.sleep(0.1)
                        continue
                    if found is None:
                        cursor = snapshot["cursor"]
                        self.wfile.write(
                            f"id: {cursor}\nevent: snapshot\ndata: {json.dumps(snapshot, ensure_ascii=False)}\n\n".encode()
                        )
                    elif found:
                        cursor = f"{epoch}-{found[-1][0]}"
                        self.wfile.write(
                            "".join(
                                f"id: {epoch}-{n}\nevent: {event}\ndata: {data}\n\n" for n, event, data in found
                            ).encode()
                        )
                    elif time.monotonic() - beat >= 3:
                        self.wfile.write(b": beat\n\n")
                    else:
                        continue
                    beat = time.monotonic()
                    self.wfile.flush()

            def change(self):
                path = urlsplit(self.path).path
                body = self.body()
                outer.calls.append((self.command, path, body))
                if path == "/api/v1/session":
                    return self.sign(body)
                if path == "/api/v1/session/start":
                    outer.first_start = False
                    outer.person = scenes.PEOPLE["engineer"]
                    return self.send(200, self.session())
                if outer.person and self.headers.get("X-CSRF-Token") != outer.csrf:
                    return self.problem(403, "会话已过期", "the session's token is missing or old")
                if path == "/api/v1/scans":
                    # An answer may be lost before or after the scan has been taken.
                    lost = random.random()
                    if lost < outer.lose / 2:
                        return self.drop()
                    if not outer.person and not body["text"].startswith("PS1:BADGE:"):
                        return self.problem(401, "请先刷工牌登录", "sign in first: scan your badge")
                    answer = outer.take_scan(body)
                    if outer.tells_first:
                        outer.line.publish("scan", {**answer, "id": body["id"]})
                        time.sleep(0.5)
                    return self.drop() if lost < outer.lose else self.send(200, answer)
                if not outer.person:
                    return self.problem(401, "请先登录", "sign in first")
                found = scenes.change(outer, self.command, path[8:], body)
                if found is None:
                    return self.problem(404, f"没有 {path}", f"there is no {path}")
                if isinstance(found, tuple):
                    return self.problem(*found)
                self.send(200, found)

            do_POST = do_PUT = do_PATCH = do_DELETE = change

            def drop(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            def sign(self, body):
                if self.command == "DELETE":
                    outer.person = None
                    return self.send(200, self.session())
                person = scenes.PEOPLE.get(scenes.BADGES.get(body.get("badge")))
                if body.get("pin") == "0000":
                    return self.problem(429, "已锁定", "locked", headers=[("Retry-After", "60")])
                if not person or body.get("pin") != "2468":
                    return self.problem(401, "工牌或 PIN 不对", "badge or PIN is wrong")
                outer.person = person
                return self.send(200, self.session())

        return Handler


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--port", type=int, default=8088)
    options.add_argument("--slots", type=int, default=8)
    options.add_argument("--scene", default="mixed", choices=scenes.NAMES)
    options.add_argument("--person", default="leader")
    given = options.parse_args()
    server = LineServer(scenes.snapshot(given.slots, given.scene), given.port, given.person).start()
    print(server.url, flush=True)
    while True:
        time.sleep(0.5)
        if given.scene == "live":
            scenes.advance(server.line)


if __name__ == "__main__":
    main()
