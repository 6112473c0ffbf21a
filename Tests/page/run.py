"""Checks of the operator's page in a real browser.

    python3 Tests/page/run.py                              against a server of its own that speaks the page's contract
    python3 Tests/page/run.py --base http://127.0.0.1:8080 what suits a real station, at that station as well
    python3 Tests/page/run.py --station .build/debug/station   also sets up a station of its own
    python3 Tests/page/run.py --shots DIR                  also pictures of every state, in both sizes and languages
    python3 Tests/page/run.py --soak 10                    ten minutes of 320 events a second: core and memory of the tab
    python3 Tests/page/run.py --only scans thirty          checks whose name or file has one of these words

Needs Debian's chromium and chromium-driver (CHROMEDRIVER, /usr/bin/chromedriver), fonts-noto-cjk, and from PyPI selenium,
websocket-client and axe-playwright-python. Ends with 0 when every check held; a check that cannot be made says why.
"""

import argparse
import os
import sys
import time
import traceback
import urllib.request
from pathlib import Path

from selenium.common.exceptions import WebDriverException

import scenes
from browser import launch
from checks import CHECKS, Bench, Skipped
from line_server import LineServer

import check_batch  # noqa: F401
import check_feed  # noqa: F401
import check_looks
import check_orders  # noqa: F401
import check_paper  # noqa: F401
import check_reports  # noqa: F401
import check_scans  # noqa: F401
import check_setup  # noqa: F401
import check_shifts  # noqa: F401
import check_work  # noqa: F401


def sign_in(browser, base, badge, pin):
    """Signs the browser in at a real station."""
    browser.open(base)
    browser.wait_live()
    browser.module(
        "const { signIn } = await load('session'); await signIn(...arguments).catch((e) => { throw new Error(e.sentence); }); done(true);",
        badge,
        pin,
    )


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--base", help="URL of a station that runs; without it only the server of the tests")
    options.add_argument("--badge", help="badge to sign in with at --base")
    options.add_argument("--pin")
    options.add_argument("--station", help="the executable: a station of its own is set up from the page")
    options.add_argument(
        "--home", default=str(Path(__file__).resolve().parents[2] / "Station"), help="board profiles and page"
    )
    options.add_argument("--shots", help="folder for pictures")
    options.add_argument(
        "--soak", type=int, metavar="MINUTES", help="instead of the checks: does the tab's memory grow?"
    )
    options.add_argument("--only", nargs="*", default=[])
    options.add_argument("--list", action="store_true")
    given = options.parse_args()
    chosen = [
        (function, needs)
        for function, needs in CHECKS
        if not given.only or any(word in function.__name__ or word in function.__module__ for word in given.only)
    ]
    if given.list:
        print("\n".join(function.__name__ for function, _ in chosen))
        return 0
    browser = launch()
    servers = []

    def start(count=8, scene="mixed", person="leader"):
        servers.append(LineServer(scenes.snapshot(count, scene), 0, person).start())
        return servers[-1]

    failed, skipped = [], 0
    try:
        if given.soak:
            return 0 if check_looks.soak(Bench(browser, "", start), given.soak) else 1
        if given.base:
            urllib.request.urlopen(given.base + "/api/v1/state", timeout=10).read()
            if given.badge:
                sign_in(browser, given.base, given.badge, given.pin)
        for function, needs_server in chosen:
            name = function.__name__.replace("_", " ")
            # A machine may stall in the middle of a check: one that fails is made once more, and says so.
            for attempt in (1, 2):
                base = "" if needs_server else given.base or start(8, "mixed").url
                bench = Bench(browser, base, start, given.station, given.home, given.shots)
                began = time.monotonic()
                trouble = None
                try:
                    browser.look()
                    function(bench)
                    complaints = browser.complaints()
                    if complaints:
                        raise AssertionError("the browser complains: " + "; ".join(complaints[:3]))
                    result = "ok" if attempt == 1 else "ok at the second attempt"
                except Skipped as reason:
                    result, skipped = f"skipped: {reason}", skipped + 1
                except Exception as error:  # noqa: BLE001
                    trouble = str(error).split("\nStacktrace")[0].strip()
                    result = "FAILED: " + trouble
                    if given.shots:
                        os.makedirs(given.shots, exist_ok=True)
                        browser.driver.save_screenshot(os.path.join(given.shots, f"failed-{function.__name__}.png"))
                    if not isinstance(error, (AssertionError, WebDriverException)):
                        traceback.print_exc()
                notes = f" ({'; '.join(bench.notes)})" if bench.notes else ""
                print(f"{name}: {result}{notes} [{time.monotonic() - began:.1f} s]", flush=True)
                for wire in bench.wires:
                    wire.close()
                while servers:
                    servers.pop().stop()
                if trouble is None:
                    break
            else:
                failed.append(name)
        if given.shots and not given.only:
            count = check_looks.pictures(Bench(browser, "", start), given.shots)
            print(f"{count} pictures in {given.shots}")
    finally:
        browser.quit()
    print(f"{len(chosen) - len(failed) - skipped} passed, {len(failed)} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
