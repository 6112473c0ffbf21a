"""What is seen: sizes, contrast, accessibility, weight, first paint, and a picture of every state."""

import glob
import os
import sys
import time

from browser import SIZES
from checks import Skipped, check, equal

STATES = (
    "empty",
    "ready",
    "scan",
    "place",
    "busy",
    "pass",
    "done",
    "fail",
    "hold",
    "wait",
    "trouble",
    "first",
    "repetition",
    "between",
    "handover",
    "mixed",
)
COUNTS = (1, 4, 8, 16, 32)


def axe_script():
    """axe-core from the wheel of axe-playwright-python or axe-selenium-python."""
    for folder in sys.path:
        for pattern in ("axe_playwright_python/**/axe.min.js", "axe_selenium_python/**/axe.min.js"):
            for found in glob.glob(os.path.join(folder, pattern), recursive=True):
                with open(found, encoding="utf-8") as file:
                    return file.read()
    raise Skipped("neither axe-playwright-python nor axe-selenium-python is installed")


def serious(browser, script, what):
    browser.run(script)
    found = browser.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary.slice(0, 200)).join(' | ')}`)), (error) => done([String(error)]));
    """)
    if found:
        raise AssertionError(f"{what}: " + "\n    ".join(found))


@check()
def axe_finds_nothing_serious_on_the_line(bench):
    script = axe_script()
    browser = bench.browser
    for dark in (False, True):
        browser.look(dark=dark, still=True)
        browser.open(bench.base)
        browser.wait_live()
        time.sleep(0.3)
        serious(browser, script, f"line, {'dark' if dark else 'light'}")


@check(needs_server=True)
def axe_finds_nothing_serious_in_any_state_and_dialog(bench):
    script = axe_script()
    browser = bench.browser
    count = 0
    for scene in ("mixed", "trouble", "first", "repetition", "ready", "between", "handover"):
        server = bench.start(12, scene, "engineer")
        for dark in (False, True):
            browser.look(dark=dark, still=True)
            for language in ("zh", "en"):
                browser.open(server.url, language)
                browser.wait_live()
                serious(browser, script, f"{scene}, {language}, {'dark' if dark else 'light'}")
                count += 1
    server = bench.start(8, "mixed", "engineer")
    for dark in (False, True):
        browser.look(dark=dark, still=True)
        for css in ("#menu", "#commands", "#tray", "#shift", "[data-slot='3'] .card", "#person"):
            browser.open(server.url, "zh")
            browser.wait_live()
            browser.until(
                lambda: browser.run("return document.getElementById('person').dataset.signed") == "true", "signed in"
            )
            browser.click(css)
            serious(browser, script, f"dialog of {css}, {'dark' if dark else 'light'}")
            count += 1
        for text in ("PS1:BADGE:1001", "PS1:ORDER:WO-0002", "PS1:CMD:END-SHIFT", "FAILED1", "SECOND1", "WRONG1"):
            browser.open(server.url, "zh")
            browser.wait_live()
            browser.run("station.outbox.add(arguments[0])", text)
            browser.until(
                lambda: browser.run("return document.getElementById('scan').dataset.result") in ("ask", "wrong"),
                "an answer",
            )
            time.sleep(0.5)
            serious(browser, script, f"answer to {text}")
            count += 1
        for path in ("/unit/a4cf124b000c", "/orders", "/releases", "/people"):
            browser.open(server.url + path, "zh")
            browser.until(lambda: browser.all("main h1"), f"{path} is drawn")
            time.sleep(0.2)
            serious(browser, script, f"{path}, {'dark' if dark else 'light'}")
            count += 1
    bench.note(f"{count} views")


CONTRAST = """
    const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
    const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
    return [...document.querySelectorAll('.slot')].map((slot) => {
        const card = getComputedStyle(slot.querySelector('.card')), action = getComputedStyle(slot.querySelector('.action'));
        const strip = slot.dataset.acts === 'true' ? ratio(action.color, action.backgroundColor) : ratio(action.color, card.backgroundColor) * Number(action.opacity);
        return [slot.dataset.word, ratio(card.color, card.backgroundColor), strip];
    });
"""


@check(needs_server=True)
def every_state_has_a_contrast_of_4_5_in_light_and_dark(bench):
    server = bench.start(12, "mixed")
    browser = bench.browser
    lowest = 99
    for dark in (False, True):
        browser.look(dark=dark)
        browser.open(server.url)
        browser.wait_live()
        browser.until(lambda: len(browser.all(".slot")) == 12, "12 slots")
        for word, card, action in browser.run(CONTRAST):
            lowest = min(lowest, card, action)
            assert card >= 4.5 and action >= 4.5, f"{word}, {'dark' if dark else 'light'}: {card:.1f} and {action:.1f}"
    bench.note(f"lowest {lowest:.1f}")


FIT = """
    // Glyphs are higher than their lines; a line that is missing is more than that.
    const over = (element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 0.6 * parseFloat(getComputedStyle(element).fontSize);
    const found = [];
    if (document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls');
    const words = [];
    for (const slot of document.querySelectorAll('.slot')) {
        const [card, word, action] = ['.card', '.word', '.action-text'].map((css) => slot.querySelector(css));
        const [outer, inner] = [card.getBoundingClientRect(), word.getBoundingClientRect()];
        const name = `${slot.dataset.slot} ${word.textContent}`;
        words.push(parseFloat(getComputedStyle(word).fontSize));
        if (outer.bottom > innerHeight || outer.right > innerWidth) found.push(`${name} is outside`);
        if (inner.left < outer.left || inner.right > outer.right || inner.top < outer.top || inner.bottom > outer.bottom) found.push(`the word of ${name} is cut`);
        if (over(action)) found.push(`the action of ${name} is cut: ${action.textContent}`);
        const line = slot.querySelector('.action').getBoundingClientRect();
        if (line.bottom > outer.bottom + 1) found.push(`the action of ${name} is outside its card`);
        if (inner.bottom > line.top + 2) found.push(`the word of ${name} lies over its action`);
    }
    return [found, Math.min(...words)];
"""


@check(needs_server=True)
def all_slots_fit_every_screen_and_no_word_or_action_is_cut(bench):
    browser = bench.browser
    smallest = {}
    for count in COUNTS:
        for scene in ("mixed", "repetition", "fail", *(("between", "handover") if count == 32 else ())):
            server = bench.start(count, scene)
            for width, height in (*SIZES.values(), (1280, 800), (3840, 2160)):
                browser.look(width, height)
                for language in ("zh", "en"):
                    browser.open(server.url, language)
                    browser.wait_live()
                    browser.until(lambda: len(browser.all(".slot")) == count, f"{count} slots")
                    time.sleep(0.1)
                    problems, word = browser.run(FIT)
                    assert (
                        not problems
                    ), f"{count} slots, {scene}, {width}x{height}, {language}: {'; '.join(problems[:5])}"
                    smallest[width] = min(word, smallest.get(width, 999))
    # 32 slots on a panel of 1024 x 600, a banner above them and a sentence of three lines in each: the tightest there is.
    assert smallest[1024] >= 27, f"smallest state word at 1024x600: {smallest[1024]} px"
    bench.note("smallest state word " + ", ".join(f"{value:.0f} px at {width}" for width, value in smallest.items()))


@check(needs_server=True)
def what_a_finger_presses_is_15_mm(bench):
    browser = bench.browser
    server = bench.start(8, "mixed")
    least = 15 / 25.4 * 96
    for width, height in SIZES.values():
        browser.look(width, height)
        for text, css in (("PS1:BADGE:1001", ".key"), ("PS1:ORDER:WO-0002", ".scan-ask button, .commands")):
            browser.open(server.url, "zh")
            browser.wait_live()
            browser.run("station.outbox.add(arguments[0])", text)
            browser.until(lambda: browser.all(css.split(",")[0]), f"{css} is there")
            time.sleep(0.2)
            for name, w, h in browser.run(
                "return [...document.querySelectorAll(arguments[0])].map((one) => [one.textContent, one.offsetWidth, one.offsetHeight])",
                css,
            ):
                assert (
                    w >= least - 0.5 and h >= least - 0.5
                ), f"{name} is {w} x {h} px at {width}x{height}, expected {least:.0f}"


@check()
def the_operators_page_weighs_under_150_kb_and_takes_nothing_from_outside(bench):
    browser = bench.browser
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    browser.open(bench.base)
    browser.wait_live()
    time.sleep(0.3)
    entries = browser.run(
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(({ name, decodedBodySize }) => [name, decodedBodySize])"
    )
    own = [(name, size) for name, size in entries if "/api/" not in name]
    foreign = [name for name, _ in entries if not name.startswith(bench.base)]
    equal(foreign, [], "resources from elsewhere")
    weight = sum(size for _, size in own)
    assert weight < 150_000, f"{weight} bytes"
    bench.note(f"{weight / 1000:.0f} kB in {len(own)} files, not compressed")


@check()
def the_first_paint_is_within_300_ms(bench):
    browser = bench.browser
    browser.look(*SIZES["panel"])
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    times, drawn = [], []
    for _ in range(7):
        browser.open(bench.base)
        browser.wait_live()
        paint = browser.until(
            lambda: browser.run("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"),
            "something is painted",
        )
        times.append(paint)
        drawn.append(browser.run("return performance.getEntriesByName('line drawn')[0]?.startTime ?? 0"))
    browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    times.sort()
    bench.note(
        f"median {times[3]:.0f} ms, longest {times[-1]:.0f} ms of 7, cache off; slots drawn after {sorted(drawn)[3]:.0f} ms"
    )
    assert times[3] < 300, f"median {times[3]:.0f} ms"


@check()
def no_script_or_style_of_the_page_is_refused_by_its_policy(bench):
    browser = bench.browser
    browser.complaints()
    for path in ("/", "/orders", "/order/WO-0001", "/reports", "/releases", "/people"):
        browser.open(bench.base + path)
        time.sleep(0.5)
    equal(browser.complaints(), [], "complaints of the browser")


@check(needs_server=True)
def one_key_changes_the_language_and_it_is_remembered(bench):
    server = bench.start(8, "mixed")
    browser = bench.browser
    browser.open(server.url, "zh")
    browser.wait_live()
    browser.until(lambda: browser.text("[data-slot='1'] .word") == "合格", "Chinese first")
    browser.run("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'F2', code: 'F2', bubbles: true }))")
    browser.until(lambda: browser.text("[data-slot='1'] .word") == "PASS", "English after F2")
    browser.driver.refresh()
    browser.until(lambda: browser.text("[data-slot='1'] .word") == "PASS", "English after a reload")
    browser.click("#language")
    browser.until(lambda: browser.text("[data-slot='1'] .word") == "合格", "Chinese after the button")


def pictures(bench, folder):
    """A picture of each state in both sizes and languages, for people to look at."""
    browser = bench.browser
    os.makedirs(folder, exist_ok=True)
    count = 0

    def shoot(name):
        nonlocal count
        browser.driver.save_screenshot(os.path.join(folder, name + ".png"))
        count += 1

    for size, (width, height) in SIZES.items():
        for language in ("zh", "en"):
            tag = f"{width}x{height}-{language}"
            for dark in (False, True):
                browser.look(width, height, dark=dark, still=True)
                shade = "-dark" if dark else ""
                for scene in STATES:
                    server = bench.start(8, scene)
                    browser.open(server.url, language)
                    browser.wait_live()
                    time.sleep(0.25)
                    shoot(f"{scene}-{tag}{shade}")
                for number in COUNTS:
                    server = bench.start(number, "mixed")
                    browser.open(server.url, language)
                    browser.wait_live()
                    time.sleep(0.25)
                    shoot(f"slots-{number:02}-{tag}{shade}")
            browser.look(width, height, still=True)
            server = bench.start(8, "mixed", "engineer")
            for name, text in (
                ("pin", "PS1:BADGE:1001"),
                ("confirm", "PS1:ORDER:WO-0002"),
                ("note", "PS1:CMD:END-SHIFT"),
                ("reason", "FAILED1"),
                ("second", "SECOND1"),
                ("wrong", "WRONG1"),
                ("ok", "A4CF124B0099"),
            ):
                browser.open(server.url, language)
                browser.wait_live()
                browser.run("station.outbox.add(arguments[0])", text)
                time.sleep(0.6)
                shoot(f"scan-{name}-{tag}")
            for name, path in (
                ("unit", "/unit/a4cf124b000c"),
                ("orders", "/orders"),
                ("order", "/order/WO-0001"),
                ("reports", "/reports"),
                ("releases", "/releases"),
                ("people", "/people"),
            ):
                browser.open(server.url + path, language)
                time.sleep(0.6)
                shoot(f"page-{name}-{tag}")
            browser.open(server.url, language)
            browser.wait_live()
            time.sleep(0.3)
            server.is_silent = True
            browser.until(lambda: browser.run("return !document.getElementById('stale').hidden"), "offline", 12)
            shoot(f"stale-{tag}")
    return count


def soak(bench, minutes):
    """32 slots that change ten times a second each: what the tab takes of a core, and whether its memory grows."""
    from check_scans import Redraw

    browser = bench.browser
    driver = browser.driver
    server = bench.start(32, "busy")
    browser.look(*SIZES["desk"])
    browser.open(server.url, "zh")
    browser.wait_live()
    driver.execute_cdp_cmd("Performance.enable", {})

    def measure():
        driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
        found = {one["name"]: one["value"] for one in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
        return found["JSHeapUsedSize"] / 1e6, found["Nodes"], found["JSEventListeners"], found["TaskDuration"]

    redraw = Redraw(server)
    time.sleep(20)
    began, first = time.monotonic(), measure()
    print("after 20 s: heap {:.2f} MB, {:.0f} nodes, {:.0f} listeners".format(*first[:3]), flush=True)
    last = first
    for minute in range(minutes):
        time.sleep(60)
        last = measure()
        share = (last[3] - first[3]) / (time.monotonic() - began)
        print(
            "after {} min: heap {:.2f} MB, {:.0f} nodes, {:.0f} listeners, {:.0%} of a core".format(
                minute + 1, *last[:3], share
            ),
            flush=True,
        )
    redraw.stop()
    print(f"{redraw.count} slot events")
    # A leak of one object for each event would be megabytes by now.
    return last[0] - first[0] < 1.0 and last[1] <= first[1] * 1.1
