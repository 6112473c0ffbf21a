"""A whole shift at a real station, with a scanner, a finger for the PIN, and hands that place boards."""

import os

from checks import Skipped, check, equal
from check_work import press_pin
from floor import PRODUCT, Floor
from keyboard import Keyboard

PINS = {"ENGINEER-01": "730195826401", "LEADER-0002": "640285917302", "OPERATOR-03": "520376918403"}
NAMES = {"ENGINEER-01": "陈工", "LEADER-0002": "李秀英", "OPERATOR-03": "王小明"}
SLOTS = [str(number) for number in range(1, 9)]


def mac(number):
    return f"6055F91000{number * 4:02X}"


def uid(number):
    return f"{number:02X}" + "A5C3" * 7 + "00"


# Board 9 carries board 1's address; board 11 takes the place of board 2.
BOARDS = [(mac(number), uid(number)) for number in range(1, 9)] + [
    (mac(1), uid(9)),
    (mac(10), uid(10)),
    (mac(11), uid(11)),
]


# Keeps what the station answers to scans.
ANSWERS = """
    globalThis.answers = [];
    const fetch = globalThis.fetch;
    globalThis.fetch = async (url, options) => {
        const answer = await fetch(url, options);
        if (String(url).endsWith('/scans')) answers.push(await answer.clone().json());
        return answer;
    };
"""


class Shift:
    """One person after the other at the page of one floor."""

    def __init__(self, bench, floor):
        self.bench, self.floor, self.browser = bench, floor, bench.browser
        self.keyboard = None
        self.pictures = 0

    def picture(self, name):
        if not self.bench.shots:
            return
        os.makedirs(self.bench.shots, exist_ok=True)
        self.pictures += 1
        self.browser.driver.save_screenshot(os.path.join(self.bench.shots, f"shift-{self.pictures:02}-{name}.png"))

    def line(self):
        self.browser.open(self.floor.base, "zh")
        self.browser.wait_live()
        self.browser.run(ANSWERS)
        self.listen()

    def listen(self):
        if self.keyboard:
            self.keyboard.close()
        self.keyboard = Keyboard(self.browser.driver)

    def scan(self, text, result):
        """Scans and waits for the station's answer. @returns what the bar then says."""
        before = self.browser.run("return answers.length")
        self.keyboard.scan(text)
        self.keyboard.settle()
        self.browser.until(lambda: self.browser.run("return answers.length") > before, f"an answer to {text[:12]}", 30)
        found = self.browser.run("return answers.at(-1)")
        if found["result"] != result:
            raise AssertionError(f"scan of {text[:12]}: expected {result}, the station says {found}")
        self.browser.until(lambda: self.browser.text("#scan-text") == found["zh"], f"the bar says {found['zh']}")
        return found["zh"]

    def sign_in(self, badge):
        self.keyboard.scan("PS1:BADGE:" + badge)
        self.keyboard.settle()
        self.browser.until(lambda: self.browser.all("dialog[open] .keys"), "the pad is there", 20)
        press_pin(self.browser, PINS[badge])
        self.browser.until(lambda: self.browser.text("#person b") == NAMES[badge], f"{NAMES[badge]} is signed in")
        self.browser.until(lambda: not self.browser.all("dialog"), "the pad is gone")

    def word(self, slot):
        return self.browser.run("return document.querySelector(`[data-slot='${arguments[0]}']`)?.dataset.word", slot)

    def wait(self, slot, *words, seconds=60):
        self.browser.until(
            lambda: self.word(slot) in words, f"slot {slot} shows {' or '.join(words)}, not {self.word(slot)}", seconds
        )

    def place(self, board, slot, *words):
        self.floor.hand(slot, f"place {board}")
        if words:
            self.wait(slot, *words)

    def remove(self, slot):
        self.floor.hand(slot, "remove")
        self.wait(slot, "EMPTY")

    def fill(self, **values):
        for name, value in values.items():
            self.browser.run(
                "const field = document.querySelector(`dialog[open] [name=${arguments[0]}], form [name=${arguments[0]}]`);"
                "field.value = arguments[1]; field.dispatchEvent(new Event('change', { bubbles: true }))",
                name,
                value,
            )

    def order(self):
        """The order as the page has it."""
        return self.browser.run("return station.line.orders.get('WO-0001')")


@check(needs_station=True)
def a_whole_shift_goes_by_scans_at_a_real_station(bench):
    if not bench.program:
        raise Skipped("no --station was given")
    floor = Floor(bench.program, bench.home, SLOTS, BOARDS)
    bench.wires.append(floor)
    shift = Shift(bench, floor)
    prepare(shift)
    open_order(shift)
    first_article(shift)
    boards(shift)
    duplicate(shift)
    fail_and_reflash(shift)
    reset(shift)
    replace(shift)
    end(shift)


def prepare(shift):
    """The engineer: first start, people, release, order."""
    browser, floor = shift.browser, shift.floor
    shift.line()
    browser.until(
        lambda: browser.run("return (async () => (await (await fetch('/api/v1/session')).json()).first_start)()"),
        "first start",
    )
    browser.click("#person")
    browser.until(lambda: browser.all("dialog[open] [name=code]"), "the code is asked for")
    shift.fill(code=floor.code, name="陈工", badge="ENGINEER-01", pin=PINS["ENGINEER-01"], again=PINS["ENGINEER-01"])
    shift.picture("first-start")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: browser.text("#person b") == "陈工", "the engineer is signed in")
    browser.open(floor.base + "/people", "zh")
    for badge, role in (("LEADER-0002", "leader"), ("OPERATOR-03", "operator")):
        browser.click("#new")
        browser.until(lambda: browser.all("dialog[open] [name=role]"), "the form")
        shift.fill(name=NAMES[badge], role=role, badge=badge, pin=PINS[badge], again=PINS[badge])
        browser.click("dialog[open] [type=submit]")
        browser.until(lambda: NAMES[badge] in browser.text("main"), f"{NAMES[badge]} is there")
        browser.until(lambda: not browser.all("dialog"), "the form is gone")
    shift.picture("people")
    browser.open(floor.base + "/releases", "zh")
    browser.until(lambda: browser.all("[name=profile]"), "the import")
    shift.fill(profile="esp32c3", version="1.0.0", device_sdk="c-4.2.0")
    files = [os.path.join(floor.firmware, name) for name in sorted(os.listdir(floor.firmware))]
    browser.all("input[type=file]")[1].send_keys("\n".join(files))
    browser.until(lambda: browser.text("form table").count("需要") == len(files), "every file is taken")
    browser.click("form [type=submit]")
    browser.until(
        lambda: len(browser.all(".finding[data-level=ok]")) >= len(files), "the station's digests are the page's", 30
    )
    shift.picture("release")
    browser.open(floor.base + "/orders", "zh")
    browser.click("#new")
    browser.until(lambda: browser.all("dialog[open] [name=quota]"), "the form")
    shift.fill(product_key=PRODUCT, quota="20")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: browser.all("[data-order='WO-0001']"), "the order is made")
    shift.picture("order")


def open_order(shift):
    """The leader opens the order with two scans; an operator cannot."""
    shift.line()
    shift.sign_in("OPERATOR-03")
    said = shift.scan("PS1:ORDER:WO-0001", "wrong")
    assert "线长" in said, said
    shift.sign_in("LEADER-0002")
    shift.scan("PS1:ORDER:WO-0001", "ask")
    shift.picture("open-order")
    shift.scan(mac(1), "wrong")
    shift.scan("PS1:CMD:OK", "ok")
    shift.browser.until(lambda: shift.order()["state"] == "open", "the order is open", 30)


def first_article(shift):
    browser = shift.browser
    shift.sign_in("OPERATOR-03")
    browser.until(lambda: "首件" in browser.text("#banners"), "the banner of the first article")
    shift.place(1, "1", "PASS")
    browser.until(lambda: "首件已合格" in browser.text("#banners"), "the leader is called", 20)
    shift.picture("first-article")
    shift.sign_in("LEADER-0002")
    shift.scan("PS1:ORDER:WO-0001", "ask")
    shift.scan("PS1:CMD:OK", "ok")
    browser.until(lambda: "首件" not in browser.text("#banners"), "every slot works", 20)
    shift.remove("1")


def boards(shift):
    """Seven more boards side by side."""
    shift.sign_in("OPERATOR-03")
    for number in range(2, 9):
        shift.place(number, SLOTS[number - 2])
    shift.browser.until(lambda: shift.word("1") == "BUSY", "boards run", 20)
    shift.picture("busy")
    for number in range(2, 9):
        shift.wait(SLOTS[number - 2], "PASS", seconds=90)
    shift.picture("pass")
    shift.browser.until(lambda: shift.order()["passed"] == 8, "8 boards have passed", 20)
    for number in range(2, 9):
        shift.remove(SLOTS[number - 2])


def duplicate(shift):
    """Another board with board 1's address goes to the HOLD tray."""
    shift.place(9, "2", "HOLD")
    equal(shift.browser.text("[data-slot='2'] .body .code")[:3], "CL-", "code")
    shift.picture("duplicate")
    shift.remove("2")


def fail_and_reflash(shift):
    """Board 10 is pulled while it runs: it fails, and the leader has it written again by its label."""
    floor = shift.floor
    floor.hand("3", "place 10")
    working = "return ['flash', 'verify', 'boot', 'activate'].includes(station.line.slots.get('3').step)"
    shift.browser.until(lambda: shift.browser.run(working), "board 10 is written", 30)
    floor.hand("3", "remove")
    shift.browser.until(lambda: shift.order()["failed"] == 1, "board 10 has failed", 60)
    shift.picture("failed")
    shift.sign_in("LEADER-0002")
    said = shift.scan(mac(10), "ask")
    assert "重新烧录" in said, said
    shift.picture("reflash")
    shift.scan("PS1:CMD:OK", "ok")
    shift.wait("3", "EMPTY")
    shift.place(10, "3", "PASS")
    shift.remove("3")


def workflow(shift, board, action, second=None, **fields):
    """Scans a board's label, goes to its record, and orders something with a reason."""
    browser = shift.browser
    shift.line()
    shift.scan(mac(board), "ok")
    browser.click("#scan-ask a")
    browser.click(f"[data-action={action}]")
    browser.until(lambda: browser.all("dialog[open] .choice"), "the form")
    shift.listen()
    browser.run("document.querySelector('dialog[open] [name=reason]').click()")
    shift.fill(**fields)
    if second:
        browser.click("dialog[open] [name=destroyed]")
        shift.keyboard.scan("PS1:BADGE:" + second)
        shift.keyboard.settle()
        shift.fill(second_pin=PINS[second])
    shift.picture(action)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog") or browser.text("dialog[open] .refusal"), "it is done", 30)
    refusal = browser.text("dialog[open] .refusal")
    assert not refusal, f"{action} of board {board}: {refusal}"


def reset(shift):
    workflow(shift, 3, "reset")
    shift.line()
    shift.place(3, "4", "PASS")
    shift.remove("4")


def replace(shift):
    """Board 2 is destroyed, a new one takes its place; two people sign."""
    workflow(shift, 2, "replace", second="ENGINEER-01", identity=mac(11))
    browser = shift.browser
    browser.until(lambda: "已被替换" in browser.text("main"), "the unit is replaced", 20)
    shift.picture("replaced")
    shift.line()
    shift.place(11, "5", "PASS")
    shift.remove("5")


def end(shift):
    """The shift ends by two cards; nobody is signed in, and no badge or PIN lies in any file."""
    browser, floor = shift.browser, shift.floor
    shift.line()
    shift.sign_in("OPERATOR-03")
    shift.scan("PS1:CMD:END-SHIFT", "ask")
    shift.scan("PS1:CMD:OK", "ok")
    browser.until(lambda: browser.text("#person b") == "登录", "nobody is signed in", 30)
    shift.picture("end")
    shift.browser.until(
        lambda: (shift.order()["passed"], shift.order()["failed"]) == (9, 0),
        "9 passed, board 11 for board 2; none failed",
        20,
    )
    for folder, _, names in os.walk(floor.data):
        for name in names:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
            except OSError:
                continue
            for badge, pin in PINS.items():
                assert badge.encode() not in content, f"{name} holds a badge"
                assert pin.encode() not in content, f"{name} holds a PIN"
