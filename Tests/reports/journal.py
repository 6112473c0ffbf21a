"""An exported journal: its chain, and the facts that figures are computed from.

Written from the definitions (docs/reports.md, docs/architecture.md), not from the station's sources. Standard library only.
"""

import calendar
import hashlib
import json
import time

ZERO = bytes(32)


class Bad(Exception):
    """What does not fit, and where."""


class Row:
    """One export row: `seq`, `digest`, `hash` and the record's text, None where it belongs to another order."""

    __slots__ = ("seq", "digest", "hash", "text")

    def __init__(self, line, number):
        try:
            row = json.loads(line)
            self.seq, self.digest, self.hash, self.text = (
                row["seq"], bytes.fromhex(row["digest"]), bytes.fromhex(row["hash"]), row["record"])
        except (ValueError, KeyError, TypeError) as error:
            raise Bad(f"line {number}: not an export row: {error}") from None
        if set(row) != {"seq", "digest", "hash", "record"}:
            raise Bad(f"line {number}: expected the keys seq, digest, hash, record, received {sorted(row)}")


def records(lines, start=None, head=None):
    """Yields (seq, hash, record) of every row in order, the record as a dict or None; checks the chain as it goes.

    start: {"seq", "hash"} of the record before the first row; None = the journal's beginning.
    head: {"seq", "hash"} where the rows must end; None = wherever they do.
    """
    seq = start["seq"] if start else 0
    chain = bytes.fromhex(start["hash"]) if start else ZERO
    for number, line in enumerate(lines, 1):
        row = Row(line, number)
        if row.seq != seq + 1:
            raise Bad(f"line {number}: expected record {seq + 1}, received {row.seq}")
        seq = row.seq
        record = None
        if row.text is not None:
            digest = hashlib.sha256(row.text.encode()).digest()
            if digest != row.digest:
                raise Bad(f"line {number}, record {seq}: its text has SHA-256 {digest.hex()}, the row says {row.digest.hex()}")
            record = json.loads(row.text)
            if record["seq"] != seq:
                raise Bad(f"line {number}: record {seq} says of itself that it is {record['seq']}")
        chain = hashlib.sha256(chain + row.digest).digest()
        if chain != row.hash:
            raise Bad(f"line {number}, record {seq}: expected hash {chain.hex()}, received {row.hash.hex()}")
        yield seq, row.hash, record
    if head and (seq, chain.hex()) != (head["seq"], head["hash"]):
        raise Bad(f"the rows end at record {seq}, hash {chain.hex()}; expected {head['seq']}, {head['hash']}")


def milliseconds(text):
    """UTC text, with or without a fraction, as milliseconds since 1970."""
    if text is None:
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    date, _, clock = whole.partition("T")
    year, month, day = map(int, date.split("-"))
    hour, minute, second = map(int, clock.split(":"))
    return calendar.timegm((year, month, day, hour, minute, second)) * 1000 + int((fraction + "000")[:3])


def text(instant):
    """The other way round."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(instant // 1000)) + f".{instant % 1000:03}Z"


class Fact:
    """What one record says about one unit, or about a run without a unit (unit 0)."""

    __slots__ = (
        "unit", "seq", "kind", "order", "time", "started", "shift", "shift_concluded", "slot", "operator", "release",
        "outcome", "code", "state", "activation", "detail", "quota_returned", "steps", "first")

    def __init__(self, record, kind, unit=None):
        body = record["body"]
        self.unit = unit or body.get("unit") or 0
        self.seq, self.kind, self.order = record["seq"], kind, body.get("order")
        self.time, self.shift = milliseconds(record["time"]), body.get("shift")
        self.started = milliseconds(body.get("started"))
        self.shift_concluded = self.slot = self.operator = self.release = self.outcome = self.code = None
        self.state = self.activation = self.detail = None
        self.quota_returned = self.first = False
        self.steps = ()


def facts(record):
    """The facts of one record."""
    kind, body = record["kind"], record["body"]
    if kind == "claim.bound":
        fact = Fact(record, "claim")
        fact.state, fact.first = "claimed", body["first"]
        return [fact]
    if kind == "run.concluded":
        fact = Fact(record, "run")
        # Records of an older station do not say everything.
        fact.shift_concluded, fact.slot = body.get("shift_concluded"), body["slot"]
        fact.operator, fact.release = body.get("operator"), body.get("release")
        fact.outcome, fact.code, fact.state = body["outcome"], body["failure_code"], body.get("unit_state")
        fact.activation = body.get("activation")
        fact.steps = tuple(
            (step["name"], step["start_ms"], step["duration_ms"], step["result"] == "ok") for step in body["steps"])
        return [fact]
    if kind == "workflow.concluded" and body["result"] == "done":
        fact = Fact(record, "workflow")
        fact.state, fact.detail = body.get("state"), body["kind"]
        fact.quota_returned = body.get("quota_returned") or False
        return [fact]
    if kind in ("unit.held", "unit.released"):
        fact = Fact(record, kind[5:])
        fact.state = body["to"]
        return [fact]
    if kind == "sample.failed":
        held = [Fact(record, "held", unit) for unit in body["held"]]
        for fact in held:
            fact.state = "held"
        return held
    if kind == "claim.refused" and body.get("unit_state"):
        fact = Fact(record, "refused")
        fact.state = body["unit_state"]
        return [fact]
    return []


class Journal:
    """Everything of an exported journal that figures and classes need."""

    def __init__(self, lines, start=None, head=None, cuts=(), watch=None):
        """cuts: sequence numbers whose hashes are kept. watch: called with every record, for whoever needs more."""
        self.units, self.loose = {}, []
        self.names, self.orders, self.shifts, self.hashes = {}, {}, {}, {}
        self.last = (start["seq"], start["hash"], None) if start else (0, ZERO.hex(), None)
        cuts = set(cuts)
        for seq, hash, record in records(lines, start, head):
            written = None
            if record is not None:
                written = record["time"]
                self._take(record)
                if watch:
                    watch(record)
            if seq in cuts:
                self.hashes[seq] = (hash.hex(), written)
            self.last = (seq, hash.hex(), written)

    def _take(self, record):
        kind, body = record["kind"], record["body"]
        for fact in facts(record):
            if fact.unit:
                self.units.setdefault(fact.unit, []).append(fact)
            else:
                self.loose.append(fact)
        if kind == "claim.bound":
            self.names[body["unit"]] = body["device_name"]
        elif kind == "order.created":
            self.orders[body["order"]] = dict(body)
        elif kind == "order.amended":
            self.orders[body["order"]].update(body["to"])
        elif kind == "shift.began":
            self.shifts[body["shift"]] = {"began": record, "ended": None, "planned": body["planned_until"]}
        elif kind == "shift.changed":
            self.shifts[body["shift"]]["planned"] = body["planned_until"]
        elif kind == "shift.ended":
            self.shifts[body["shift"]]["ended"] = record
