"""The reports: the figures as they were answered, live, on paper and as files."""

import time

from browser import SIZES
from check_looks import axe_script, serious
from checks import check, equal


def open_report(bench, person="leader", path="/reports", language="zh"):
    server = bench.start(8, "mixed", person)
    browser = bench.browser
    browser.open(server.url + path, language)
    browser.until(lambda: browser.all("#report .rates"), "the report is drawn")
    return server, browser


def shown(browser, kind, key):
    return browser.text(f"#report [data-{kind}='{key}'] dd")


@check(needs_server=True)
def every_figure_of_a_report_is_shown_as_it_was_answered(bench):
    _, browser = open_report(bench)
    report = browser.run("return reports.report")
    for key, value in report["counts"].items():
        if value is not None:
            equal(shown(browser, "count", key), str(value), key)
    for key, value in report["rates"].items():
        equal(shown(browser, "rate", key), f"{value / 100:.2f}%", key)
    equal(len(browser.all("#report .chart")), 2, "charts")
    equal(len(browser.all("#report .chart .bar:not(.bad)")), len(report["hours"]), "hours")
    equal(len(browser.all("#report .chart .bar.bad")), len(report["pareto"]["code"]), "codes")
    assert browser.all("#report .chart .plan"), "the plan is a line"
    browser.click("[data-pareto=slot]")
    equal(len(browser.all("#report .chart .bar.bad")), len(report["pareto"]["slot"]), "slots")
    equal(browser.run("return document.activeElement.dataset.pareto"), "slot", "focus stays where it was")


@check(needs_server=True)
def a_report_of_what_runs_is_read_again_when_the_line_concludes_and_no_faster_than_every_3_s(bench):
    server, browser = open_report(bench)
    browser.until(lambda: browser.run("return Boolean(reports.feed.cursor)"), "the events are followed")
    time.sleep(4)
    before = len([1 for path, _ in server.asked if path.startswith("/reports/shift/")])
    assert before <= 2, f"{before} readings of a line that stands still"
    server.report_seed = 2
    first = shown(browser, "count", "passed")
    began = time.monotonic()
    while time.monotonic() - began < 7:
        for number in range(1, 9):
            one = dict(server.line.snapshot["slots"][number - 1])
            one["word"] = "BUSY" if one["word"] == "PASS" else "PASS"
            server.line.publish("slot", one)
        time.sleep(0.1)
    readings = len([1 for path, _ in server.asked if path.startswith("/reports/shift/")]) - before
    assert 1 <= readings <= 3, f"{readings} readings in 7 s"
    browser.until(lambda: shown(browser, "count", "passed") != first, "the new figures are shown")
    equal(browser.run("return document.getElementById('live').dataset.live"), "true", "live")
    bench.note(f"{readings} readings in 7 s of 80 changes a second")


@check(needs_server=True)
def a_shift_that_has_ended_is_chosen_and_shows_note_cut_and_adjustments(bench):
    server, browser = open_report(bench)
    browser.run(
        "const select = document.getElementById('shift'); select.value = '2026-11-25/night'; select.dispatchEvent(new Event('change'))"
    )
    browser.until(lambda: "2026-11-25 night" in browser.text("#report h2"), "the other shift")
    assert "3 号工位的排线松" in browser.text("#report"), "the hand-over note"
    assert "88214" in browser.text("#report"), "where it was cut"
    equal(len(browser.all("#report a[href^='/unit/']")), 3, "adjustments")
    equal(browser.run("return document.getElementById('live').dataset.live"), "false", "live")
    browser.driver.refresh()
    browser.until(lambda: "2026-11-25 night" in browser.text("#report h2"), "the address keeps what was chosen")
    count = len(server.asked)
    server.line.publish("tray", [])
    time.sleep(4)
    equal([path for path, _ in server.asked[count:] if path.startswith("/reports/shift/")], [], "readings of the past")


@check(needs_server=True)
def batch_and_station_reports_are_chosen_and_a_span_of_time_is_asked_for_in_utc(bench):
    server, browser = open_report(bench)
    browser.click("[data-kind=batch]")
    browser.until(lambda: shown(browser, "count", "quota") == "20000", "the batch, with its quota")
    browser.click("[data-kind=station]")
    browser.until(lambda: browser.all("#from"), "a span of time")
    browser.run("document.getElementById('from').value = '2026-11-01T08:00'")
    browser.click("#show")
    browser.until(lambda: any(query.get("from") for _, query in server.asked), "the span is asked for")
    asked = next(query for path, query in server.asked if path == "/reports/station" and query.get("from"))
    equal(browser.run("return new Date('2026-11-01T08:00').toISOString()"), asked["from"], "from")
    href = browser.run("return document.querySelector('[data-format=csv]').getAttribute('href')")
    assert href.startswith("/api/v1/reports/station?format=csv&language=zh&from=2026-11-01T"), href


@check(needs_server=True)
def a_report_is_printed_by_the_stations_own_sheet_and_taken_away_as_files(bench):
    server, browser = open_report(bench, language="en")
    files = browser.run(
        "return [...document.querySelectorAll('[data-format]')].map((one) => [one.dataset.format, one.getAttribute('href'), one.download])"
    )
    equal(
        files,
        [
            [
                format,
                f"/api/v1/reports/shift/2026-11-26/day?format={format}&language=en",
                f"shift-2026-11-26-day.{format}",
            ]
            for format in ("csv", "jsonl", "json")
        ],
        "files",
    )
    browser.click("#print")
    browser.until(
        lambda: browser.run("return document.querySelector('iframe.printed')?.dataset.loaded"), "it is printed"
    )
    equal(
        [query for _, query in server.asked if query.get("format") == "html"],
        [{"format": "html", "language": "en"}],
        "what is printed",
    )


@check(needs_server=True)
def an_operator_is_told_who_sees_reports(bench):
    server = bench.start(8, "mixed", "operator")
    browser = bench.browser
    browser.open(server.url + "/reports", "zh")
    browser.until(lambda: "线长" in browser.text("main .refusal"), "who sees them")
    equal([path for path, _ in server.asked if path.startswith("/reports")], [], "asked")


@check(needs_server=True)
def reports_have_nothing_serious_for_axe_and_scroll_only_down(bench):
    script = axe_script()
    browser = bench.browser
    count = 0
    for path in ("/reports", "/reports?kind=batch", "/reports?kind=station", "/reports?shift=2026-11-25/night"):
        server = bench.start(8, "mixed", "leader")
        for dark in (False, True):
            for width, height in SIZES.values():
                browser.look(width, height, dark=dark, still=True)
                for language in ("zh", "en"):
                    browser.open(server.url + path, language)
                    browser.until(lambda: browser.all("#report .rates"), "the report is drawn")
                    over = browser.run("return document.documentElement.scrollWidth - innerWidth")
                    assert over <= 0, f"{path} is {over} px too wide at {width}, {language}"
                    if (width, height) == SIZES["panel"]:
                        serious(browser, script, f"{path}, {language}, {'dark' if dark else 'light'}")
                    count += 1
    bench.note(f"{count} views")
