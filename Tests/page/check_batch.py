"""A real station's batch from its page: shift, reports, reconciliation, the end of the order, the end of the shift."""

import json
import os
import time
import urllib.request
from datetime import datetime, timedelta, timezone

from check_setup import BOARD, Shift, one_board, open_order, prepare
from checks import Skipped, check, equal
from floor import Floor


def calendar():
    """Two shifts, so that now lies two hours within the first."""
    now = datetime.now(timezone.utc)
    start, middle = now - timedelta(hours=2), now + timedelta(hours=6)
    lines = ["[shifts]", 'zone = "UTC"', "plan_per_hour = 30"]
    for name, begin, end in (("first", start, middle), ("second", middle, now + timedelta(hours=14))):
        lines += ["[[shifts.shift]]", f'name = "{name}"', f'start = "{begin:%H:%M}"', f'end = "{end:%H:%M}"']
        lines += ['people = ["王小明"]'] if name == "first" else []
    return lines


@check(needs_station=True)
def a_real_stations_batch_is_reported_reconciled_and_closed_from_its_page(bench):
    if not bench.program:
        raise Skipped("no --station was given")
    floor = Floor(bench.program, bench.home, ["1", "2"], [BOARD], calendar())
    bench.wires.append(floor)
    shift = Shift(bench, floor)
    prepare(shift)
    open_order(shift)
    shift.browser.until(lambda: shift.browser.text("#shift span").startswith("first 至"), "the shift is open")
    one_board(shift)
    reports(shift)
    reconciliation(shift)
    closing(shift)
    handover(shift)


def count(browser, key):
    return browser.text(f"#report [data-count='{key}'] dd")


def reports(shift):
    """The same figures of shift, batch and station; each file is there."""
    browser, floor = shift.browser, shift.floor
    for kind in ("shift", "batch", "station"):
        browser.open(f"{floor.base}/reports?kind={kind}", "zh")
        browser.until(lambda: count(browser, "passed") == "1", f"the {kind}'s figures")
        equal(count(browser, "input"), "1", "input")
        equal(browser.text("#report [data-rate='fpy_bp'] dd"), "100.00%", "FPY")
        equal(browser.run("return document.documentElement.scrollWidth - innerWidth"), 0, "what is too wide")
        shift.picture(f"report-{kind}")
        found = browser.run("""return Promise.all([...document.querySelectorAll('[data-format]')].map(async (one) => {
                const answer = await fetch(one.href);
                return [one.dataset.format, answer.status, (await answer.text()).length > 100];
            }))""")
        equal(found, [["csv", 200, True], ["jsonl", 200, True], ["json", 200, True]], f"files of the {kind}")
    browser.click("#print")
    browser.until(lambda: browser.run("return document.querySelector('iframe.printed')?.dataset.loaded"), "the sheet")
    equal(
        browser.run(
            "return document.querySelector('iframe.printed').contentDocument.querySelectorAll('svg, table').length > 3"
        ),
        True,
        "charts and tables on the sheet",
    )


def reconciliation(shift):
    """The one board agrees; a packing list that names a stranger does not."""
    browser, floor = shift.browser, shift.floor

    def run(packed):
        browser.click("#reconcile")
        browser.until(lambda: browser.all("dialog[open] [name=packed]"), "the form")
        browser.run("document.querySelector('dialog[open] [name=packed]').value = arguments[0]", packed)
        browser.click("dialog[open] form [type=submit]")

    browser.open(f"{floor.base}/order/WO-0001", "zh")
    browser.until(lambda: browser.all("#reconcile"), "the order's page")
    run("A0B1C2D3E4F5")
    browser.until(lambda: browser.all("details[data-class='packed-unknown']"), "a stranger in the box", 60)
    browser.click("details[data-class='packed-unknown'] summary")
    browser.until(lambda: browser.all("details[data-class='packed-unknown'] tbody tr"), "its row")
    shift.picture("reconciliation-open")
    run("")
    browser.until(lambda: "没有未清行" in browser.text("#open-rows"), "nothing is open", 60)
    equal(
        browser.run("return [...document.querySelectorAll('#reconciled details')].map((one) => one.dataset.class)"),
        ["ok"],
        "classes",
    )
    shift.picture("reconciliation")


def closing(shift):
    browser, floor = shift.browser, shift.floor
    browser.run("scrollTo(0, 0)")
    browser.click("[data-action=order_close]")
    browser.click("dialog[open] .choice input[type=radio]")
    browser.click("dialog[open] form [type=submit]")
    browser.until(
        lambda: "已关闭" in browser.text("main .chip") or browser.text("dialog[open] .refusal"),
        "the order is closed",
        90,
    )
    equal(browser.text("dialog[open] .refusal"), "", "what stands in the way")
    shift.picture("closed")
    folder = os.path.join(floor.data, "batches", "WO-0001")
    for name in ("manifest.json", "manifest.sig", "records.jsonl", "report.html", "reconciliation.csv"):
        assert os.path.exists(os.path.join(folder, name)), f"{name} is missing in {os.listdir(os.path.dirname(folder))}"


def handover(shift):
    """END SHIFT by card, with a note; between shifts no board is placed; the leader begins one, which is told the note."""
    browser, floor = shift.browser, shift.floor
    shift.line()
    browser.until(lambda: browser.text("#shift span").startswith("first 至"), "the shift is shown")
    shift.scan("PS1:CMD:END-SHIFT", "ask")
    browser.until(lambda: browser.all("dialog[open] form.note"), "the note is asked for")
    browser.run("document.querySelector('form.note textarea').value = '3 号工位的排线松'")
    shift.picture("end-shift")
    shift.keyboard.scan("PS1:CMD:OK")
    shift.keyboard.settle()
    browser.until(lambda: browser.text("#shift span") == "班次之间", "between shifts", 20)
    assert "second" in browser.text("#banners"), "which shift comes next"
    shift.picture("between-shifts")
    state = json.load(urllib.request.urlopen(floor.base + "/api/v1/state", timeout=10))
    equal(state["shift"]["handover"]["note"], "3 号工位的排线松", "the note")
    if browser.text("#person b") == "登录":
        shift.sign_in("LEADER-0002")
    browser.click("#shift")
    browser.click("dialog[open] .big.main")
    browser.run("document.querySelector('dialog[open] [name=minutes]').value = 60")
    browser.click("dialog[open] form [type=submit]")
    browser.until(lambda: "排线松" in browser.text("#banners"), "the next shift is told", 20)
    time.sleep(0.3)
    shift.picture("hand-over")
