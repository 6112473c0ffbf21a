"""Debian's Chromium, driven by Selenium."""

import os
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

DRIVER = os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver")
SIZES = {"panel": (1024, 600), "desk": (1920, 1080)}


def launch():
    options = webdriver.ChromeOptions()
    for one in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
    ):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(60)
    return Browser(driver)


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def quit(self):
        self.driver.quit()

    def look(self, width=1024, height=600, dark=False, still=False):
        """How large the screen is and what its owner prefers."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, url, language=None):
        self.driver.get(url)
        if language and self.run("return document.documentElement.lang === 'en' ? 'en' : 'zh'") != language:
            self.run("localStorage.setItem('language', arguments[0])", language)
            self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def module(self, script, *arguments):
        """Runs a script with `load(name)` for the page's own modules and `done(value)`."""
        body = """
            const done = arguments[arguments.length - 1], load = (name) => import(`/assets/${name}.js`);
            (async () => { %s })().catch((error) => done({ error: String(error.stack ?? error) }));
        """ % script
        found = self.driver.execute_async_script(body, *arguments)
        if isinstance(found, dict) and "error" in found:
            raise AssertionError(found["error"])
        return found

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def click(self, css, index=0):
        """Presses what is there, or comes; a page that is drawn anew meanwhile is no trouble."""

        def press():
            try:
                self.all(css)[index].click()
                return True
            except (IndexError, WebDriverException):
                return False

        self.until(press, f"{css} can be pressed")

    def until(self, holds, what, seconds=8):
        """Waits until something holds, and says what did not."""
        end = time.monotonic() + seconds
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {what}")
            time.sleep(0.02)

    def text(self, css):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", css)

    def wait_live(self):
        """Until the page has its snapshot and its answer who is signed in."""
        self.until(lambda: self.run("return Boolean(globalThis.station?.feed.cursor)"), "the page has a snapshot")

    def complaints(self):
        """What the browser's console holds against the page; refusals that a check asked for are not among it."""
        return [
            one["message"]
            for one in self.driver.get_log("browser")
            if one["level"] == "SEVERE" and "Failed to load resource" not in one["message"]
        ]
