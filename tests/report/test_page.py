"""The HTML page: self-contained, escaped, and looked at by a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nasfer.report import write_page
from tests.report.ledgers import failed, line, some_run, stopped, write_run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), "")
EVIL = (
    "</script><script>document.title='hacked'</script><img src=x onerror=document.title='hacked'>"
)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def page_of(run: Path, **options: str) -> str:
    write_page([run], run / "deep" / "page.html", **options)
    return (run / "deep" / "page.html").read_text()


def test_the_page_says_what_was_run_and_found(tmp_path: Path) -> None:
    text = page_of(some_run(tmp_path))
    page = Page(text)
    for part in (
        "nasfer tune zennet_m --epochs 3",
        "python 3.11.2, nasfer 0.1.0",
        "61.00 ± 1.41",
        "TrialError: loss is nan in epoch 2",
        "SuperConvK3BNRELU(3,20,2,1)SuperConvK3BNRELU(20,16,2,1)",
        "Printed by the papers",
        "88.53",
    ):
        assert any(part in found for found in page.texts), part
    assert "nasfer train zennet_m_sa --data drawn --recipe nasfer --epochs 3" in text
    assert text.count('scope="row"') > 20
    assert text.count("<caption>Confusion, summed over 2 seeds") == 4


def test_the_page_asks_for_nothing_outside(tmp_path: Path) -> None:
    page = Page(page_of(some_run(tmp_path)))
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:,")), (tag, value)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttp", page_of(some_run(tmp_path)))


def evil_run(folder: Path) -> Path:
    lines = [
        line(0, structure=EVIL, source=EVIL, config={"x": EVIL}),
        line(1), line(2), line(3), failed(4, error=EVIL), stopped(5),
    ]  # fmt: skip
    return write_run(folder, lines, data=EVIL, recipe=EVIL)


def test_text_of_a_run_is_escaped(tmp_path: Path) -> None:
    text = page_of(evil_run(tmp_path))
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert "img" not in [tag for tag, _ in page.tags]
    assert EVIL not in text
    start = text.index('id="data">') + len('id="data">')
    data = json.loads(text[start : text.index("</script>", start)])
    assert EVIL in [row["structure"] for row in data["rows"]]


def test_missing_figures_are_blank_and_not_numbers(tmp_path: Path) -> None:
    run = write_run(tmp_path, [line(0, zen_closed_form=None), line(9)])
    text = page_of(run, x="params", y="zen")
    assert "NaN" not in text.split("<script>")[0]
    assert "nan" not in re.findall(r'data-value="([^"]*)"', text)


WATCH = """<script>
window.faults = [];
addEventListener("error", (event) => faults.push(event.message));
const told = console.error;
console.error = (...words) => { faults.push(words.join(" ")); told(...words); };
</script>"""

ACT = """<script>{
const column = (index) => [...document.querySelectorAll("#candidates tbody tr")]
  .map((row) => row.cells[index].textContent.trim());
const heads = [...document.querySelectorAll("#candidates thead button")];
const index = heads.findIndex((head) => head.textContent.startsWith("test"));
const seen = { before: column(index), marks: document.querySelectorAll("#plot .mark").length };
heads[index].click(); seen.up = column(index);
heads[index].click(); seen.down = column(index);
seen.aria = heads[index].parentNode.getAttribute("aria-sort");
heads[0].click(); seen.names = column(0);
seen.front = column(heads.findIndex((head) => head.textContent === "front"));
const mark = document.querySelector("#plot .mark");
mark.dispatchEvent(new MouseEvent("mouseenter"));
seen.tip = document.getElementById("tip").textContent;
const select = document.getElementById("axis-y");
seen.choices = select.options.length;
for (let i = 0; i < seen.choices; i++) {
  select.selectedIndex = i;
  select.dispatchEvent(new Event("change"));
}
select.selectedIndex = [...select.options].findIndex((o) => o.textContent.startsWith("latency"));
select.dispatchEvent(new Event("change"));
seen.frontOfLatency = column(heads.findIndex((head) => head.textContent === "front"));
seen.title = document.title;
seen.faults = faults;
document.body.dataset.seen = JSON.stringify(seen);
}</script>"""


def browse(text: str, folder: Path) -> tuple[dict, str]:
    """Open a page with the acting script in it; return what the script saw, and the log."""
    text = text.replace("<head>", f"<head>{WATCH}", 1).replace("</body>", f"{ACT}</body>", 1)
    (folder / "acted.html").write_text(text)
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", f"file://{folder}/acted.html",
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = Page(done.stdout)
    (seen,) = [attrs["data-seen"] for tag, attrs in found.tags if tag == "body"]
    return json.loads(seen or ""), done.stderr


@pytest.mark.slow
@pytest.mark.needs_program(*BROWSERS)
def test_a_browser_shows_sorts_and_complains_of_nothing(tmp_path: Path) -> None:
    seen, log = browse(page_of(some_run(tmp_path)), tmp_path)
    assert seen["before"] == ["52.00 ± 2.83", "61.00 ± 1.41", "57.50 ± 0.71", "70.50 ± 0.71"]
    assert seen["up"] == sorted(seen["before"])
    assert seen["down"] == sorted(seen["before"], reverse=True)
    assert seen["aria"] == "descending"
    assert seen["names"] == ["search#0", "search#2", "search#3", "zennet_m_sa"]
    assert seen["front"] == ["front", "dominated", "front", "front"]
    assert seen["frontOfLatency"] == ["front", "dominated", "dominated", "dominated"]
    assert seen["marks"] == 4
    assert seen["tip"].startswith("search#0 (candidate, 2 seeds)")
    assert seen["choices"] >= 10
    assert seen["faults"] == []
    assert "CONSOLE" not in log


@pytest.mark.slow
@pytest.mark.needs_program(*BROWSERS)
def test_a_browser_runs_no_text_of_a_run(tmp_path: Path) -> None:
    seen, log = browse(page_of(evil_run(tmp_path)), tmp_path)
    assert seen["title"].startswith("Trained networks")
    assert seen["faults"] == []
    assert "CONSOLE" not in log
