"""The line's events: none lost, none doubled, and a page that knows when it shows the past."""

import json
import random
import threading
import time
import urllib.request

import scenes
from checks import check, equal
from wire import Wire


def picture(browser):
    return browser.run("return JSON.parse(JSON.stringify(station.line.picture))")


def state(base):
    found = json.load(urllib.request.urlopen(base + "/api/v1/state"))
    found["orders"] = [one for one in found["orders"] if one["state"] != "closed"]
    return {key: found[key] for key in ("slots", "orders", "health", "notices", "tray")}


def by_name(found):
    """The same, whatever order slots, orders and health came in."""
    return {
        "slots": {one["slot"]: one for one in found["slots"]},
        "orders": {one["order"]: one for one in found["orders"]},
        "health": {one["key"]: one for one in found["health"]},
        "notices": found["notices"],
        "tray": found["tray"],
    }


def same_as_fresh(bench, base, page_base):
    """Waits until page and station say the same, then compares with a page loaded afresh."""
    browser = bench.browser
    try:
        browser.until(
            lambda: by_name(picture(browser)) == by_name(state(base)), "the page shows what the station says", 15
        )
    except AssertionError:
        equal(by_name(picture(browser)), by_name(state(base)), "state of the page")
    words = [[one["slot"], one["word"]] for one in state(base)["slots"]]

    def cards():
        return browser.run(
            "return [...document.querySelectorAll('.slot')].map((slot) => [slot.dataset.slot, slot.dataset.word])"
        )

    # What the page knows is drawn with the next frame.
    try:
        browser.until(lambda: cards() == words, "the cards say what the page knows", 15)
    except AssertionError:
        equal(cards(), words, "words on the cards")


class Busy:
    """A line that changes all the time."""

    def __init__(self, server, pause=0.004):
        self.server, self.pause, self.runs = server, pause, True
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()
        self.count = 0

    def work(self):
        number = 0
        while self.runs:
            number += 1
            slots = self.server.line.snapshot["slots"]
            one = dict(random.choice(slots))
            if random.random() < 0.2:
                one = scenes.slot(one["slot"], random.choice(["EMPTY", "BUSY", "PASS", "FAIL", "HOLD", "DONE"]))
            one["seconds_left"] = random.randrange(100)
            self.server.line.publish("slot", one)
            if number % 40 == 0:
                self.server.line.publish(
                    "notice", {"time": scenes.at(), "zh": f"第 {number} 条", "en": f"number {number}"}
                )
            if number % 90 == 0:
                self.server.line.publish("tray", [{"unit": f"u{number}", "code": "CL-101", "since": scenes.at()}])
            self.count = number
            time.sleep(self.pause)

    def stop(self):
        self.runs = False
        self.thread.join()


@check(needs_server=True)
def the_page_ends_in_the_state_of_a_fresh_load_after_100_cuts(bench):
    server = bench.start(16, "mixed")
    wire = Wire(server.url)
    bench.wires.append(wire)
    browser = bench.browser
    browser.open(wire.url)
    browser.wait_live()
    # Every event the page takes, as it takes it: a doubled one would be seen here.
    browser.run("""
        globalThis.taken = [];
        const take = station.line.take.bind(station.line);
        station.line.take = (event, data) => {
            if (event === 'notice') taken.push(data.en);
            if (event === 'snapshot') taken.push(...data.notices.map(({ en }) => en).filter((en) => !taken.includes(en)));
            return take(event, data);
        };
    """)
    busy = Busy(server)
    cuts = 0
    while cuts < 100:
        time.sleep(random.uniform(0.01, 0.25))
        if wire.cut():
            cuts += 1
    busy.stop()
    same_as_fresh(bench, server.url, wire.url)
    taken = browser.run("return taken")
    equal(len(taken), len(set(taken)), "notices taken once")
    numbers = [int(one.split()[1]) for one in taken if one.startswith("number ")]
    equal(numbers, sorted(numbers), "notices in their order")
    equal(numbers, list(range(40, busy.count + 1, 40)), "every notice of the whole time")
    bench.note(f"{cuts} cuts, {busy.count} events, {browser.run('return station.feed.connections')} connections")


@check()
def a_station_that_is_cut_off_100_times_ends_in_the_same_state(bench):
    """The same at whatever station is given, with its own events."""
    wire = Wire(bench.base)
    bench.wires.append(wire)
    browser = bench.browser
    browser.open(wire.url)
    browser.wait_live()
    for _ in range(100):
        browser.until(lambda: wire.pairs, "the page connects again", 10)
        time.sleep(random.uniform(0.005, 0.1))
        wire.cut()
    browser.until(lambda: browser.run("return !station.feed.isStale"), "the page is live again", 15)
    same_as_fresh(bench, bench.base, wire.url)


@check(needs_server=True)
def a_restarted_station_and_a_page_that_is_too_late_get_a_snapshot(bench):
    server = bench.start(8, "mixed")
    wire = Wire(server.url)
    bench.wires.append(wire)
    browser = bench.browser
    browser.open(wire.url)
    browser.wait_live()
    server.line.restart()
    server.line.publish("slot", scenes.slot(1, "FAIL"))
    wire.cut()
    same_as_fresh(bench, server.url, wire.url)
    wire.freeze()
    server.line.kept = 5
    for number in range(40):
        server.line.publish("slot", scenes.slot(number % 8 + 1, "BUSY", done=number))
    wire.cut()
    wire.thaw()
    same_as_fresh(bench, server.url, wire.url)


@check()
def a_silent_page_says_so_within_10_seconds_and_comes_back(bench):
    wire = Wire(bench.base)
    bench.wires.append(wire)
    browser = bench.browser
    browser.open(wire.url, "zh")
    browser.wait_live()
    began = time.monotonic()
    wire.freeze()
    browser.until(
        lambda: browser.run("return !document.getElementById('stale').hidden"), "the page says that it is offline", 13
    )
    took = time.monotonic() - began
    assert 7 <= took <= 12.5, f"expected 8 s after the last byte, which is at most 3 s old; it took {took:.1f} s"
    equal(browser.text("#stale strong"), "已断开", "word")
    faded = browser.run("return Number(getComputedStyle(document.querySelector('main')).opacity)")
    assert faded <= 0.4, f"the page is faded to {faded}"
    time.sleep(3)
    wire.thaw()
    wire.cut()
    browser.until(lambda: browser.run("return document.getElementById('stale').hidden"), "the page is live again", 8)
    bench.note(f"told after {took:.1f} s")


@check(needs_server=True)
def a_quiet_line_is_not_stale(bench):
    server = bench.start(4, "empty")
    browser = bench.browser
    browser.open(server.url)
    browser.wait_live()
    time.sleep(10)
    assert browser.run("return document.getElementById('stale').hidden"), "beats alone keep the page alive"
    equal(browser.run("return station.feed.connections"), 1, "connections")


@check()
def the_parser_gives_the_same_events_wherever_the_stream_is_cut(bench):
    bench.browser.open(bench.base)
    bench.browser.module("""
        const { EventParser } = await load('feed');
        const text = ': beat\\n\\nid: e-1\\nevent: slot\\ndata: {"a":1}\\n\\n\\r\\nid:e-2\\r\\ndata: 一\\r\\ndata: 二\\r\\n\\r\\n: x\\n\\nevent: tray\\rdata\\r\\rid: e-3\\ndata: end\\n\\n';
        const whole = JSON.stringify(new EventParser().push(text));
        if (JSON.parse(whole).length !== 4) throw new Error(`four events were expected: ${whole}`);
        for (let first = 0; first <= text.length; first += 1) {
            for (let second = first; second <= text.length; second += 1) {
                const parser = new EventParser();
                const found = [text.slice(0, first), text.slice(first, second), text.slice(second)].flatMap((piece) => parser.push(piece));
                if (JSON.stringify(found) !== whole) throw new Error(`cut at ${first} and ${second}: ${JSON.stringify(found)}`);
            }
        }
        done(true);
    """)


@check()
def a_cursor_takes_each_number_once_and_sees_gaps(bench):
    bench.browser.open(bench.base)
    found = bench.browser.module("""
        const { Cursor } = await load('feed');
        const cursor = new Cursor();
        cursor.last = 'a-b-7';
        const ask = (id, event = 'slot') => cursor.judge({ id, event });
        done([ask('a-b-8'), ask('a-b-7'), ask('a-b-3'), ask('a-b-9'), ask('c-8'), ask(null), ask('c-1', 'snapshot'), ask('a-b-1', 'snapshot')]);
    """)
    equal(found, ["new", "seen", "seen", "gap", "gap", "gap", "new", "new"], "answers")
