"""An independent check of the station's reports: recomputes every figure, and names every difference.

    python3 check.py report JOURNAL.jsonl REPORT.json...   reports against `station journal export`
    python3 check.py archive DIR                           a closed batch: chain, report, units, reconciliation
    python3 check.py rows JOURNAL.jsonl ORDER DATA/reconcile/N.jsonl
                                                           a reconciliation, beside N.cloud.jsonl and N.packed.csv

Exit status 0 when everything agrees, 1 when something differs or the chain does not hold, 2 for a wrong call. Standard
library only; written from the definitions (docs/reports.md, docs/reconciliation.md), not from the station's sources.
"""

import json
import os
import sys

import figures
from journal import Bad, Journal, milliseconds, text


def differences(expected, received, path=""):
    """Every place at which two JSON values differ, as (path, expected, received)."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for key in [*expected, *(key for key in received if key not in expected)]:
            here = f"{path}.{key}" if path else key
            if key not in expected or key not in received:
                yield here, expected.get(key, "nothing"), received.get(key, "nothing")
            else:
                yield from differences(expected[key], received[key], here)
    elif isinstance(expected, list) and isinstance(received, list):
        for place, (one, other) in enumerate(zip(expected, received)):
            yield from differences(one, other, f"{path}[{place}]")
        for place in range(min(len(expected), len(received)), max(len(expected), len(received))):
            yield (
                f"{path}[{place}]", expected[place] if place < len(expected) else "nothing",
                received[place] if place < len(received) else "nothing")
    elif type(expected) is not type(received) or expected != received:
        yield path, expected, received


def expected_report(journal, report):
    """The part of a report that follows from the journal, as it has to be."""
    kind, cut = report["report"], report["cut"]["seq"]
    quota = span = plan = None
    if kind == "batch":
        order = report["order"]["order"]
        if order not in journal.orders:
            raise Bad(f"the journal has no order {order}")
        scope, quota = figures.Batch(order), journal.orders[order]["quota"]
    elif kind == "shift":
        shift = report["shift"]["shift"]
        if shift not in journal.shifts:
            raise Bad(f"the journal has no shift {shift}")
        began, ended = journal.shifts[shift]["began"], journal.shifts[shift]["ended"]
        if ended and ended["seq"] <= cut:
            cut = ended["seq"]
        scope, plan = figures.Shift(shift), began["body"]["plan_per_hour"]
        until = ended["time"] if ended and ended["seq"] <= cut else journal.hashes[report["cut"]["seq"]][1]
        planned = journal.shifts[shift]["planned"]
        span = (milliseconds(began["time"]), min(milliseconds(until), milliseconds(planned)))
    elif kind == "station":
        scope = figures.Span(milliseconds(report["from"]), milliseconds(report["until"]))
    else:
        raise Bad(f"a report of kind {kind}: expected batch, shift or station")
    if cut not in journal.hashes:
        raise Bad(f"the report was cut at record {cut}, the journal ends at {journal.last[0]}")
    expected = figures.figures(journal, scope, cut, quota, span, plan)
    expected["cut"] = {"seq": cut, "hash": journal.hashes[cut][0]}
    changed = figures.adjustments(journal, scope, cut) if kind == "shift" else []
    expected["adjustments_total"] = len(changed)
    expected["adjustments"] = [
        {"unit": unit, "device_name": journal.names.get(unit), "was": was, "is": now.state, "seq": now.seq,
         "time": text(now.time)}
        for unit, was, now in changed[: figures.ADJUSTMENTS]]
    return expected


def check_report(journal, report, name, say):
    """Says every difference between a report and the journal. Returns how many there are."""
    try:
        expected = expected_report(journal, report)
    except (Bad, KeyError) as error:
        say(f"{name}: {error if isinstance(error, Bad) else f'the report has no {error}'}")
        return 1
    received = {key: report.get(key, "nothing") for key in expected}
    found = list(differences(expected, received))
    for path, one, other in found:
        say(f"{name}: {path}: expected {json.dumps(one, ensure_ascii=False)}, received {json.dumps(other, ensure_ascii=False)}")
    return len(found)


def leaves(value):
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def cuts(reports):
    return {report["cut"]["seq"] for report in reports if isinstance(report.get("cut"), dict)}


def reports(journal_file, report_files, say):
    loaded = []
    for file in report_files:
        with open(file, encoding="utf-8") as handle:
            loaded.append((os.path.basename(file), json.load(handle)))
    lines = sys.stdin if journal_file == "-" else open(journal_file, encoding="utf-8")
    with lines:
        journal = Journal(lines, cuts=cuts([report for _, report in loaded]))
    found = 0
    for name, report in loaded:
        wrong = check_report(journal, report, name, say)
        found += wrong
        if not wrong:
            say(f"{name}: {leaves(expected_report(journal, report))} values agree")
    say(f"{journal.last[0]} records, chain whole, head {journal.last[1]}")
    return found


def main(arguments):
    if len(arguments) >= 3 and arguments[0] == "report":
        work = lambda: reports(arguments[1], arguments[2:], print)
    elif len(arguments) == 2 and arguments[0] == "archive":
        import archive
        work = lambda: archive.check(arguments[1], print)
    elif len(arguments) == 4 and arguments[0] == "rows":
        import archive
        work = lambda: archive.check_rows(*arguments[1:], print)
    else:
        sys.stderr.write(__doc__)
        return 2
    try:
        return 1 if work() else 0
    except (Bad, OSError, ValueError) as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
