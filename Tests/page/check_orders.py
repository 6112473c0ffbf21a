"""Orders: import, terms, the ends of an order, and its reconciliation with the cloud."""

import reconcile_scenes
from browser import SIZES
from check_looks import axe_script, serious
from check_work import last_call
from checks import check, equal
from keyboard import Keyboard


def reconciled(server, counts=None):
    server.reconciliation.update(counts=dict(counts or reconcile_scenes.COUNTS), number=1)


def open_order(bench, person="leader", order="WO-0001", language="zh", done=True):
    server = bench.start(8, "mixed", person)
    if done:
        reconciled(server)
    browser = bench.browser
    browser.open(f"{server.url}/order/{order}", language)
    browser.until(lambda: browser.all("#terms dd"), "the order is drawn")
    if done:
        browser.until(lambda: browser.all("#reconciled details"), "the result is drawn")
    return server, browser


def fill(browser, name, value):
    """Writes into a field at once: the driver's own keys come as fast as a scanner's."""
    browser.run("document.querySelector(`dialog[open] [name='${arguments[0]}']`).value = arguments[1]", name, value)


def choose_reason(browser, number=0):
    browser.click("dialog[open] .choice input[type=radio]", number)


@check(needs_server=True)
def an_import_tells_every_problem_by_line_and_takes_none_then_all(bench):
    server = bench.start(8, "mixed", "engineer")
    browser = bench.browser
    browser.open(server.url + "/orders", "zh")
    browser.click("#import")
    text = "product_key,quota\na1B2c3D4e5F,100\na1B2c3D4e5F,many\na1B2c3D4e5F,-1\na1B2c3D4e5F,200"
    browser.until(lambda: browser.all("dialog[open] textarea"), "the form")
    browser.run("document.querySelector('dialog[open] textarea').value = arguments[0]", text)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: len(browser.all("#problems li")) == 2, "two problems")
    equal(
        browser.run("return [...document.querySelectorAll('#problems li')].map((one) => one.dataset.line)"),
        ["3", "4"],
        "their lines",
    )
    assert "一张也没有导入" in browser.text("dialog[open] .refusal"), "none was taken"
    browser.run(
        "document.querySelector('dialog[open] textarea').value = arguments[0]",
        text.replace("many", "5").replace("-1", "7"),
    )
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "taken")
    assert "4" in browser.text("#toast"), "how many"


@check(needs_server=True)
def terms_are_changed_with_a_reason_and_only_what_differs_is_sent(bench):
    server, browser = open_order(bench, "engineer")
    browser.click("[data-action=amend]")
    browser.until(lambda: browser.all("dialog[open] [name=quota]"), "the form")
    choose_reason(browser)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: "没有改动" in browser.text("dialog[open] .refusal"), "nothing is changed")
    browser.run("document.querySelector('dialog[open] [name=quota]').value = 650")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "taken")
    equal(last_call(server, "/orders/WO-0001"), {"reason": "客户改数量", "quota": 650}, "what was sent")


@check(needs_server=True)
def an_order_with_open_rows_does_not_close_and_says_why(bench):
    server, browser = open_order(bench)
    browser.click("[data-action=order_close]")
    choose_reason(browser)
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: "11" in browser.text("dialog[open] .refusal"), "the refusal")
    equal(last_call(server, "/orders/WO-0001/close"), {"reason": "数量完成"}, "what was sent")
    server.settled = {"all"}
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "closed")
    assert "batches/WO-0001" in browser.text("#toast"), "where the archive is"
    browser.until(lambda: not browser.all("[data-action=order_terminate]"), "nothing more is to be done")


@check(needs_server=True)
def an_order_is_terminated_with_a_reason_for_each_open_class_and_two_people(bench):
    server, browser = open_order(bench)
    browser.click("[data-action=order_terminate]")
    names = [kind for kind in reconcile_scenes.COUNTS if kind not in ("scrapped", "ok")]
    browser.until(lambda: browser.all(f"dialog[open] [name='class {names[-1]}']"), "a field for each class")
    equal(len(browser.all("dialog[open] [name^='class ']")), len(names), "fields")
    keyboard = Keyboard(browser.driver)
    bench.wires.append(keyboard)
    choose_reason(browser)
    for name in names:
        fill(browser, f"class {name}", "ok")
    keyboard.scan("PS1:BADGE:1003")
    keyboard.settle()
    browser.until(
        lambda: browser.run("return document.querySelector('[name=second_badge]').value") == "1003",
        "the badge is taken",
    )
    keyboard.type("2468")
    keyboard.settle()
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: not browser.all("dialog"), "done")
    equal(
        last_call(server, "/orders/WO-0001/terminate"),
        {
            "reason": "客户取消",
            "reasons": {name: "ok" for name in names},
            "second": {"badge": "1003", "pin": "2468"},
        },
        "what was sent",
    )


@check(needs_server=True)
def a_reconciliation_is_started_shows_what_it_has_read_and_its_classes_in_their_order(bench):
    server, browser = open_order(bench, done=False)
    browser.click("#reconcile")
    browser.until(lambda: browser.all("dialog[open] [name=packed]"), "the form")
    browser.run("document.querySelector('dialog[open] [name=packed]').value = 'A4CF124B0004\\nA4CF124B0008'")
    browser.click("dialog[open] [type=submit]")
    equal(browser.find("#reconcile").is_enabled(), False, "a second one can be started")
    server.running.set()
    browser.until(lambda: "1200" in browser.text("#reconciliation [role=status]"), "what was read so far")
    browser.until(lambda: "throttled" in browser.text("#reconciliation [role=status]"), "what it waits for")
    browser.until(lambda: browser.all("#reconciled details"), "the result")
    equal(last_call(server, "/orders/WO-0001/reconcile"), {"packed": "A4CF124B0004\nA4CF124B0008"}, "what was sent")
    found = browser.run("return [...document.querySelectorAll('#reconciled details')].map((one) => one.dataset.class)")
    counts = dict(reconcile_scenes.COUNTS, **{"packed-unknown": 1})
    equal(found, [one[0] for one in reconcile_scenes.CLASSES if one[0] in counts], "classes")
    assert "12" in browser.text("#open-rows"), "open rows"


@check(needs_server=True)
def every_row_has_one_action_that_asks_before_it_acts_and_the_second_run_is_clean(bench):
    server, browser = open_order(bench)
    server.running.set()
    # What takes a reason, and what takes two people.
    kinds = ("registered-never-flashed", "duplicate-client-ids", "held", "active-not-ours", "deleted-in-cloud")
    for kind in kinds:
        browser.run("document.querySelector(`details[data-class=${arguments[0]}]`).open = true", kind)
        browser.run("scrollTo(0, 0)")
        css = f"details[data-class='{kind}'] [data-action]"
        browser.until(lambda: browser.all(css), "its rows")
        browser.click(css)
        browser.until(lambda: browser.all("dialog[open] form"), "the question")
        choose_reason(browser)
        if kind == "held":
            fill(browser, "second_badge", "1003")
            fill(browser, "second_pin", "2468")
        browser.click("dialog[open] [type=submit]")
        if kind == kinds[0]:
            browser.until(lambda: "ONLINE" in browser.text("dialog[open] .refusal"), "what was found on looking again")
            browser.click("dialog[open] [type=submit]")
        browser.until(lambda: not browser.all("dialog"), "done")
        sent = last_call(server, "/orders/WO-0001/reconciliation/actions")
        equal(sent["device_name"], reconcile_scenes.row(kind, 0)["device_name"], "the row")
        equal(sent["reason"], "对账结果处理", "the reason")
        equal(sent["second"], {"badge": "1003", "pin": "2468"} if kind == "held" else None, "the second person")
    browser.run("scrollTo(0, 0)")
    browser.click("#reconcile")
    browser.click("dialog[open] [type=submit]")
    browser.until(lambda: "没有未清行" in browser.text("#open-rows"), "the second run is clean")
    equal(last_call(server, "/orders/WO-0001/reconcile"), {"packed": None}, "what was sent")


@check(needs_server=True)
def who_may_not_take_an_action_is_told_who_may(bench):
    _, browser = open_order(bench, "owner")
    browser.run("document.querySelector('details[data-class=registered-never-flashed]').open = true")
    browser.until(lambda: browser.all("details[data-class=registered-never-flashed] tbody tr"), "its rows")
    equal(browser.all("details[data-class=registered-never-flashed] [data-action]"), [], "buttons")
    assert "线长" in browser.text("details[data-class=registered-never-flashed] tbody"), "who may"


@check(needs_server=True)
def a_class_of_many_rows_is_fetched_in_pages(bench):
    server, browser = open_order(bench)
    browser.run("document.querySelector('details[data-class=ok]').open = true")
    browser.until(lambda: len(browser.all("details[data-class=ok] tbody tr")) == 50, "the first page")
    browser.click("details[data-class=ok] .row button")
    browser.until(lambda: len(browser.all("details[data-class=ok] tbody tr")) == 100, "the second page")
    equal(
        [query.get("after") for path, query in server.asked if query.get("class") == "ok"],
        ["0", "50"],
        "what was asked",
    )


@check(needs_server=True)
def an_orders_page_has_nothing_serious_for_axe_and_scrolls_only_down(bench):
    script = axe_script()
    browser = bench.browser
    count = 0
    for path in ("/orders", "/order/WO-0001"):
        server = bench.start(8, "mixed", "engineer")
        reconciled(server)
        for dark in (False, True):
            for width, height in SIZES.values():
                browser.look(width, height, dark=dark, still=True)
                for language in ("zh", "en"):
                    browser.open(server.url + path, language)
                    browser.until(lambda: browser.all("main .figures"), "it is drawn")
                    if path != "/orders":
                        browser.until(lambda: browser.all("#reconciled details"), "the result is drawn")
                        browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
                        browser.until(lambda: browser.all("details[data-class=held] tbody tr"), "rows are drawn")
                    over = browser.run("return document.documentElement.scrollWidth - innerWidth")
                    assert over <= 0, f"{path} is {over} px too wide at {width}, {language}"
                    if (width, height) == SIZES["panel"]:
                        serious(browser, script, f"{path}, {language}, {'dark' if dark else 'light'}")
                    count += 1
        browser.look(*SIZES["panel"], still=True)
        for action in ("amend", "order_close", "order_terminate") if path != "/orders" else ("#import", "#new"):
            browser.open(server.url + path, "zh")
            browser.click(action if action.startswith("#") else f"[data-action={action}]")
            browser.until(lambda: browser.all("dialog[open] form"), "the dialog")
            serious(browser, script, f"dialog of {action}")
            over = browser.run(
                "const body = document.querySelector('dialog[open]'); return body.scrollWidth - body.clientWidth"
            )
            assert over <= 0, f"the dialog of {action} is {over} px too wide"
            count += 1
    bench.note(f"{count} views")
