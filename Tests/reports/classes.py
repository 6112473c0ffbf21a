"""The reconciliation class of every identity, from an order's records, the cloud's rows and the packing list.

The classes stand in the order in which they are tested: the first that fits is the row's, the others are its notes.
"""

import calendar
import csv
import time

from journal import milliseconds

ORDER = [
    "active-not-ours", "one-name-two-boards", "one-board-two-names", "duplicate-client-ids", "active-before-flash",
    "active-outside-window", "reset-without-record", "deleted-in-cloud", "flashed-not-registered", "passed-not-active",
    "active-not-passed", "registered-never-flashed", "packed-unknown", "packed-twice", "packed-not-passed",
    "passed-not-packed", "replaced", "scrapped", "held", "not-activated-by-plan", "ok"]
CLOSED = {"replaced", "scrapped", "not-activated-by-plan", "ok"}
GOOD = ("passed", "done")


class Name:
    """What the journal knows of one DeviceName."""

    def __init__(self, name):
        self.name = name
        self.unit = self.order = self.identity = self.state = self.iot_id = self.client_id = self.clash = None
        self.looked_at = self.activated_at = self.secret = None
        self.loose_boots = 0
        self.listed = self.flashed = self.reset = self.decided = False
        self.open_runs = set()


class Names:
    """Gathers what records say of names, up to a record."""

    def __init__(self):
        self.by_key, self.by_unit, self.runs = {}, {}, {}

    def take(self, record):
        kind, body = record["kind"], record["body"]
        name = self.by_unit.get(body.get("unit"))
        if kind == "batch.listed":
            for text in body["names"]:
                self._name(text).order = body["order"]
        elif kind == "batch.concluded":
            for entry in body["names"]:
                if entry["outcome"] == "created":
                    listed = self._name(entry["name"])
                    listed.listed, listed.iot_id = True, listed.iot_id or entry["iot_id"]
        elif kind == "name.dropped":
            self._drop(body["device_name"])
        elif kind == "intent.finished" and body["effect"] == "delete" and body["unit"] is None and body["known"]:
            if body.get("device_name"):
                self._drop(body["device_name"])
        elif kind == "claim.bound":
            if body["first"]:
                name = self._name(body["device_name"])
                name.unit, name.order, name.identity = body["unit"], body["order"], body["identity"]
                self.by_unit[name.unit] = name
                # A device that was counted for it after a restore.
                name.iot_id = body.get("iot_id") or name.iot_id
            if name:
                name.state = "claimed"
                name.open_runs.add(body["run"])
        elif kind == "sample.failed":
            for unit in body["held"]:
                self.by_unit[unit].state = "held"
        elif name:
            self._unit(kind, body, name)

    def _name(self, text):
        name = self.by_key.setdefault(text.lower(), Name(text))
        name.name = text
        return name

    def _drop(self, text):
        name = self.by_key.get(text.lower())
        if name and name.unit is None:
            name.listed, name.iot_id = False, None

    def _unit(self, kind, body, name):
        if kind == "claim.refused":
            name.state = body["unit_state"] or name.state
            clash = {"CL-101": "name", "CL-102": "board", "CL-103": "board"}.get(body["failure_code"])
            if clash:
                name.clash, name.decided = name.clash or clash, False
        elif kind == "intent.begun":
            effect = body["effect"]
            if effect == "flash":
                name.flashed = True
            elif effect == "reset":
                name.reset = True
            elif effect == "issue" or (effect == "boot" and (body["details"] or {}).get("network") is not False):
                name.loose_boots += 1
        elif kind == "intent.finished":
            name.iot_id = body["iot_id"] or name.iot_id
            if body["effect"] == "clear-client-ids" and body["known"]:
                name.client_id, name.loose_boots = None, 0
        elif kind == "client-id.kept":
            name.client_id, name.loose_boots = body["client_id"], 0
            name.iot_id = body.get("iot_id") or name.iot_id
        elif kind == "cloud.read":
            reading, details = body["reading"] or {}, body["details"] or {}
            if name.looked_at is None:
                name.looked_at = http_date(details.get("cloud_date") or reading.get("cloud_date"))
            if body["phase"] == "after":
                name.iot_id = name.iot_id or reading.get("iot_id")
        elif kind == "run.concluded":
            name.open_runs.discard(body["run"])
            name.state = body["unit_state"] or name.state
            if body["outcome"] == "pass" and body["evidence"]:
                name.activated_at = milliseconds(body["evidence"]["activated_at"])
                name.secret, name.reset = body["evidence"]["secret_digest"], False
        elif kind == "workflow.concluded" and body["result"] == "done":
            name.state = body["state"] or name.state
            if body["kind"] in ("scrap", "replace"):
                name.clash, name.decided = None, True
        elif kind == "unit.held":
            name.state = body["to"]
        elif kind == "unit.released":
            name.state, name.clash, name.decided = body["to"], None, True


def http_date(text):
    """Milliseconds of an HTTP Date header; None for anything else."""
    try:
        return calendar.timegm(time.strptime(text, "%a, %d %b %Y %H:%M:%S GMT")) * 1000 if text else None
    except ValueError:
        return None


class Device:
    """One of the cloud's devices."""

    def __init__(self, row):
        self.name, self.iot_id, self.state = row["device_name"], row["iot_id"], row["state"]
        self.activated_at, self.secret = milliseconds(row["activated_at"]), row["secret_digest"]
        self.client_ids, self.absent, self.ours = row["client_ids"], row["absent"], row["ours"]

    @property
    def is_active(self):
        if self.activated_at is not None:
            return True
        return {"ONLINE": True, "OFFLINE": True, "UNACTIVE": False}.get(self.state)

    @property
    def is_live(self):
        return self.state in ("ONLINE", "OFFLINE")


class Rule:
    """An order's rule: which classes fit a name."""

    def __init__(self, order, registration, window, has_list, tells_resets):
        self.order, self.registration, self.has_list, self.tells_resets = order, registration, has_list, tells_resets
        self.window = tuple(map(milliseconds, window.split("/"))) if window else None

    def classes(self, name, device, twins, packed):
        """Every class that fits, in the order of tests; empty where the name does not concern the order."""
        fits = set()
        if device and device.absent:
            device = None
        is_ours = name is not None and (name.unit is not None or name.listed)
        if not is_ours and device and device.ours:
            # Another order's, whose records are not in the archive.
            fits |= {"packed-unknown"} if packed else set()
        elif not is_ours:
            if device and device.is_live:
                fits.add("active-not-ours")
            elif device and device.is_active is False:
                fits.add("registered-never-flashed")
            fits |= self._packed_unknown(packed)
        elif name.order != self.order:
            fits |= {"packed-unknown"} if packed else set()
        elif name.unit is None:
            self._listed(name, device, fits)
            fits |= self._packed_unknown(packed)
        else:
            self._unit(name, device, twins, packed, fits)
        return sorted(fits, key=ORDER.index)

    def _packed_unknown(self, packed):
        return ({"packed-unknown"} if packed else set()) | ({"packed-twice"} if packed > 1 else set())

    def _is_other(self, name, device):
        return bool(name.iot_id and device.iot_id and name.iot_id != device.iot_id)

    def _listed(self, name, device, fits):
        if device is None or self._is_other(name, device):
            fits.add("deleted-in-cloud")
        if device and device.is_live:
            fits.add("active-not-ours")
        elif device and device.is_active is not True:
            fits.add("registered-never-flashed")

    def _unit(self, name, device, twins, packed, fits):
        gone = name.state in ("scrapped", "replaced")
        if twins or name.clash == "name":
            fits.add("one-name-two-boards")
        if name.clash == "board":
            fits.add("one-board-two-names")
        if device and (gone or self._is_other(name, device)):
            if device.is_live:
                fits.add("active-not-ours")
            if not gone:
                fits.add("deleted-in-cloud")
        elif device:
            self._compare(name, device, fits)
        elif not gone:
            if name.iot_id:
                fits.add("deleted-in-cloud")
            elif name.flashed and (name.state != "done" or self.registration == "pre-registered"):
                fits.add("flashed-not-registered")
        if self.has_list:
            if packed > 1:
                fits.add("packed-twice")
            if packed and name.state not in GOOD:
                fits.add("packed-not-passed")
            if not packed and name.state in GOOD:
                fits.add("passed-not-packed")
        if name.state == "passed":
            if not fits:
                fits.add("ok")
        else:
            fits.add({"done": "not-activated-by-plan"}.get(name.state, name.state if gone else "held"))

    def _compare(self, name, device, fits):
        running = bool(name.open_runs)
        if device.client_ids is not None:
            if sum(one != name.client_id for one in device.client_ids) > name.loose_boots:
                fits.add("duplicate-client-ids")
            if name.state == "passed" and not device.client_ids:
                fits.add("passed-not-active")
        if device.is_active:
            activated = device.activated_at if device.activated_at is not None else name.activated_at
            if not name.decided:
                if not name.flashed and not running:
                    fits.add("active-before-flash")
                if activated is not None:
                    if name.looked_at is not None and activated < name.looked_at:
                        fits.add("active-before-flash")
                    if self.window and not self.window[0] <= activated < self.window[1]:
                        fits.add("active-outside-window")
            if not (name.state == "passed" or running or (name.state == "done" and name.decided)):
                fits.add("active-not-passed")
        else:
            if name.state == "passed" and device.is_active is False:
                fits.add("passed-not-active")
            if not name.flashed and not running:
                fits.add("registered-never-flashed")
        if self.tells_resets and name.secret and device.secret and name.secret != device.secret and not name.reset:
            fits.add("reset-without-record")


def packing_list(lines, names):
    """How often each name stands on a packing list, by folded name. names: the journal's, by unit."""
    identities = {name.identity: name for name in names.values()}
    heads = {"device_name", "devicename", "identity", "mac", "imei", "sn", "iccid"}
    found, column = {}, None
    for cells in csv.reader(lines):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if column is None:
            column = next((place for place, cell in enumerate(cells) if cell.lower() in heads), None)
            if column is not None:
                continue
            column = 0
        cell = cells[column]
        known = identities.get(cell) or identities.get(cell.replace(":", "").replace("-", "").upper())
        text = known.name if known else cell
        found.setdefault(text.lower(), [text, 0])[1] += 1
    return found


def rows(rule, names, devices, packed):
    """{folded name: (name, its classes)} of every name that concerns the order."""
    found, groups = {}, {}
    for device in devices:
        groups.setdefault(device.name.lower(), []).append(device)
    for key in {*names, *groups, *packed}:
        name, group = names.get(key), groups.get(key, [])
        group = [device for device in group if not device.absent] or group
        own = next((device for device in group if name and device.iot_id == name.iot_id), None) or next(
            (device for device in group if name and device.name == name.name), None) or next(
            (device for device in group if device.is_live), group[0] if group else None)
        text, count = packed.get(key, (None, 0))
        classes = rule.classes(name, own, len(group) > 1, count)
        if classes:
            found[key] = (name.name if name and (name.unit or name.listed) else own.name if own else text, classes)
    return found
