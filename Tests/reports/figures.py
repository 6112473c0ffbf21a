"""The figures of a report, from facts: every definition of docs/reports.md once more, in another language."""

import math
import time

STEPS = ["identify", "claim", "register", "flash", "verify", "boot", "activate", "conclude"]
GOOD = ("passed", "done")
HOUR = 3_600_000
ADJUSTMENTS = 500


def rate(part, whole):
    """Hundredths of a percent, rounded half up; None of nothing."""
    return (part * 10000 + whole // 2) // whole if whole else None


def is_attempt(fact):
    return fact.kind == "run" and (
        fact.outcome in ("pass", "done", "fail") or (fact.outcome == "held" and fact.state == "held"))


def last_state(facts):
    """The last fact that says a state."""
    return next((fact for fact in reversed(facts) if fact.state), None)


def conclusion(facts):
    return next((fact for fact in reversed(facts) if fact.state and fact.kind != "claim"), None)


def first_claim(facts):
    return next((fact for fact in facts if fact.kind == "claim" and fact.first), None)


def began(fact):
    """When its run began; a record of an older station knows only when it was written."""
    return fact.time if fact.started is None else fact.started


class Batch:
    """The scope of a batch report."""

    def __init__(self, order):
        self.order = order

    def entered(self, claim):
        return claim.order == self.order

    def concluded(self, facts, end):
        claim = first_claim(facts)
        return claim is not None and claim.order == self.order

    def run(self, run):
        return run.order == self.order

    def workflow(self, workflow):
        return workflow.order == self.order


class Shift:
    """The scope of a shift report."""

    def __init__(self, shift):
        self.shift = shift

    def entered(self, claim):
        return claim.shift == self.shift

    def concluded(self, facts, end):
        return (end.shift_concluded if end.kind == "run" else end.shift) == self.shift

    def run(self, run):
        return run.shift == self.shift

    def workflow(self, workflow):
        return workflow.shift == self.shift


class Span:
    """The scope of a station report: [begin, end) in milliseconds, None = no bound."""

    def __init__(self, begin, end):
        self.begin, self.end = begin, end

    def _has(self, instant):
        return (
            instant is not None and (self.begin is None or self.begin <= instant)
            and (self.end is None or instant < self.end))

    def entered(self, claim):
        return self._has(began(claim))

    def concluded(self, facts, end):
        return self._has(end.time)

    def run(self, run):
        return self._has(began(run))

    def workflow(self, workflow):
        return self._has(workflow.time)


def ranked(values, q):
    """Nearest rank over durations floored to 100 ms."""
    return sorted(values)[math.ceil(q * len(values)) - 1] // 100 * 100 if values else None


def total(run):
    return max((start + duration for _, start, duration, _ in run.steps), default=None)


def hour_text(hour):
    return time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(hour * 3600))


def slot_order(slots):
    """Numbers first, by their value; other names by their bytes."""
    return sorted(slots, key=lambda slot: (not slot.isdigit(), int(slot) if slot.isdigit() else 0, slot.encode()))


def figures(journal, scope, cut, quota=None, span=None, plan=None):
    """The figures of one scope from the facts up to sequence number `cut`.

    span: (first, last) instant in ms whose hours are listed; None = from the first to the last good unit.
    plan: units an hour.
    """
    entered, ended, runs, flows, claimed, returned = [], [], [], [], 0, 0
    for facts in journal.units.values():
        facts = [fact for fact in facts if fact.seq <= cut]
        claim, end = first_claim(facts), conclusion(facts)
        if claim and scope.entered(claim):
            entered.append(facts)
        if end and scope.concluded(facts, end):
            ended.append(facts)
        runs += [fact for fact in facts if fact.kind == "run" and scope.run(fact)]
        flows += [fact for fact in facts if fact.kind == "workflow" and scope.workflow(fact)]
        claimed += sum(1 for fact in facts if fact.kind == "claim" and fact.first and scope.entered(fact))
        returned += sum(1 for fact in facts if fact.quota_returned and scope.workflow(fact))
    runs += [fact for fact in journal.loose if fact.kind == "run" and fact.seq <= cut and scope.run(fact)]
    attempts = [[fact for fact in facts if is_attempt(fact)] for facts in entered]
    counts, rates = count(entered, attempts, ended, runs, flows)
    has_quota = quota is not None
    counts |= {
        "quota": quota, "claimed": claimed if has_quota else None, "quota_returned": returned if has_quota else None,
        "quota_left": max(0, quota - claimed + returned) if has_quota else None}
    return {
        "counts": counts, "rates": rates, "steps": step_yields(attempts), "hours": hours(ended, span, plan),
        "cycle": cycle(runs), "slots": by_slot(runs),
        "pareto": {key: pareto(runs, key) for key in ("code", "slot", "operator", "release")}}


def is_good(fact):
    return fact.outcome in ("pass", "done")


def count(entered, attempts, ended, runs, flows):
    states = [last_state(facts).state for facts in entered]
    end_states = [last_state(facts).state for facts in ended]
    first = [bool(tries) and is_good(tries[0]) for tries in attempts]

    def by_run(n):
        return sum(1 for tries in attempts if any(map(is_good, tries[:n])))

    judged = sum(1 for tries in attempts if tries)
    counts = {
        "input": len(entered), "unjudged": len(entered) - judged, "first_pass": sum(first),
        "after_retest": sum(1 for state, passed in zip(states, first) if state in GOOD and not passed),
        "passed": end_states.count("passed"), "done": end_states.count("done"), "failed": end_states.count("failed"),
        "held": end_states.count("held"), "scrapped": end_states.count("scrapped"),
        "replaced": end_states.count("replaced"), "offline_debt": end_states.count("awaitingActivation"),
        "open": states.count("claimed"),
        "reflashed": len({flow.unit for flow in flows if flow.detail == "reflash"}),
        "reset": len({flow.unit for flow in flows if flow.detail == "reset"}),
        "refused_duplicates": sum(1 for run in runs if run.code in ("CL-101", "CL-102", "CL-103", "CL-110")),
        "interrupted": sum(1 for run in runs if run.outcome == "interrupted"),
        "aborted": sum(1 for run in runs if run.outcome == "aborted"),
        "relay_passes": sum(1 for facts, state in zip(ended, end_states) if state == "passed" and was_relayed(facts)),
        "runs": len(runs)}
    rates = {
        "fpy_bp": rate(counts["first_pass"], judged), "second_bp": rate(by_run(2), judged),
        "third_bp": rate(by_run(3), judged), "last_bp": rate(by_run(None), judged),
        "final_yield_bp": rate(counts["passed"] + counts["done"], len(ended)),
        "retest_bp": rate(sum(1 for tries in attempts if len(tries) >= 2), judged)}
    return counts, rates


def was_relayed(facts):
    passes = [fact for fact in facts if fact.kind == "run" and fact.outcome == "pass"]
    return bool(passes) and passes[-1].activation == "relay"


def step_yields(attempts):
    firsts = [tries[0] for tries in attempts if tries]
    rows = []
    for name in STEPS:
        seen = [[ok for step, _, _, ok in run.steps if step == name] for run in firsts]
        seen = [all(oks) for oks in seen if oks]
        if seen:
            rows.append({"step": name, "entered": len(seen), "ok": sum(seen), "yield_bp": rate(sum(seen), len(seen))})
    return rows


def hours(ended, span, plan):
    good = {}
    for facts in ended:
        if last_state(facts).state in GOOD:
            hour = conclusion(facts).time // HOUR
            good[hour] = good.get(hour, 0) + 1
    if span:
        first, last = span[0] // HOUR, max(span[0], span[1] - 1) // HOUR
    elif good:
        first, last = min(good), max(good)
    else:
        return []
    return [
        {"hour": hour_text(hour), "good": good.get(hour, 0), "plan": plan}
        for hour in range(min([first, *good]), max([last, *good]) + 1)]


def cycle(runs):
    times = {name: [] for name in [*STEPS, "total"]}
    for run in runs:
        for step, _, duration, ok in run.steps:
            if ok:
                times[step].append(duration)
        if is_good(run) and run.steps:
            times["total"].append(total(run))
    return [
        {
            "step": name, "n": len(values), "min_ms": min(values), "median_ms": ranked(values, 0.5),
            "p95_ms": ranked(values, 0.95), "max_ms": max(values)}
        for name, values in times.items() if values]


def by_slot(runs):
    slots = {}
    for run in runs:
        slots.setdefault(run.slot or "–", []).append(run)
    return [
        {
            "slot": slot, "runs": len(slots[slot]), "good": sum(map(is_good, slots[slot])),
            "failed": sum(run.outcome == "fail" for run in slots[slot]),
            "held": sum(run.outcome == "held" for run in slots[slot]),
            "interrupted": sum(run.outcome == "interrupted" for run in slots[slot]),
            "median_total_ms": ranked([total(run) for run in slots[slot] if is_good(run) and run.steps], 0.5)}
        for slot in slot_order(slots)]


def pareto(runs, key):
    tally = {}
    for run in runs:
        if run.outcome == "fail" or (run.outcome == "held" and run.code):
            name = getattr(run, key) or "–"
            tally[name] = tally.get(name, 0) + 1
    rows, sum_so_far, whole = [], 0, sum(tally.values())
    for name, number in sorted(tally.items(), key=lambda item: (-item[1], item[0].encode())):
        sum_so_far += number
        rows.append({"key": name, "count": number, "cumulative_bp": rate(sum_so_far, whole)})
    return rows


def adjustments(journal, scope, cut):
    """Units of the scope whose state was changed by facts after the cut, by unit."""
    rows = []
    for unit, facts in sorted(journal.units.items()):
        before = [fact for fact in facts if fact.seq <= cut]
        if len(before) == len(facts):
            continue
        claim, end = first_claim(before), conclusion(before)
        if not ((claim and scope.entered(claim)) or (end and scope.concluded(before, end))):
            continue
        was, now = last_state(before), last_state(facts)
        if was.state != now.state:
            rows.append((unit, was.state, now))
    return rows
