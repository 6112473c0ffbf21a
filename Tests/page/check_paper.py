"""Reports as they are seen: on screens, on A4, and in a spreadsheet. Made by a real `station` from a simulated month."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

from check_looks import axe_script, serious
from checks import Skipped, check, equal

LANGUAGES = ("zh", "en")
# Points: A4, and the margins of the sheet less what a glyph may stand out.
PAPER = (595, 842)
MARGIN = 30
FODS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"

# Everything that stands where it does not belong: beyond the screen, out of its box, over another text of its drawing.
MISPLACED = """
    const found = [], wide = document.documentElement;
    if (wide.scrollWidth > wide.clientWidth + 1) found.push(`the page is ${wide.scrollWidth} wide, not ${wide.clientWidth}`);
    for (const box of document.querySelectorAll('td, th, dd, dt, .number, .what, .note, h1, h2, .heading, .key'))
        if (box.scrollWidth > box.clientWidth + 1) found.push(`${box.tagName} ${box.textContent.slice(0, 40)} is cut off`);
    for (const drawing of document.querySelectorAll('svg')) {
        const edge = drawing.getBoundingClientRect(), texts = [...drawing.querySelectorAll('text')];
        const boxes = texts.map((text) => text.getBoundingClientRect());
        boxes.forEach((box, i) => {
            const what = `${drawing.getAttribute('aria-label')}: ${texts[i].textContent}`;
            if (box.left < edge.left - 2 || box.right > edge.right + 2
                || box.top < edge.top - 2 || box.bottom > edge.bottom + 2)
                found.push(`${what} stands out of its drawing`);
            for (let j = 0; j < i; j++) {
                const other = boxes[j];
                const over = Math.min(box.right, other.right) - Math.max(box.left, other.left);
                const under = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
                if (over > 1 && under > 3) found.push(`${what} lies over ${texts[j].textContent}`);
            }
        });
    }
    return found;
"""


class Month:
    """A simulated month, made once for all checks, and the reports of it; removed when the checks end."""

    made = None

    def __init__(self, bench):
        self.bench = bench
        self.folder = tempfile.TemporaryDirectory(prefix="station-reports-")
        self.data = os.path.join(self.folder.name, "month")
        said = self.station("simulate", "month", "--data", self.data, "--units", "1500", "--shifts", "4", "--json")
        made = json.loads(said)
        # The second shift: boards of the first come back in it, and some of its own later.
        self.subjects = {
            "shift": ("shift", made["shifts"][1]),
            "batch": ("batch", made["orders"][0]),
            "station": ("station",),
        }

    @classmethod
    def of(cls, bench):
        if not bench.program:
            raise Skipped("no station is given (--station)")
        if cls.made is None:
            cls.made = cls(bench)
        return cls.made

    def station(self, *words):
        done = subprocess.run(
            [self.bench.program, *words],
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "STATION_HOME": self.bench.home},
        )
        if done.returncode:
            raise AssertionError(f"station {' '.join(words[:2])} ended with {done.returncode}: {done.stderr[-400:]}")
        return done.stdout

    def report(self, subject, language, form):
        path = os.path.join(self.folder.name, f"{subject}-{language}.{form}")
        if not os.path.exists(path):
            self.station(
                "report", *self.subjects[subject], "--data", self.data, "--language", language, "--output", path
            )
        return path


def opened(bench, month, subject, language):
    bench.browser.driver.get("file://" + month.report(subject, language, "html"))
    return f"{subject}, {language}"


def keep(bench, name, data):
    if bench.shots:
        os.makedirs(bench.shots, exist_ok=True)
        with open(os.path.join(bench.shots, name), "wb") as file:
            file.write(data)


def printed(bench, path):
    """Prints what is open to a PDF file, on the paper that the page asks for."""
    pdf = bench.browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    with open(path, "wb") as file:
        file.write(base64.b64decode(pdf["data"]))
    return path


def tool(*words):
    if not shutil.which(words[0]):
        raise Skipped(f"{words[0]} is not installed")
    return subprocess.run(words, capture_output=True, text=True, timeout=180, check=True).stdout


@check(needs_station=True)
def reports_fit_every_screen(bench):
    month, count = Month.of(bench), 0
    for subject in month.subjects:
        for language in LANGUAGES:
            for width in (1920, 1024, 412):
                bench.browser.look(width, 900)
                what = opened(bench, month, subject, language)
                equal(bench.browser.run(MISPLACED), [], f"{what}, {width} wide")
                equal(
                    bench.browser.run("return getComputedStyle(document.querySelector('.tiles')).display"),
                    "grid",
                    f"{what}: the style that its policy lets through",
                )
                count += 1
            serious(bench.browser, axe_script(), what)
            bench.browser.look(1024, bench.browser.run("return document.documentElement.scrollHeight"))
            keep(bench, f"report-{subject}-{language}.png", bench.browser.driver.get_screenshot_as_png())
    bench.note(f"{count} views")


@check(needs_station=True)
def reports_print_on_a4_with_nothing_cut_off(bench):
    month, pages = Month.of(bench), []
    for subject in month.subjects:
        for language in LANGUAGES:
            what = opened(bench, month, subject, language)
            path = printed(bench, os.path.join(month.folder.name, f"{subject}-{language}.pdf"))
            about = tool("pdfinfo", path)
            count = int(re.search(r"Pages:\s+(\d+)", about).group(1))
            if "(A4)" not in about or not 2 <= count <= 4:
                raise AssertionError(f"{what}: expected 2 to 4 pages of A4, found {count}: {about[-200:]}")
            pages.append(count)
            words = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", tool("pdftotext", "-bbox", path, "-")))
            for word in words.iter("{http://www.w3.org/1999/xhtml}word"):
                left, top, right, bottom = (float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))
                if left < MARGIN or right > PAPER[0] - MARGIN or top < 8 or bottom > PAPER[1] - 8:
                    raise AssertionError(f"{what}: {word.text} stands at the paper's edge ({left:.0f}, {top:.0f})")
            text = re.sub(r"\s+", "", tool("pdftotext", path, "-"))
            said = bench.browser.run(
                "return [...document.querySelectorAll('h1, h2, td, dt, dd, footer p')].map((e) => e.textContent)"
            )
            lost = [one for one in said if re.sub(r"\s+", "", one)[:24] not in text]
            # A line break in the paper's column may part a word from the rest of its sentence.
            if len(lost) > len(said) // 50:
                raise AssertionError(f"{what}: not on paper: {lost[:5]}")
            if bench.shots:
                keep(bench, f"report-{subject}-{language}.pdf", open(path, "rb").read())
                pages_of = os.path.join(bench.shots, f"report-{subject}-{language}-page")
                tool("pdftoppm", "-r", "80", "-png", path, pages_of)
    bench.note(f"{len(pages)} reports on {sum(pages)} pages")


@check(needs_station=True)
def spreadsheets_read_reports_as_they_are_meant(bench):
    month = Month.of(bench)
    if not shutil.which("soffice"):
        raise Skipped("libreoffice-calc is not installed")
    for language in LANGUAGES:
        path = month.report("batch", language, "csv")
        # What LibreOffice's import dialog proposes for a file with this byte order mark: comma, quotes, UTF-8, from line 1.
        tool(
            "soffice",
            f"-env:UserInstallation=file://{month.folder.name}/office",
            "--headless",
            "--infilter=CSV:44,34,76,1",
            "--convert-to",
            "fods",
            "--outdir",
            month.folder.name,
            path,
        )
        rows = cells(path[:-4] + ".fods")
        report = json.loads(month.station("report", *month.subjects["batch"], "--data", month.data, "--format", "json"))
        counts = [row for row in rows if row[0][1] in ("数量（块）", "Units")]
        expected = sorted(number for number in report["counts"].values() if number is not None)
        equal(sorted(int(float(row[3][1])) for row in counts), expected, "counts")
        equal({kind for kind, _ in (row[3] for row in counts)}, {"float"}, "counts are numbers")
        release = report["order"]["release"]
        found = {cell for row in rows for cell in row if cell[1].strip() == release}
        equal({kind for kind, _ in found}, {"string"}, f"release {release} is text, not a date")
        if any(value.startswith("#") or "Err:" in value for row in rows for _, value in row):
            raise AssertionError("a cell of the report was taken for a formula")


def cells(path):
    """The first sheet's rows: each cell as (type, text)."""
    table = ElementTree.parse(path).getroot().find(f".//{FODS % 'table'}table")
    rows = []
    for row in table.iter(f"{FODS % 'table'}table-row"):
        line = []
        for cell in row.iter(f"{FODS % 'table'}table-cell"):
            kind = cell.get(f"{FODS % 'office'}value-type", "")
            text = "".join("".join(part.itertext()) for part in cell.iter(f"{FODS % 'text'}p"))
            value = cell.get(f"{FODS % 'office'}value", text) if kind == "float" else text
            line += [(kind, value)] * min(5, int(cell.get(f"{FODS % 'table'}number-columns-repeated", "1")))
        if any(value for _, value in line):
            rows.append(line[:5])
    return rows
