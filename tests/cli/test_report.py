"""`graphnet report`: one page that needs nothing else, looked at in a real browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from commands import TINY, Command, files_of

pytest.importorskip("matplotlib", reason="plots need matplotlib")

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SECTIONS = [
    "What was trained", "Network", "Memory and time", "Training", "Results", "Instructions",
    "How to reproduce it",
]  # fmt: skip
EARLY = """<script>window.found = [];
addEventListener("error", (event) => found.push(String(event.message || event.target.tagName)), true);
</script>"""
PROBE = """<script>
const luminance = (colour) => {
  const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const contrast = (element) => {
  const pair = [getComputedStyle(element).color,
    getComputedStyle(document.documentElement).backgroundColor].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
};
const reached = (element) => { element.focus(); return document.activeElement === element; };
const targets = [...document.querySelectorAll("a[href], button, summary, .view, .wide, pre, figure")]
  .filter((element) => !element.closest("details:not([open])") || element.tagName === "SUMMARY");
const view = document.querySelector(".view"), drawing = view.querySelector("svg");
const before = drawing.style.transform;
view.dispatchEvent(new KeyboardEvent("keydown", { key: "+", bubbles: true }));
const larger = drawing.style.transform;
view.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
const moved = drawing.style.transform;
document.querySelector("button[data-do=whole]").click();
parent.postMessage(JSON.stringify({
  errors: found,
  width: innerWidth,
  overflow: document.documentElement.scrollWidth - innerWidth,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  images: [...document.images].map((image) => image.complete && image.naturalWidth > 100),
  drawings: [...document.querySelectorAll(".view svg")].map((svg) => svg.getBoundingClientRect().width),
  contrast: [document.body, document.querySelector(".grey"), document.querySelector("a")].map(contrast),
  unreached: targets.filter((element) => !reached(element)).map((element) => element.outerHTML.slice(0, 90)),
  letters: parseFloat(getComputedStyle(document.body).fontSize),
  transforms: [before, larger, moved, drawing.style.transform],
}), "*");
</script>"""


HOST = """<!DOCTYPE html><style>:root { color-scheme: light dark }</style><script>
addEventListener("message", (event) => { document.documentElement.dataset.probe = event.data; });
</script><iframe src="%s" width="%d" height="900" style="border: 0"></iframe>"""
"""A page around the page: browsers without a screen have no windows as narrow as telephones."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a run of the tiny spec; made once, since it is only looked at."""
    from graphnet.cli.main import run

    folder = tmp_path_factory.mktemp("report")
    (folder / "tiny.yaml").write_text(TINY.replace("three numbers", "a <b>&amp; three numbers"))
    more = ["--set", "training.gradient_norms=true", "--set", "data.validation={fraction: 0.25}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "tiny.yaml", "--run-dir", "run", "-q", *more]) == 0
        assert run(["report", "run", "-o", "page.html", "-q"]) == 0
    return folder / "page.html"


class Reader(HTMLParser):
    """Collects tags with their attributes, and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open == "h2":
            self.headings.append(data)
            self._open = ""


def looked_at(page: Path, width: int, *, dark: bool) -> dict[str, Any]:
    """Open a page in a browser without a screen and return what the probe found."""
    probed = page.with_name(f"probed-{width}-{dark}.html")
    text = page.read_text("utf-8")
    probed.write_text(
        text.replace("<head>", f"<head>{EARLY}", 1).replace("</body>", f"{PROBE}</body>")
    )
    host = page.with_name("host.html")
    host.write_text(HOST % (probed.name, width))
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--enable-logging=stderr", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--window-size=1500,1000", f"--user-data-dir={page.parent / 'profile'}", "--dump-dom",
        host.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert b"CONSOLE" not in done.stderr, done.stderr.decode(errors="replace")
    found = re.search(r'data-probe="([^"]*)"', done.stdout.decode())
    assert found, "the page's own script ran to its end"
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_a_browser_shows_all_of_it_at_every_width_and_in_the_dark(page: Path) -> None:
    for width, dark in ((360, False), (1400, False), (360, True), (1400, True)):
        found = looked_at(page, width, dark=dark)
        assert found["errors"] == []
        assert (found["width"], found["dark"]) == (width, dark)
        assert found["overflow"] <= 0, "only tables and pictures scroll sideways"
        assert found["images"] == [True] * 8
        assert len(found["drawings"]) == 4
        assert min(found["drawings"]) > 100
        assert min(found["contrast"]) >= 4.5, "the contrast WCAG asks of text"
        assert found["letters"] >= 15
        assert found["unreached"] == []
        first, *moved, last = found["transforms"]
        assert first == last, "the whole drawing is shown first, as the button shows it"
        assert len({first, *moved}) == 3, "keys and buttons move and enlarge the drawing"


def test_the_page_needs_nothing_from_elsewhere(page: Path) -> None:
    reader = Reader()
    reader.feed(page.read_text("utf-8"))
    for tag, attributes in reader.tags:
        assert tag not in ("link", "iframe", "object", "embed", "form", "base")
        for key in ("src", "href", "xlink:href", "action"):
            value = attributes.get(key)
            assert value is None or value.startswith(("data:image/png;base64,", "#"))
    policy = next(a["content"] for t, a in reader.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page.read_text("utf-8")))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert [attributes["alt"] for tag, attributes in reader.tags if tag == "img"] == [
        "Loss by epoch", "Metrics by epoch", "Learning rate of every update",
        "Gradient norm of every layer", "Weight norm of every layer", "Decision regions, test set",
        "Confusion matrix, test set", "ROC and precision-recall curves, test set",
    ]  # fmt: skip


def test_the_page_tells_everything(page: Path) -> None:
    text = page.read_text("utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.headings == SECTIONS
    summary = json.loads((page.parent / "run" / "summary.json").read_text())
    for value in (
        summary["spec_sha256"],
        summary["data_sha256"],
        f"{summary['metrics']['test']['accuracy']:.6g}",
        f"graphnet {summary['versions']['graphnet']}",
        "graphnet train run/program.json --run-dir again",
        "a &lt;b&gt;&amp;amp; three numbers",
        "BCEWithLogitsLoss",
        '<td class="number">13</td>',
        "seed: 7",
    ):
        assert value in text
    counts = re.findall(
        r"<td>test</td><td class=\"number\">20</td><td class=\"long\">([^<]*)</td>", text
    )
    assert counts == ["0: 10, 1: 10"]


def test_the_same_run_gives_the_same_page(
    cli: Command, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(page.parent)
    before = files_of(page.parent / "run")
    cli.good("report", "run", "-o", "again.html")
    assert (page.parent / "again.html").read_bytes() == page.read_bytes()
    assert files_of(page.parent / "run") == before
    again = ["graphnet", "train", "run/program.json", "--run-dir", "again"][1:]
    cli.good(*again)
    one, other = (
        json.loads((page.parent / n / "summary.json").read_text()) for n in ("run", "again")
    )
    assert one["loss"] == other["loss"], "the commands reproduce the run"


def test_without_matplotlib_and_programs_the_page_says_what_is_left_out(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "run")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(place))
    result = cli.good("report", "run", "--format", "json")
    assert result.document["file"] == "run/report.html"
    plots, drawing = result.document["notes"]
    assert plots == 'plots are left out: plots need matplotlib; pip install "graphnet[plot]"'
    assert drawing.startswith("the drawing of the layers is left out: svg needs Graphviz")
    text = (place / "run" / "report.html").read_text("utf-8")
    assert "the arena over time" in text.lower()
    assert "<img" not in text


@pytest.mark.parametrize("path", ["nowhere", "tiny.yaml"])
def test_what_is_no_run_is_refused(cli: Command, place: Path, path: str) -> None:
    before = files_of(place)
    result = cli("report", path, "-o", "page.html")
    assert (result.code, "GN513" in result.err) == (4, True)
    assert files_of(place) == before
