"""A real station is set up from the page alone: first start, people, release, order; then one board passes.

`shift.py` works a whole shift at such a station.
"""

import os

from checks import Skipped, check, equal
from check_work import press_pin
from floor import PRODUCT, Floor
from keyboard import Keyboard

PINS = {"ENGINEER-01": "730195826401", "LEADER-0002": "640285917302", "OPERATOR-03": "520376918403"}
NAMES = {"ENGINEER-01": "陈工", "LEADER-0002": "李秀英", "OPERATOR-03": "王小明"}
BOARD = ("6055F9100004", "01" + "A5C3" * 7 + "00")

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
    """One person after the other at the page of one station."""

    def __init__(self, bench, floor):
        self.bench, self.floor, self.browser = bench, floor, bench.browser
        self.keyboard = None
        self.pictures = 0

    def picture(self, name):
        if not self.bench.shots:
            return
        os.makedirs(self.bench.shots, exist_ok=True)
        self.pictures += 1
        self.browser.driver.save_screenshot(os.path.join(self.bench.shots, f"setup-{self.pictures:02}-{name}.png"))

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
def a_real_station_is_set_up_from_its_page_and_a_board_passes(bench):
    if not bench.program:
        raise Skipped("no --station was given")
    floor = Floor(bench.program, bench.home, ["1", "2"], [BOARD])
    bench.wires.append(floor)
    shift = Shift(bench, floor)
    prepare(shift)
    open_order(shift)
    one_board(shift)
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
    shift.scan(BOARD[0], "wrong")
    shift.scan("PS1:CMD:OK", "ok")
    shift.browser.until(lambda: shift.order()["state"] == "open", "the order is open", 30)


def one_board(shift):
    """The first article, which the leader confirms."""
    browser = shift.browser
    browser.until(lambda: "首件" in browser.text("#banners"), "the banner of the first article")
    shift.floor.hand("1", "place 1")
    browser.until(lambda: "首件已合格" in browser.text("#banners"), "the leader is called", 60)
    shift.picture("first-article")
    shift.scan("PS1:ORDER:WO-0001", "ask")
    shift.scan("PS1:CMD:OK", "ok")
    browser.until(lambda: "首件" not in browser.text("#banners"), "every slot works", 20)
    shift.floor.hand("1", "remove")


def end(shift):
    """The shift ends by two cards; nobody is signed in, and no badge or PIN lies in any file."""
    browser, floor = shift.browser, shift.floor
    shift.scan("PS1:CMD:END-SHIFT", "ask")
    shift.scan("PS1:CMD:OK", "ok")
    browser.until(lambda: browser.text("#person b") == "登录", "nobody is signed in", 30)
    shift.picture("end")
    shift.browser.until(lambda: shift.order()["passed"] == 1, "the board has passed", 20)
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
