"""Sample reports and shifts in the form in which the station answers them, for `line_server`."""

import random
from datetime import datetime, timedelta, timezone

STEPS = ["identify", "claim", "register", "flash", "verify", "boot", "activate", "conclude"]


def iso(moment):
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today(hour=0):
    """A fixed day, so that pictures stay alike."""
    return datetime(2026, 11, 26, tzinfo=timezone.utc) + timedelta(hours=hour)


def shift(name="day", date="2026-11-26", ended=False, **changes):
    began = today(0 if name == "day" else 12)
    one = {
        "shift": f"{date}/{name}",
        "date": date,
        "name": name,
        "began": iso(began),
        "planned_from": iso(began),
        "planned_until": iso(began + timedelta(hours=12)),
        "ended": iso(began + timedelta(hours=12)) if ended else None,
        "zone": "Asia/Shanghai",
        "plan_per_hour": 120,
        "breaks": [],
        "people": ["王小明", "李秀英"],
        "note": "3 号工位的排线松，已换；待定盘有 2 块等工程师" if ended else None,
        "reason": "card" if ended else None,
    }
    one.update(changes)
    return one


def shifts():
    return [
        shift(),
        shift("night", "2026-11-25", ended=True),
        shift("day", "2026-11-25", ended=True, note=None),
        *[shift(name, f"2026-11-{day:02}", ended=True) for day in range(24, 14, -1) for name in ("night", "day")],
    ]


def figures(seed, hours=9, plan=120):
    """Figures that hang together: what is shown adds up."""
    rng = random.Random(seed)
    good = [rng.randint(84, 128) for _ in range(hours)]
    passed, failed, held, first = sum(good), 9, 4, sum(good) - 17
    judged = passed + failed + held
    codes = [("FL-102", 11), ("AC-203", 7), ("BT-101", 4), ("VF-101", 2), ("CL-101", 1), ("RG-104", 1)]
    bp = lambda part, whole: (part * 10000 + whole // 2) // whole if whole else None  # noqa: E731

    def pareto(pairs):
        total, sum_so_far, rows = sum(count for _, count in pairs), 0, []
        for key, count in pairs:
            sum_so_far += count
            rows.append({"key": key, "count": count, "cumulative_bp": bp(sum_so_far, total)})
        return rows

    left, steps = judged, []
    for step, lost in zip(STEPS, (1, 1, 0, 11, 2, 4, 11, 0)):
        steps.append({"step": step, "entered": left, "ok": left - lost, "yield_bp": bp(left - lost, left)})
        left -= lost
    spans = {
        "identify": (412, 900, 1400, 2210),
        "claim": (3, 0, 100, 161),
        "register": (88, 300, 900, 4020),
        "flash": (17_020, 18_600, 21_400, 30_881),
        "verify": (1201, 1400, 1900, 2433),
        "boot": (1402, 1700, 2600, 9120),
        "activate": (2101, 3400, 7900, 29_004),
        "conclude": (12, 0, 100, 240),
        "total": (24_301, 27_300, 34_900, 66_120),
    }
    return {
        "counts": {
            "input": judged,
            "unjudged": 0,
            "first_pass": first,
            "after_retest": passed - first,
            "passed": passed,
            "done": 0,
            "failed": failed,
            "held": held,
            "scrapped": 1,
            "replaced": 0,
            "offline_debt": 0,
            "open": 0,
            "reflashed": 3,
            "reset": 1,
            "refused_duplicates": 2,
            "interrupted": 1,
            "aborted": 0,
            "relay_passes": 0,
            "runs": judged + 26,
            "quota": None,
            "claimed": None,
            "quota_returned": None,
            "quota_left": None,
        },
        "rates": {
            "fpy_bp": bp(first, judged),
            "second_bp": bp(passed - 2, judged),
            "third_bp": bp(passed, judged),
            "last_bp": bp(passed, judged),
            "final_yield_bp": bp(passed, judged + 1),
            "retest_bp": bp(24, judged),
        },
        "steps": steps,
        "hours": [
            {"hour": iso(today(hour))[:13] + ":00:00Z", "good": one, "plan": plan} for hour, one in enumerate(good)
        ],
        "cycle": [
            {"step": step, "n": judged, "min_ms": a, "median_ms": b, "p95_ms": c, "max_ms": d}
            for step, (a, b, c, d) in spans.items()
        ],
        "slots": [
            {
                "slot": str(number),
                "runs": judged // 8 + number,
                "good": judged // 8 - 3,
                "failed": number,
                "held": 2,
                "interrupted": 1 if number == 5 else 0,
                "median_total_ms": 27_000 + 200 * number,
            }
            for number in range(1, 9)
        ],
        "pareto": {
            "code": pareto(codes),
            "slot": pareto([("3", 12), ("8", 6), ("1", 4), ("5", 4)]),
            "operator": pareto([("王小明", 20), ("李秀英", 6)]),
            "release": pareto([("1.4.2", 26)]),
        },
    }


def report(kind, shift_of=None, order=None, start=None, until=None, seed=1):
    found = figures(seed, 9 if kind == "shift" else 200, 120 if kind == "shift" else None)
    if kind == "batch":
        found["counts"].update(quota=20_000, claimed=found["counts"]["input"], quota_returned=1, quota_left=0)
    adjustments = []
    if kind == "shift" and shift_of["ended"]:
        adjustments = [
            {
                "unit": 57 + n,
                "device_name": f"a4cf124b{n:04x}",
                "was": "failed",
                "is": "passed",
                "seq": 90_112 + n,
                "time": iso(today(13)),
            }
            for n in range(3)
        ]
    return {
        "report": kind,
        "title": "",
        "cut": {"seq": 88_214, "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        "station": "LINE-1",
        "made_at": iso(datetime.now(timezone.utc)),
        "order": order,
        "shift": shift_of,
        "from": start,
        "until": until,
        **found,
        "adjustments": adjustments,
        "adjustments_total": len(adjustments),
    }


def resource(server, path, query):
    """Answers `/reports/…`; None = there is none."""
    parts = path.split("/")
    if parts[1] == "shifts":
        return {"shifts": shifts()}
    if parts[1] == "shift":
        found = next((one for one in shifts() if one["shift"] == "/".join(parts[2:])), None)
        return found and report("shift", shift_of=found, seed=server.report_seed)
    if parts[1] == "batch":
        orders = server.line.snapshot["orders"]
        found = next((one for one in orders if one["order"] == parts[2]), orders[0] if orders else None)
        return found and report("batch", order=found, seed=server.report_seed)
    if parts[1] == "station":
        return report("station", start=query.get("from"), until=query.get("until"), seed=server.report_seed)
    return None
