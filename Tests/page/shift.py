"""A whole shift at a real station, by scans alone: boards are placed and taken by a fixture's control sockets, everything
else comes from a keyboard-wedge scanner and a PIN.

    python3 Tests/page/shift.py --base URL --plan FILE --shots DIR < one-time-code

The plan names the order, the slots' control sockets and the boards: see Tests/StationTests/Page/ShiftTests.swift. The code of
the first start is read from standard input. Ends with 0 when the shift went as it should.
"""

import argparse
import json
import pathlib
import socket
import sys
import time
import urllib.request

from browser import SIZES, launch
from keyboard import Keyboard

PEOPLE = {
    "engineer": ("陈工", "ENG-00000001", "583104"),
    "operator": ("王小明", "OPR-00000001", "583105"),
    "leader": ("李秀英", "LDR-00000001", "583106"),
    "second": ("赵强", "LDR-00000002", "583107"),
}


class Fixture:
    """Places boards and takes them, one slot each."""

    def __init__(self, address):
        host, _, port = address.removeprefix("socket://").rpartition(":")
        self.address = (host, int(port))

    def tell(self, line):
        with socket.create_connection(self.address, timeout=10) as wire:
            wire.sendall(line.encode() + b"\n")
            answer = wire.makefile().readline().strip()
        if answer != "ok":
            raise AssertionError(f"fixture: {line}: {answer}")


class Shift:
    def __init__(self, browser, base, plan, shots):
        self.browser, self.base, self.plan = browser, base.rstrip("/"), plan
        self.shots = pathlib.Path(shots) if shots else None
        self.fixtures = {name: Fixture(address) for name, address in plan["slots"].items()}
        self.keyboard = None
        self.number = 0

    # Seeing

    def state(self):
        return json.load(urllib.request.urlopen(self.base + "/api/v1/state", timeout=10))

    def slot(self, name):
        return next(one for one in self.state()["slots"] if one["slot"] == name)

    def wait_word(self, name, words, seconds=90):
        words = {words} if isinstance(words, str) else words
        found = self.browser.until(
            lambda: (lambda one: one if one["word"] in words else None)(self.slot(name)),
            f"slot {name} is {words}; it is {self.slot(name)}",
            seconds,
        )
        # The page shows what the station says.
        self.browser.until(
            lambda: self.browser.run(
                "return document.querySelector(`[data-slot='${arguments[0]}']`)?.dataset.word", name
            )
            == found["word"],
            f"the card of {name} says {found['word']}",
        )
        return found

    def says(self, text, result=None, seconds=15):
        """Waits until the scan bar says something."""

        def holds():
            return text in self.browser.text("#scan-text") and (
                result is None or self.browser.run("return document.getElementById('scan').dataset.result") == result
            )

        self.browser.until(
            holds, f"the scan bar says {text!r} ({result}); it says {self.browser.text('#scan-text')!r}", seconds
        )

    def shot(self, name):
        """Pictures in both sizes and languages."""
        if not self.shots:
            return
        self.number += 1
        self.shots.mkdir(parents=True, exist_ok=True)
        for size, (width, height) in SIZES.items():
            self.browser.look(width, height)
            for language in ("zh", "en"):
                self.browser.driver.save_screenshot(str(self.shots / f"{self.number:02}-{name}-{size}-{language}.png"))
                # Also under a dialog.
                self.browser.run("document.getElementById('language').click()")
                time.sleep(0.1)
        self.browser.look()

    # Doing

    def scan(self, text):
        self.keyboard.scan(text)
        self.keyboard.settle()

    def card(self, command):
        self.scan(f"PS1:CMD:{command}")

    def at_page(self, path="/"):
        self.browser.open(self.base + path, "zh")
        if path == "/":
            self.browser.wait_live()
        if self.keyboard:
            self.keyboard.close()
        self.keyboard = Keyboard(self.browser.driver)

    def pin(self, who):
        self.browser.until(lambda: self.browser.all("dialog[open] .keys"), "the PIN pad is there")
        self.keyboard.type(PEOPLE[who][2], gap=0.07)
        self.keyboard.end()
        self.keyboard.settle()

    def sign_in(self, who):
        name, badge, _ = PEOPLE[who]
        self.scan(f"PS1:BADGE:{badge}")
        self.pin(who)
        self.browser.until(lambda: self.browser.text("#person b") == name, f"{name} is signed in")

    def place(self, name, board):
        self.fixtures[name].tell(f"place {board}")

    def take(self, name):
        self.fixtures[name].tell("remove")
        self.wait_word(name, "EMPTY", 20)

    def make(self, name, board, word="PASS"):
        self.place(name, board)
        return self.wait_word(name, word)

    def call(self, method, path, body=None):
        """The API with the page's own session."""
        return self.browser.module(
            """
            const session = await (await fetch('/api/v1/session')).json();
            const reply = await fetch('/api/v1' + arguments[1], {
                method: arguments[0], headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf ?? '' },
                body: arguments[2] === null ? undefined : JSON.stringify(arguments[2]) });
            const text = await reply.text();
            done({ status: reply.status, body: text ? JSON.parse(text) : null });
            """,
            method,
            path,
            body,
        )

    def act(self, unit, action, identity=None, second=None):
        """A workflow on a unit's page: its button, the first reason, and a second person where one is needed."""
        self.at_page(f"/unit/{unit}")
        self.browser.click(f"[data-action={action}]")
        self.browser.click("dialog[open] .choice input")
        if identity:
            field = "dialog[open] [name=identity]"
            self.browser.until(lambda: self.browser.all(field), "a field for the other board")
            self.browser.click(field)
            self.keyboard.scan(identity, end=None) if False else self.keyboard.type(identity, gap=0.06)
            self.keyboard.settle()
        if second:
            self.browser.click("dialog[open] [name=destroyed]")
            self.scan(f"PS1:BADGE:{PEOPLE[second][1]}")
            self.browser.until(
                lambda: self.browser.run("return document.querySelector('[name=second_badge]').value")
                == PEOPLE[second][1],
                "the badge is taken",
            )
            self.keyboard.type(PEOPLE[second][2], gap=0.06)
            self.keyboard.settle()
        self.shot(f"unit-{action}")
        self.browser.click("dialog[open] [type=submit]")
        self.browser.until(
            lambda: not self.browser.all("dialog[open]"),
            f"{action} was taken: {self.browser.text('dialog[open] .refusal')}",
            20,
        )

    # The shift

    def first_start(self, code):
        name, badge, pin = PEOPLE["engineer"]
        self.at_page()
        self.browser.click("#person")
        self.browser.until(lambda: self.browser.all("dialog[open] [name=code]"), "the first start is offered")
        self.shot("first-start")
        for field, value in (("code", code), ("name", name), ("badge", badge), ("pin", pin), ("again", pin)):
            self.browser.run(
                "document.querySelector(`dialog[open] [name=${arguments[0]}]`).value = arguments[1]", field, value
            )
        self.browser.click("dialog[open] [type=submit]")
        self.browser.until(lambda: self.browser.text("#person b") == name, "the engineer is signed in")
        for who, role in (("operator", "operator"), ("leader", "leader"), ("second", "leader")):
            person, its_badge, its_pin = PEOPLE[who]
            made = self.call("POST", "/people", {"name": person, "role": role, "badge": its_badge, "pin": its_pin})
            assert made["status"] in (200, 201), made
        self.end_shift()

    def end_shift(self):
        self.card("END-SHIFT")
        self.says("OK")
        self.card("OK")
        self.browser.until(lambda: self.browser.text("#person b") == "登录", "nobody is signed in")

    def run(self, code):
        plan, boards = self.plan, self.plan["boards"]
        slots = list(self.fixtures)
        self.first_start(code)

        # The leader opens the order by its card.
        self.sign_in("leader")
        self.scan(f"PS1:ORDER:{plan['order']}")
        self.says("OK", "ask")
        self.shot("open-order")
        self.card("OK")
        self.browser.until(lambda: self.state()["orders"][0]["state"] == "open", "the order is open")

        # First article: one slot works, the other waits for the leader's look.
        self.place(slots[0], boards[0]["id"])
        self.place(slots[1], boards[1]["id"])
        first, second = (slots[0], slots[1])
        found = self.browser.until(
            lambda: next((name for name in slots[:2] if self.slot(name)["word"] == "PASS"), None),
            "one of the two passes",
            60,
        )
        other = second if found == first else first
        assert self.slot(other)["word"] == "READY", self.slot(other)
        self.browser.until(
            lambda: self.state()["orders"][0]["first_article"] != "wanted", "the first article has passed"
        )
        self.shot("first-article")
        self.scan(f"PS1:ORDER:{plan['order']}")
        self.says("OK", "ask")
        self.card("OK")
        self.wait_word(other, "PASS")
        self.shot("two-passed")
        self.end_shift()

        # The operator makes the rest.
        self.sign_in("operator")
        for name in slots[:2]:
            self.take(name)
        todo = boards[2:]
        self.scan(todo[0]["name"])
        self.says("放入空工位", "ok")
        while todo:
            batch, todo = todo[: len(slots)], todo[len(slots) :]
            for name, board in zip(slots, batch):
                self.place(name, plan["faulty"] if board["id"] == plan["failing"] else board["id"])
            for name, board in zip(slots, batch):
                self.wait_word(name, "FAIL" if board["id"] == plan["failing"] else "PASS")
            self.shot("batch")
            for name, board in zip(slots, batch):
                self.take(name)

        # A second board under the first one's identity is held, nothing is written to it.
        duplicate = self.make(slots[0], plan["duplicate"], "HOLD")
        assert duplicate["code"] == "CL-101", duplicate
        self.shot("duplicate")
        self.take(slots[0])
        # A wrong scan advances nothing.
        self.scan("PS1:ORDER:WO-9999")
        self.says("WO-9999", "wrong")
        self.shot("wrong-scan")
        self.end_shift()

        # The failed one: the leader's scan offers to write it again.
        self.sign_in("leader")
        failing = next(one for one in boards if one["id"] == plan["failing"])
        self.scan(failing["name"])
        self.says("OK", "ask")
        self.shot("re-flash")
        self.card("OK")
        self.says("重新烧录")
        self.make(slots[0], failing["id"])
        self.take(slots[0])

        # A board that lost its secret is reset, and activated anew.
        self.act(boards[2]["name"], "reset")
        self.at_page()
        self.make(slots[0], boards[2]["id"])
        self.take(slots[0])

        # A dead one is replaced; two people sign that it is destroyed.
        self.act(boards[3]["name"], "replace", identity=plan["spare"]["name"], second="second")
        self.at_page()
        self.make(slots[0], plan["spare"]["id"])
        self.scan(boards[3]["name"])
        self.says("CL-106", "wrong")
        self.take(slots[0])
        self.at_page(f"/unit/{boards[2]['name']}")
        self.browser.until(lambda: boards[2]["name"] in self.browser.text("#main"), "the unit's life is shown")
        self.shot("unit")
        self.at_page("/orders")
        self.browser.until(lambda: plan["order"] in self.browser.text("#main"), "the order is listed")
        self.shot("orders")
        self.at_page()
        self.shot("end")
        figures = self.state()["orders"][0]
        self.end_shift()
        self.shot("signed-off")
        complaints = self.browser.complaints()
        assert not complaints, complaints
        return figures


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--base", required=True, help="the page's URL")
    options.add_argument("--plan", required=True, help="JSON file with order, slots and boards")
    options.add_argument("--shots", help="folder for pictures")
    given = options.parse_args()
    browser = launch()
    try:
        plan = json.loads(pathlib.Path(given.plan).read_text())
        shift = Shift(browser, given.base, plan, given.shots)
        try:
            figures = shift.run(sys.stdin.readline().strip())
        except BaseException:
            if given.shots:
                pathlib.Path(given.shots).mkdir(parents=True, exist_ok=True)
                browser.driver.save_screenshot(str(pathlib.Path(given.shots) / "failed.png"))
            raise
        print(json.dumps(figures, ensure_ascii=False))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
