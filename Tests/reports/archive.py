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
    with lines(folder, "reconciliation.csv") as file:
        received = {
            row["device_name"].removeprefix("'"): " ".join([row["class"], *row["notes"].split()])
            for row in csv.DictReader(file)}
    expected = expected_rows(
        journal, names, result["reset_detection"], order, os.path.join(folder, "cloud.jsonl"),
        os.path.join(folder, "packed.csv"))
    return compare_rows("reconciliation.csv", expected, received, say) + compare_counts(expected, result, say)


def expected_rows(journal, names, detection, order, cloud_file, packed_file):
    """{name: its classes, the first one first} of every name that concerns the order."""
    terms = journal.orders[order]
    with open(cloud_file, encoding="utf-8") as file:
        devices = [classes.Device(json.loads(line)) for line in file]
    packed, has_list = {}, os.path.exists(packed_file)
    if has_list:
        with open(packed_file, encoding="utf-8-sig", newline="") as file:
            packed = classes.packing_list(file, names.by_unit)
    rule = classes.Rule(order, terms["registration"], terms["window"], has_list, detection == "by-digest")
    return {name: " ".join(fits) for name, fits in classes.rows(rule, names.by_key, devices, packed).values()}


def compare_rows(file, expected, received, say):
    found = 0
    for name in sorted({*expected, *received}):
        one, other = expected.get(name, "no row"), received.get(name, "no row")
        if one != other:
            found += 1
            say(f"{file}: {name}: expected {one}, received {other}")
    return found


def compare_counts(expected, result, say):
    found, counts = 0, {}
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


def check_rows(journal_file, order, rows_file, say):
    """A reconciliation's own files beside the exported journal; the record of it says up to which record it read."""
    stem = os.path.splitext(rows_file)[0]
    results = []

    def watch(record):
        body = record["body"]
        if record["kind"] == "reconcile.concluded" and body["file"] == os.path.basename(rows_file):
            results.append(body)

    with open(journal_file, encoding="utf-8") as file:
        journal = Journal(file, watch=watch)
    result = results[-1] if results else {"head": journal.last[0], "reset_detection": "by-digest"}
    names = classes.Names()
    with open(journal_file, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["seq"] <= result["head"]:
                names.take(json.loads(row["record"]))
    expected = expected_rows(
        journal, names, result["reset_detection"], order, stem + ".cloud.jsonl", stem + ".packed.csv")
    with open(rows_file, encoding="utf-8") as file:
        received = {row["device_name"]: " ".join([row["class"], *row["notes"]]) for row in map(json.loads, file)}
    found = compare_rows(os.path.basename(rows_file), expected, received, say)
    if results:
        found += compare_counts(expected, result, say)
    if not found:
        say(f"{len(expected)} rows agree")
    return found
