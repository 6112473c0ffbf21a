"""What people do: sign in, answer questions, and the workflows of the desk's pages."""

import time

from check_scans import ready
from checks import check, equal
from keyboard import Keyboard


def last_call(server, path):
    return next((body for method, found, body in reversed(server.calls) if found == "/api/v1" + path), None)


def press_pin(browser, pin):
    for digit in pin:
        browser.click(f"dialog[open] [data-key='{digit}']")
    browser.click("dialog[open] [data-key='Enter']")


@check(needs_server=True)
def a_badge_and_its_pin_sign_in_and_a_wrong_pin_does_not(bench):
    server, keyboard = ready(bench, person="nobody")
    browser = bench.browser
    equal(browser.text("#scan-text"), "请刷工牌", "what to do")
    keyboard.scan("PS1:BADGE:1001")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] .keys"), "the pad is there")
    press_pin(browser, "1111")
    browser.until(lambda: "不对" in browser.text("dialog[open] .refusal"), "a wrong PIN is refused")
    equal(server.person, None, "signed in")
    # Digits of the keyboard count as well.
    keyboard.type("2468")
    keyboard.end()
    keyboard.settle()
    browser.until(lambda: browser.text("#person b") == "王小明", "signed in")
    equal(browser.run("return document.querySelectorAll('dialog').length"), 0, "dialogs")
    equal(last_call(server, "/session"), {"badge": "1001", "pin": "2468"}, "what was sent")
    assert "2468" not in browser.driver.page_source, "the PIN is nowhere on the page"


@check(needs_server=True)
def a_badge_can_be_typed_and_a_locked_one_says_how_long(bench):
    server, keyboard = ready(bench, person="nobody")
    browser = bench.browser
    browser.click("#person")
    browser.until(lambda: browser.all("dialog[open] [name=badge]"), "a field for the badge")
    keyboard.type("1002")
    keyboard.settle()
    press_pin(browser, "0000")
    browser.until(lambda: "60" in browser.text("dialog[open] .refusal"), "the lock is told")
    press_pin(browser, "2468")
    browser.until(lambda: browser.text("#person b") == "李秀英", "signed in")


@check(needs_server=True)
def the_first_engineer_is_made_with_the_stations_code(bench):
    server = bench.start(4, "empty", "nobody")
    server.first_start = True
    browser = bench.browser
    browser.open(server.url, "zh")
    browser.wait_live()
    browser.until(lambda: browser.text("#person b") == "登录", "nobody")
    time.sleep(0.3)
    browser.click("#person")
    for name, value in (
        ("code", "ABCDE-23456"),
        ("name", "陈工"),
        ("badge", "1003"),
        ("pin", "2468"),
        ("again", "2469"),
    ):
        browser.run("document.querySelector(`dialog[open] [name=${arguments[0]}]`).value = arguments[1]", name, value)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: "不同" in browser.text("dialog[open] .refusal"), "two PINs that differ are refused")
    browser.run("document.querySelector('dialog[open] [name=again]').value = '2468'")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: browser.text("#person b") == "陈工", "signed in")
    equal(
        last_call(server, "/session/start"),
        {"code": "ABCDE-23456", "name": "陈工", "badge": "1003", "pin": "2468"},
        "what was sent",
    )


@check(needs_server=True)
def a_wrong_scan_leaves_the_question_that_stands(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    keyboard.scan("PS1:ORDER:WO-0002")
    keyboard.settle()
    browser.until(lambda: browser.run("return document.getElementById('scan').dataset.result") == "ask", "the question")
    keyboard.scan("WRONG-LABEL")
    keyboard.settle()
    browser.until(
        lambda: browser.run("return document.getElementById('scan').dataset.result") == "wrong", "the refusal"
    )
    equal([one.text for one in browser.all("#scan-ask button")], ["确认 OK", "取消"], "the question's buttons")
    browser.click("#scan-ask .main")
    browser.until(lambda: browser.run("return document.getElementById('scan').dataset.result") == "ok", "confirmed")
    equal(server.scans, ["PS1:ORDER:WO-0002", "WRONG-LABEL", "PS1:CMD:OK"], "what was sent")


@check(needs_server=True)
def a_reason_and_a_second_person_are_asked_and_sent_to_the_question(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    keyboard.scan("FAILED-BOARD")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] .reasons"), "the reasons")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: "原因" in browser.text("dialog[open] .refusal"), "no reason is refused")
    browser.run("document.querySelector('dialog[open] .choice input').click()")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: browser.run("return document.querySelectorAll('dialog').length") == 0, "taken")
    equal(
        [body for _, path, body in server.calls if "/asks/" in path],
        [{"badge": None, "pin": None, "reason": "已检查，无异常"}],
        "the reason",
    )
    keyboard.scan("SECOND-1")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] .keys"), "the second person is asked")
    keyboard.scan("PS1:BADGE:1003")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] .badge"), "the badge is taken for the second person")
    press_pin(browser, "2468")
    browser.until(lambda: browser.run("return document.querySelectorAll('dialog').length") == 0, "signed")
    equal(
        [body for _, path, body in server.calls if "/asks/" in path][-1],
        {"badge": "1003", "pin": "2468", "reason": None},
        "the signature",
    )
    equal(server.person["name"], "李秀英", "who is signed in")


@check(needs_server=True)
def everything_a_card_starts_a_button_starts(bench):
    server, _ = ready(bench, 4)
    browser = bench.browser
    cards = ("OK", "CANCEL", "REPRINT", "RED-BIN", "CALL", "REFLASH", "RESET", "REPLACE", "SCRAP", "END-SHIFT")
    for command in cards:
        browser.click("#commands")
        browser.click(f"dialog[open] [data-command='{command}']")
    # The end of a shift asks for its note.
    browser.until(lambda: browser.all("dialog[open] form.note"), "the note is asked for")
    browser.click("dialog[open] .close")
    browser.click("#commands")
    browser.until(lambda: len(browser.all("dialog[open] .big")) > len(cards), "the orders")
    browser.click("dialog[open] .big", -1)
    browser.click("[data-slot='2'] .card")
    browser.click("dialog[open] .big.main")
    browser.until(lambda: len(server.scans) == len(cards) + 2, "every scan")
    equal(
        server.scans,
        [f"PS1:CMD:{one}" for one in cards] + ["PS1:ORDER:WO-0001", "PS1:SLOT:2"],
        "what was sent",
    )


@check(needs_server=True)
def an_answer_that_comes_back_over_the_events_is_shown_once(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    browser.run(
        "globalThis.shown = 0; new MutationObserver(() => { shown += 1; }).observe(document.getElementById('scan'), { attributeFilter: ['data-result'] })"
    )
    keyboard.scan("A4CF124B0001")
    keyboard.settle()
    browser.until(lambda: browser.run("return document.getElementById('scan').dataset.result") == "ok", "answered")
    own = next(body["id"] for _, path, body in server.calls if path.endswith("/scans"))
    server.line.publish("scan", {**server.answers[own], "id": own})
    server.line.publish(
        "scan",
        {**server.answers[own], "id": "another", "result": "wrong", "zh": "别处的扫码不对", "en": "wrong elsewhere"},
    )
    browser.until(lambda: browser.text("#scan-text") == "别处的扫码不对", "the other screen's scan is shown")
    assert browser.run("return shown") <= 3, "the own answer was shown twice"


@check(needs_server=True)
def a_question_is_put_where_it_was_scanned_although_the_events_tell_it_first(bench):
    server, keyboard = ready(bench)
    browser = bench.browser
    server.tells_first = True
    keyboard.scan("FAILED-BOARD")
    keyboard.settle()
    browser.until(lambda: browser.all("dialog[open] .reasons"), "the question is put")


@check(needs_server=True)
def a_leader_confirms_the_first_article_and_names_a_cause_by_button(bench):
    browser = bench.browser
    server = bench.start(8, "first")
    browser.open(server.url, "zh")
    browser.wait_live()
    browser.click(".banner button")
    browser.until(lambda: not browser.all(".banner"), "confirmed")
    server = bench.start(8, "repetition")
    browser.open(server.url, "zh")
    browser.wait_live()
    browser.click(".banner button")
    browser.click("dialog[open] .choice input")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all(".banner"), "goes on")
    equal(last_call(server, "/orders/WO-0001/repetition"), {"reason": "治具接触不良，已清洁"}, "the cause")


@check(needs_server=True)
def a_unit_is_scrapped_with_a_reason_and_two_people(bench):
    browser = bench.browser
    server = bench.start(8, "mixed", "leader")
    browser.open(server.url + "/unit/a4cf124b000c", "zh")
    browser.click("[data-action=scrap]")
    keyboard = Keyboard(browser.driver)
    bench.wires.append(keyboard)
    browser.click("dialog[open] .choice input")
    browser.click("dialog[open] [name=destroyed]")
    keyboard.scan("PS1:BADGE:1003")
    keyboard.settle()
    browser.until(
        lambda: browser.run("return document.querySelector('[name=second_badge]').value") == "1003",
        "the badge is taken",
    )
    keyboard.type("2468")
    keyboard.settle()
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: last_call(server, "/units/a4cf124b000c/scrap"), "sent")
    equal(
        last_call(server, "/units/a4cf124b000c/scrap"),
        {
            "reason": "板子损坏",
            "identity": None,
            "destroyed": True,
            "client_id": None,
            "second": {"badge": "1003", "pin": "2468"},
        },
        "what was sent",
    )
    browser.until(lambda: not browser.all("dialog"), "done")


@check(needs_server=True)
def orders_are_made_opened_and_held(bench):
    browser = bench.browser
    server = bench.start(8, "mixed", "engineer")
    browser.open(server.url + "/orders", "zh")
    browser.click("#new")
    browser.until(lambda: browser.all("dialog[open] [name=product_key]"), "the form")
    browser.find("dialog[open] [name=quota]").send_keys("500")
    browser.run("document.querySelector('[name=product_key]').value = 'a1B2c3D4e5F'")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: last_call(server, "/orders"), "sent")
    sent = last_call(server, "/orders")
    equal(
        {
            key: sent[key]
            for key in (
                "product_key",
                "release",
                "profile",
                "quota",
                "mode",
                "activation",
                "window",
                "allow",
                "run_limit",
            )
        },
        {
            "product_key": "a1B2c3D4e5F",
            "release": "1.4.2",
            "profile": "esp32c3",
            "quota": 500,
            "mode": "pre-registered",
            "activation": "board",
            "window": None,
            "allow": None,
            "run_limit": None,
        },
        "the order",
    )
    browser.until(lambda: not browser.all("dialog"), "made")
    browser.click("[data-order='WO-0001'] button.big")
    browser.click("dialog[open] .choice input")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: last_call(server, "/orders/WO-0001/state"), "held")
    equal(
        last_call(server, "/orders/WO-0001/state"),
        {"state": "held", "reason": "等待工程师分析"},
        "what was sent",
    )


@check(needs_server=True)
def a_release_is_imported_from_files_and_their_digests_are_compared(bench):
    import hashlib
    import os
    import tempfile

    browser = bench.browser
    server = bench.start(8, "mixed", "engineer")
    browser.open(server.url + "/releases", "zh")
    browser.until(lambda: browser.all("input[type=file]"), "the import")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "app.bin")
        with open(path, "wb") as file:
            file.write(b"firmware" * 1000)
        browser.all("input[type=file]")[1].send_keys(path)
        digest = hashlib.sha256(b"firmware" * 1000).hexdigest()
        browser.until(lambda: digest in browser.text("form table"), "the digest is shown")
        browser.find("[name=version]").send_keys("1")
        browser.click("form [type=submit]")
        browser.until(lambda: last_call(server, "/releases"), "sent")
        assert last_call(server, "/releases")["raw"] > 8000, "the file is in the form"
        browser.until(
            lambda: browser.all(".finding[data-level=bad]"), "a digest that differs from the station's is told"
        )


@check(needs_server=True)
def people_are_added_and_removed_and_a_token_is_shown_once(bench):
    browser = bench.browser
    server = bench.start(8, "mixed", "engineer")
    browser.open(server.url + "/people", "zh")
    browser.click("#new")
    for name, value in (("name", "新人"), ("badge", "12345678"), ("pin", "2580"), ("again", "2580")):
        browser.run("document.querySelector(`dialog[open] [name=${arguments[0]}]`).value = arguments[1]", name, value)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: last_call(server, "/people"), "sent")
    equal(
        last_call(server, "/people"),
        {"name": "新人", "role": "operator", "badge": "12345678", "pin": "2580"},
        "the person",
    )
    browser.until(lambda: not browser.all("dialog"), "added")
    browser.click("#new-token")
    browser.run("document.querySelector('dialog[open] [name=name]').value = 'MES'")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: browser.text("dialog[open] .once") == "ps1_EXAMPLE", "the token is shown")
    equal(last_call(server, "/tokens"), {"name": "MES", "scopes": ["read"]}, "the token")
    browser.click("dialog[open] .close")
    browser.until(lambda: "ps1_EXAMPLE" not in browser.driver.page_source, "the token is gone")
