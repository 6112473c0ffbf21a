"""Scans: told from typing by their pace, none lost, none doubled, in their order."""

import threading
import time

import scenes
from checks import check, equal
from keyboard import Keyboard


def idle_scan(browser, server, count):
    browser.until(lambda: len(server.scans) >= count, f"{count} scans have come", 20)
    browser.until(lambda: browser.run("return station.outbox.waiting") == 0, "nothing waits", 20)


def ready(bench, count=8, scene="empty", person="leader"):
    server = bench.start(count, scene, person)
    bench.browser.open(server.url, "zh")
    bench.browser.wait_live()
    keyboard = Keyboard(bench.browser.driver)
    bench.wires.append(keyboard)
    return server, keyboard


class Redraw:
    """Every slot changes ten times a second."""

    def __init__(self, server, hertz=10):
        self.server, self.pause, self.runs, self.count = server, 1 / hertz, True, 0
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        turn = 0
        words = ["BUSY", "BUSY", "BUSY", "PASS", "FAIL", "HOLD", "EMPTY"]
        while self.runs:
            turn += 1
            for one in list(self.server.line.snapshot["slots"]):
                word = words[(turn // 5 + int(one["slot"])) % len(words)]
                self.server.line.publish(
                    "slot",
                    (
                        scenes.slot(one["slot"], word, done=turn * 1000, total=1_000_000)
                        if word == "BUSY"
                        else scenes.slot(one["slot"], word)
                    ),
                )
                self.count += 1
            time.sleep(self.pause)

    def stop(self):
        self.runs = False
        self.thread.join()


def torture(bench, lose=0.0):
    server, keyboard = ready(bench, 32, "busy")
    server.lose = lose
    redraw = Redraw(server)
    texts = [f"A4CF12{number:06X}" + ("\x1d21X" if number % 7 == 0 else "") for number in range(30)]
    began = time.monotonic()
    for number, text in enumerate(texts):
        # One scan each 100 ms, whatever the keys of the last one took.
        time.sleep(max(0, began + number * 0.1 - time.monotonic()))
        keyboard.scan(text, gap=0.002)
    took = time.monotonic() - began
    keyboard.settle()
    idle_scan(bench.browser, server, len(texts))
    redraw.stop()
    equal(server.scans, texts, "scans at the station")
    assert took < 3.6, f"30 scans took {took:.1f} s to type"
    bench.note(f"30 scans in {took:.1f} s beside {redraw.count} slot events")
    return server


@check(needs_server=True)
def thirty_scans_in_three_seconds_while_32_slots_redraw_are_all_taken_in_order(bench):
    torture(bench)


@check(needs_server=True)
def the_same_with_one_answer_in_four_lost_on_the_way(bench):
    server = torture(bench, lose=0.25)
    sent = sum(1 for method, path, _ in server.calls if path.endswith("/scans"))
    bench.note(f"{sent} requests for {len(server.scans)} scans")
    assert sent > len(server.scans), "nothing was lost: the check checked nothing"


@check()
def thirty_scans_at_the_given_station_are_each_answered_once_in_order(bench):
    """At whatever station is given: labels of no board, so that nothing is set going."""
    browser = bench.browser
    browser.open(bench.base)
    browser.wait_live()
    browser.run("""
        globalThis.sent = [];
        const fetch = globalThis.fetch;
        globalThis.fetch = async (url, options) => {
            const answer = await fetch(url, options);
            if (String(url).endsWith('/scans')) sent.push([JSON.parse(options.body).text, answer.status]);
            return answer;
        };
    """)
    keyboard = Keyboard(browser.driver)
    bench.wires.append(keyboard)
    texts = [f"TORTURE-{number:04}" for number in range(30)]
    for text in texts:
        keyboard.scan(text, gap=0.003)
        time.sleep(0.04)
    keyboard.settle()
    browser.until(
        lambda: browser.run("return sent.length") >= 30 and browser.run("return station.outbox.waiting") == 0,
        "30 scans are answered",
        30,
    )
    found = browser.run("return sent")
    answered = [text for text, status in found if status != 429]
    equal(answered, texts, "scans that were sent")
    assert all(status in (200, 401, 429) for _, status in found), f"answers: {sorted({status for _, status in found})}"


@check(needs_server=True)
def what_a_scan_wrote_into_a_field_is_taken_out_and_typing_stays(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    browser.click("#commands")
    browser.run("document.querySelector('[name=label]').focus()")
    keyboard.type("ab")
    time.sleep(0.1)
    keyboard.scan("A4CF124B0004", gap=0.004)
    keyboard.settle()
    idle_scan(browser, server, 1)
    keyboard.type("c")
    keyboard.settle()
    equal(server.scans, ["A4CF124B0004"], "scans")
    equal(browser.run("return document.querySelector('[name=label]').value"), "abc", "typed text")


@check(needs_server=True)
def an_input_method_hides_no_scan(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    browser.click("#commands")
    browser.run("document.querySelector('[name=label]').focus()")
    keyboard.scan("PS1:CMD:OK", gap=0.004, composing=True)
    keyboard.settle()
    idle_scan(browser, server, 1)
    equal(server.scans, ["PS1:CMD:OK"], "scans")


@check(needs_server=True)
def the_enter_of_a_scan_presses_no_button_that_has_the_focus(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    for css in ("#commands", "#person", "[data-slot='3'] .card", "#menu"):
        browser.run("document.querySelector(arguments[0]).focus()", css)
        keyboard.scan("A B 12345", gap=0.004)
        keyboard.settle()
    idle_scan(browser, server, 4)
    equal(server.scans, ["A B 12345"] * 4, "scans")
    equal(browser.run("return document.querySelectorAll('dialog').length"), 0, "dialogs")


@check(needs_server=True)
def scanners_without_enter_with_tab_and_with_group_separators_are_read(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    keyboard.scan("A4CF124B0001", end=None)
    keyboard.settle()
    idle_scan(browser, server, 1)
    time.sleep(0.3)
    keyboard.scan("A4CF124B0002", end="Tab")
    keyboard.settle()
    idle_scan(browser, server, 2)
    keyboard.scan("\x1d0106901234567892\x1d21SN-1")
    keyboard.settle()
    idle_scan(browser, server, 3)
    equal(server.scans, ["A4CF124B0001", "A4CF124B0002", "\x1d0106901234567892\x1d21SN-1"], "scans")


@check(needs_server=True)
def a_busy_page_splits_no_scan(bench):
    """Keys that wait while the page draws come late; their own time stamps tell that they came in time."""
    server, keyboard = ready(bench)
    browser = bench.browser
    browser.run(
        "globalThis.burn = setInterval(() => { const end = performance.now() + 180; while (performance.now() < end); }, 200)"
    )
    for number in range(5):
        keyboard.scan(f"A4CF124B100{number}", gap=0.008)
        time.sleep(0.05)
    keyboard.settle()
    browser.run("clearInterval(burn)")
    idle_scan(browser, server, 5)
    equal(server.scans, [f"A4CF124B100{number}" for number in range(5)], "scans")


@check(needs_server=True)
def fast_typing_is_no_scan(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    browser.click("#commands")
    browser.run("document.querySelector('[name=label]').focus()")
    keyboard.type("label", gap=0.055)
    time.sleep(0.3)
    keyboard.settle()
    equal(browser.run("return document.querySelector('[name=label]').value"), "label", "typed text")
    equal(server.scans, [], "scans")


@check(needs_server=True)
def a_scan_that_met_no_answer_for_a_minute_is_void_and_said_so(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    server.lose = 2.0
    browser.module("const { Outbox } = await load('outbox'); Outbox.shelfLife = 1500; done(true);")
    keyboard.scan("PS1:CMD:OK")
    keyboard.settle()
    browser.until(
        lambda: browser.run("return document.getElementById('scan').dataset.result") == "wrong",
        "the scan is said to be void",
        10,
    )
    assert "重扫" in browser.text("#scan-text"), browser.text("#scan-text")
    equal(browser.run("return station.outbox.waiting"), 0, "waiting scans")


@check()
def the_burst_reader_tells_a_scanner_from_a_person(bench):
    bench.browser.open(bench.base)
    bench.browser.module("""
        const { BurstReader, character } = await load('scanner');
        const feed = (reader, keys) => {
            const out = [];
            let time = 0;
            for (const [key, gap] of keys) {
                time += gap;
                out.push(reader.key(key.length === 1 ? key : null, key, time));
            }
            return { out, time };
        };
        const keys = (text, gap) => [...text].map((char) => [char, gap]);
        const same = (found, wanted, what) => {
            if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(found)}`);
        };
        same(feed(new BurstReader(), [...keys('ABCDE', 5), ['Enter', 5]]).out, ['first', 'pass', 'pass', 'turn', 'take', { scan: 'ABCDE' }], 'burst');
        same(feed(new BurstReader(), [...keys('ABCDE', 80), ['Enter', 80]]).out, ['first', 'first', 'first', 'first', 'first', 'pass'], 'typing');
        same(feed(new BurstReader(), [...keys('abc', 30), ['Enter', 30]]).out, ['first', 'pass', 'pass', 'pass'], 'three keys rolled over');
        same(feed(new BurstReader(), [...keys('ABCD', 5), ['E', 120], ['F', 5], ['Enter', 5]]).out.at(-1), { scan: 'ABCDEF' }, 'one stall');
        same(feed(new BurstReader(), [...keys('abcd', 20), ['e', 90], ['f', 90], ['g', 90]]).out.at(-1), { typed: 'abcdefg' }, 'a person after all');
        const nowhere = new BurstReader();
        let at = 0;
        const out = [['P', 0], ['S', 120], ['1', 5], ['A', 5], ['B', 5], ['C', 90], ['D', 90], ['E', 90], ['Enter', 5]].map(([key, gap]) => nowhere.key(key.length === 1 ? key : null, key, at += gap, false));
        same(out, ['first', 'pass', 'pass', 'pass', 'turn', 'take', 'take', 'take', { scan: 'PS1ABCDE' }], 'a stalled burst where nobody types');
        const quiet = new BurstReader();
        const { time } = feed(quiet, keys('ABCDEF', 5));
        same(quiet.silence(time + 100), null, 'too early');
        same(quiet.silence(time + 160), { scan: 'ABCDEF' }, 'silence ends it');
        same(quiet.key(null, 'Enter', time + 200), 'take', 'its late Enter is nobody\\'s');
        const short = new BurstReader();
        same(short.silence(feed(short, keys('ABCD', 5)).time + 200), { typed: 'ABCD' }, 'too short without Enter');
        const event = (key, code, more = {}) => ({ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, getModifierState: () => more.caps ?? false, ...more });
        same([event('a', 'KeyA'), event('A', 'KeyA', { caps: true }), event('a', 'KeyA', { caps: true, shiftKey: true }), event(']', 'BracketRight', { ctrlKey: true }),
            event('Process', 'Digit2', { shiftKey: true }), event('Process', 'Semicolon', { shiftKey: true }), event('Process', 'KeyQ'), event('F2', 'F2'), event('c', 'KeyC', { ctrlKey: true })]
            .map(character), ['a', 'a', 'A', '\\x1d', '@', ':', 'q', null, null], 'characters');
        done(true);
    """)
