"""A real station on simulated hardware: `station serve` with its page, the cloud stand-in, and a fixture with boards.

Nothing of it is a mock: the cloud and the boards stand at the wire, as in `station demo`, whose images are used.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

PRODUCT = "a1PageShift"


class Floor:
    """Starts everything below one temporary folder; `close` ends it and removes the folder."""

    def __init__(self, program, home, slots, boards, shifts=()):
        """`boards`: MAC and hardware UID of each board that may be placed. `shifts`: lines of station.toml."""
        self.shifts = list(shifts)
        self.program, self.home = program, home
        self.root = tempfile.mkdtemp(prefix="station-page-")
        self.data = self.root + "/data"
        self.processes = []
        try:
            self._start(slots, boards)
        except BaseException:
            self.close()
            raise

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, *arguments, text=None):
        """Runs a subcommand to its end."""
        done = subprocess.run(
            [self.program, *arguments], input=text, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0:
            raise AssertionError(
                f"station {' '.join(arguments[:3])} ended with {done.returncode}: {done.stderr[-800:]}"
            )
        return done.stdout

    def state(self):
        return json.load(urllib.request.urlopen(self.base + "/api/v1/state", timeout=10))

    def hand(self, slot, line):
        """What a hand does at a slot: `place N` or `remove`."""
        address = self.controls[slot].removeprefix("socket://")
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall((line + "\n").encode())
            answer = connection.makefile().readline().strip()
        if answer != "ok":
            raise AssertionError(f"{slot}: {line}: {answer}")

    # --- starting

    def _start(self, slots, boards):
        made = self.root + "/made"
        self.run("demo", "--boards", "1", "--slots", "1", "--data", made, "--home", self.home, "--json")
        self.firmware = self.root + "/firmware"
        shutil.copytree(made + "/station/firmware/esp32c3", self.firmware)
        shutil.rmtree(made)
        cloud = self._cloud()
        controls = self._fixture(slots, boards)
        self.controls = {one["name"]: one["control"] for one in controls}
        self._station(cloud, controls)

    def _spawn(self, *arguments, text=None, log):
        file = open(f"{self.root}/{log}", "w", encoding="utf-8")
        process = subprocess.Popen(
            [self.program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True
        )
        file.close()
        self.processes.append(process)
        if text:
            process.stdin.write(text)
        process.stdin.close()
        return process

    def _ready(self, path, process):
        end = time.monotonic() + 30
        while not os.path.exists(path):
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{path} did not appear; status {process.poll()}")
            time.sleep(0.05)
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def _cloud(self):
        self.product_secret = secrets.token_hex(8)
        self.keys = {"LTAIpageLine": secrets.token_hex(15), "LTAIpageLead": secrets.token_hex(15)}
        lines = [
            "[listen]",
            'host = "127.0.0.1"',
            "openapi_https = 0",
            "registration_https = 0",
            "mqtt_tls = 0",
            "admin = 0",
        ]
        for name, secret in self.keys.items():
            lines += ["[[access_keys]]", f'id = "{name}"', f'secret = "{secret}"']
        lines += ["[[products]]", f'key = "{PRODUCT}"', f'secret = "{self.product_secret}"', 'name = "page"']
        lines += ["dynamic_registration = true", "[behaviour]", f'state_file = "{self.root}/cloud.json"']
        lines += [f'secrets_file = "{self.root}/cloud-secrets.json"', "[pki]", f'directory = "{self.root}/pki"', ""]
        path = self.root + "/cloud-ready.json"
        process = self._spawn(
            "simulate", "cloud", "--config", "/dev/stdin", "--ready-file", path, text="\n".join(lines), log="cloud.log"
        )
        return self._ready(path, process)

    def _fixture(self, slots, boards):
        plan = {
            "slots": [
                {"name": name, "link": f"{self.root}/{name}", "usb": f"1-{n + 1}"} for n, name in enumerate(slots)
            ],
            "boards": [
                {
                    "id": number + 1,
                    "mac": mac,
                    "uid": uid,
                    "sn": None,
                    "imei": None,
                    "fault": None,
                    "family": "esp32c3",
                    "flash": f"{self.root}/board-{number + 1}.flash",
                    "device_name": "{mac}",
                    "joins_network": False,
                }
                for number, (mac, uid) in enumerate(boards)
            ],
            "cloud": self.root + "/cloud-ready.json",
            "channel": "mqtt",
            "pace": None,
            "retry_seconds": 2,
            "registration": "pre-registered",
            "network": True,
        }
        with open(self.root + "/plan.json", "w", encoding="utf-8") as file:
            json.dump(plan, file)
        path = self.root + "/fixture-ready.json"
        process = self._spawn(
            "simulate", "fixture", "--plan", self.root + "/plan.json", "--ready-file", path, log="fixture.log"
        )
        return self._ready(path, process)["slots"]

    def _station(self, cloud, controls):
        os.mkdir(self.data, 0o700)
        first, second = self.keys
        lines = [
            "[station]",
            'id = "LINE-1"',
            f'data = "{self.data}"',
            "[cloud]",
            f'openapi = "{cloud["openapi_tls"]}"',
            f'registration = "{cloud["registration"]}"',
            f'mqtt = "{cloud["mqtt_tls"]}"',
            f'ca_file = "{cloud["ca_file"]}"',
            'instance = "old-public"',
            f'access_key_id = "{first}"',
            f'workflow_access_key_id = "{second}"',
            "qps_share = 30",
            "[limits]",
            "hold_after_seconds = 60",
            "[operator]",
            'listen = "127.0.0.1:0"',
            'tls = "off"',
            "idle_minutes = 15",
            'language = "zh"',
        ]
        lines += self.shifts
        stubs = os.environ.get("STATION_STUB_DIRECTORY")
        if stubs:
            lines += ["[flash.espressif]", f'stub_directory = "{stubs}"']
        for number, one in enumerate(controls):
            lines += [
                "[[slots]]",
                f'name = "{one["name"]}"',
                'profile = "esp32c3"',
                f'port = "{one["port"]}"',
                f'control = "{one["control"]}"',
                f'usb = "1-{number + 1}"',
            ]
        configuration = self.root + "/station.toml"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        options = ("--config", configuration, "--home", self.home)
        self.run("secret", "set", f"product/{PRODUCT}", *options, text=self.product_secret)
        for name, secret in self.keys.items():
            self.run("secret", "set", f"access-key/{name}", *options, text=secret)
        process = self._spawn("serve", *options, log="serve.log")
        self.said, self.base, self.code = [], None, None
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        end = time.monotonic() + 30
        while not (self.base and self.code):
            if process.poll() is not None or time.monotonic() > end:
                with open(self.root + "/serve.log", encoding="utf-8") as file:
                    raise AssertionError(f"station serve shows no page: {''.join(self.said)} {file.read()[-800:]}")
            self._find("".join(self.said))
            with open(self.root + "/serve.log", encoding="utf-8") as file:
                self._find(file.read())
            time.sleep(0.05)

    def _listen(self, process):
        for line in process.stdout:
            self.said.append(line)

    def _find(self, text):
        page = re.search(r"page: (https?://[^\s/]+)", text)
        code = re.search(r"one-time code ([A-Z0-9]{5}-[A-Z0-9]{5})", text)
        self.base = page.group(1) if page else self.base
        self.code = code.group(1) if code else self.code
