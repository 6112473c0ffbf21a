"""A closed batch's folder: its chain, its report, and the class of every identity."""

import csv
import json
import os

import check as checking
import classes
import figures
from journal import Bad, Journal


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def lines(folder, name):
    path = os.path.join(folder, name)
    return open(path, encoding="utf-8-sig", newline="") if os.path.exists(path) else None


def check(folder, say):
    """Says everything that does not agree. Returns how much that is."""
    manifest, report = load(folder, "manifest.json"), load(folder, "report.json")
    chain = manifest["chain"]
    names, told = classes.Names(), {}

    def watch(record):
        if record["kind"] == "reconcile.concluded" and record["body"]["order"] == report["order"]["order"]:
            told["result"] = record["body"]

    with lines(folder, "records.jsonl") as records:
        journal = Journal(records, chain["from"], chain["head"], {report["cut"]["seq"]}, watch)
    say(f"records.jsonl: records {chain['from']['seq'] + 1} to {journal.last[0]}, chain whole")
    found = checking.check_report(journal, report, "report.json", say)
    found += units(journal, folder, say)
    if "result" not in told:
        say("records.jsonl: no reconciliation of the order is on record")
        return found + 1
    with lines(folder, "records.jsonl") as records:
        for line in records:
            row = json.loads(line)
            if row["seq"] <= told["result"]["head"] and row["record"]:
                names.take(json.loads(row["record"]))
    found += reconciliation(journal, names, told["result"], report["order"]["order"], folder, say)
    if not found:
        say("every figure, unit and class agrees")
    return found


def units(journal, folder, say):
    """Compares units.csv with the facts: who is there, and in which state."""
    found = 0
    expected = {
        str(unit): figures.last_state(facts).state for unit, facts in journal.units.items() if figures.first_claim(facts)}
    with lines(folder, "units.csv") as file:
        received = {row["unit"]: row["state"] for row in csv.DictReader(file)}
    for unit in sorted({*expected, *received}, key=int):
        one, other = expected.get(unit, "nothing"), received.get(unit, "nothing")
        if one != other:
            found += 1
            say(f"units.csv: unit {unit}: expected {one}, received {other}")
    return found


def reconciliation(journal, names, result, order, folder, say):
    terms = journal.orders[order]
    with lines(folder, "cloud.jsonl") as file:
        devices = [classes.Device(json.loads(line)) for line in file]
    packed, packing = {}, lines(folder, "packed.csv")
    if packing:
        with packing:
            packed = classes.packing_list(packing, names.by_unit)
    rule = classes.Rule(
        order, terms["registration"], terms["window"], packing is not None, result["reset_detection"] == "by-digest")
    expected = {
        name: " ".join(fits) for name, fits in classes.rows(rule, names.by_key, devices, packed).values()}
    with lines(folder, "reconciliation.csv") as file:
        received = {
            row["device_name"].removeprefix("'"): " ".join([row["class"], *row["notes"].split()])
            for row in csv.DictReader(file)}
    found = 0
    for name in sorted({*expected, *received}):
        one, other = expected.get(name, "no row"), received.get(name, "no row")
        if one != other:
            found += 1
            say(f"reconciliation.csv: {name}: expected {one}, received {other}")
    counts = {}
    for fits in expected.values():
        counts[fits.split()[0]] = counts.get(fits.split()[0], 0) + 1
    for name in classes.ORDER:
        if counts.get(name, 0) != result["counts"].get(name, 0):
            found += 1
            say(f"reconcile.concluded: {name}: expected {counts.get(name, 0)}, received {result['counts'].get(name, 0)}")
    open_rows = sum(count for name, count in counts.items() if name not in classes.CLOSED)
    if open_rows != result["open"]:
        found += 1
        say(f"reconcile.concluded: open: expected {open_rows}, received {result['open']}")
    return found
