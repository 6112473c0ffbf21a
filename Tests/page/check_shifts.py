"""The shift at the line: header, hand-over, its end by card, and the time between shifts."""

from check_scans import ready
from check_work import last_call
from checks import check, equal


@check(needs_server=True)
def the_header_names_the_shift_and_its_end_and_follows_a_change(bench):
    server, _ = ready(bench)
    browser = bench.browser
    equal(browser.text("#shift span"), "day 至 20:00", "the shift, in its own zone")
    found = dict(server.line.snapshot["shift"])
    found["shift"] = dict(found["shift"], planned_until="2026-11-26T12:30:00.000Z")
    server.line.publish("shift", found)
    browser.until(lambda: browser.text("#shift span") == "day 至 20:30", "the shift is longer")
    server.line.publish("shift", dict(found, shift=None))
    browser.until(lambda: browser.text("#shift span") == "班次之间", "between shifts")
    assert "night 20:00" in browser.text(".banner"), "which shift comes next"
    equal(browser.text("[data-slot='6'] .action-text"), "先不放板", "what an empty slot says")
    equal(browser.text("#scan-text"), "班次之间，先不放板", "what to do")
    server.line.publish("shift", {"is_kept": False, "shift": None, "next": None, "handover": None})
    browser.until(lambda: browser.run("return document.getElementById('shift').hidden"), "no shifts are kept here")
    equal(browser.all(".banner"), [], "banners")


@check(needs_server=True)
def end_shift_by_card_asks_for_the_note_and_the_ok_card_sends_it(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    keyboard.scan("PS1:CMD:END-SHIFT")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] form.note"), "the note is asked for")
    keyboard.type("reel of labels is low")
    keyboard.settle()
    browser.click("dialog[open] form.note .row button", 1)
    keyboard.scan("PS1:CMD:OK")
    keyboard.settle()
    browser.until(lambda: not browser.all("dialog"), "taken")
    equal(
        [body for _, path, body in server.calls if "/asks/" in path],
        [{"badge": None, "pin": None, "reason": "reel of labels is low; 待定盘有板子等工程师"}],
        "the note",
    )
    equal(server.scans, ["PS1:CMD:END-SHIFT"], "scans that went to the station")
    keyboard.scan("PS1:CMD:END-SHIFT")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] form.note"), "asked again")
    keyboard.scan("PS1:CMD:OK")
    keyboard.settle()
    browser.until(lambda: not browser.all("dialog"), "taken without a note")
    equal([body for _, path, body in server.calls if "/asks/" in path][-1]["reason"], None, "no note")
    keyboard.scan("PS1:CMD:END-SHIFT")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] form.note"), "asked a third time")
    keyboard.scan("PS1:CMD:CANCEL")
    keyboard.settle()
    browser.until(lambda: not browser.all("dialog"), "cancelled")
    equal(len([1 for _, path, _ in server.calls if "/asks/" in path]), 2, "notes sent")


@check(needs_server=True)
def the_hand_over_is_shown_when_a_shift_begins_until_it_is_read(bench):
    server = bench.start(8, "handover")
    browser = bench.browser
    browser.open(server.url, "zh")
    browser.run("localStorage.removeItem('handover')")
    browser.open(server.url, "zh")
    browser.wait_live()
    browser.until(lambda: "排线松" in browser.text(".banner"), "the note")
    browser.click(".banner button")
    browser.until(lambda: not browser.all(".banner"), "read")
    browser.driver.refresh()
    browser.wait_live()
    browser.until(lambda: browser.text("#shift span"), "drawn")
    equal(browser.all(".banner"), [], "shown again after it was read")
    browser.click("#shift")
    browser.until(lambda: "排线松" in browser.text("dialog[open] .facts"), "the note stays with the shift")
    browser.run("localStorage.removeItem('handover')")


@check(needs_server=True)
def a_leader_extends_a_shift_and_begins_one_and_an_operator_does_not(bench):
    browser = bench.browser
    server, _ = ready(bench, person="leader")
    browser.click("#shift")
    browser.click("dialog[open] .big", 1)
    browser.until(lambda: browser.all("dialog[open] [name=minutes]"), "the form")
    browser.click("dialog[open] .choice input")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "extended")
    equal(last_call(server, "/shift/extend"), {"minutes": 30, "reason": "赶交期"}, "what was sent")
    server.line.publish("shift", dict(server.line.snapshot["shift"], shift=None))
    browser.until(lambda: browser.text("#shift span") == "班次之间", "between shifts")
    browser.click("#shift")
    browser.click("dialog[open] .big.main")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "begun")
    equal(last_call(server, "/shift/begin"), {"name": None, "minutes": None}, "what was sent")
    server, _ = ready(bench, person="operator")
    browser.click("#shift")
    browser.until(lambda: browser.all("dialog[open] .big"), "the dialog")
    equal([one.text for one in browser.all("dialog[open] .big")], ["交班"], "what an operator can do")
