"""A report as one self-contained page: HTML of our own that loads nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from graphnet.viz.labels import printable
from graphnet.viz.page_style import SCRIPT, STYLE

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a browser is to allow: what is in the page, and nothing from anywhere else."""


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        title: Its heading.
        body: Its HTML.
    """

    title: str
    body: str


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return a page with a heading, what leads in, a list of contents and the sections.

    Example:
        >>> text = page("a<b", "", [Section("One", "<p>1</p>")])
        >>> "<h1>a&lt;b</h1>" in text, "https:" in text
        (True, False)
    """
    links = "".join(
        f'<li><a href="#{_anchor(part.title)}">{text(part.title)}</a></li>' for part in sections
    )
    parts = "\n".join(
        f'<section id="{_anchor(part.title)}" aria-labelledby="h-{_anchor(part.title)}">'
        f'<h2 id="h-{_anchor(part.title)}">{text(part.title)}</h2>\n{part.body}</section>'
        for part in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n"
        f"<h1>{text(title)}</h1>\n{lead}\n"
        f'<nav aria-label="contents"><ul>{links}</ul></nav>\n</header>\n<main>\n{parts}\n</main>\n'
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def text(value: object) -> str:
    """Return a value as text in which every character stands for itself."""
    return escape(printable(str(value)))


def paragraph(words: str, kind: str = "") -> str:
    """Return a paragraph."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{text(words)}</p>\n"


def tiles(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a row of figures, each with what it is."""
    items = (f"<li><b>{text(value)}</b><span>{text(name)}</span></li>" for name, value in pairs)
    return f'<ul class="tiles">{"".join(items)}</ul>\n'


def pairs_list(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and what they stand for."""
    items = (f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs)
    return f"<dl>{''.join(items)}</dl>\n"


def table(
    name: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[object]],
    total: Sequence[object] = (),
) -> str:
    """Return a table that scrolls by itself where it is wider than the page.

    Args:
        name: What it shows, for those who hear it.
        columns: Heading of each, and what it holds: `number`, `long` texts that may be broken, or neither.
        rows: Cells.
        total: Cells of the last line.
    """

    def line(cells: Sequence[object], tag: str) -> str:
        kinds = (f' class="{kind}"' if kind else "" for _, kind in columns)
        scope = ' scope="col"' if tag == "th" else ""
        shown = (
            f"<{tag}{scope}{kind}>{text(cell)}</{tag}>"
            for cell, kind in zip(cells, kinds, strict=True)
        )
        return f"<tr>{''.join(shown)}</tr>"

    head = line([heading for heading, _ in columns], "th")
    body = "\n".join(line(row, "td") for row in rows)
    foot = f"<tfoot>{line(total, 'td')}</tfoot>" if total else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(name)}">'
        f"<table><thead>{head}</thead><tbody>{body}</tbody>{foot}</table></div>\n"
    )


def image(content: bytes, told: str, caption: str = "", *, plot: bool = True) -> str:
    """Return a PNG inside the page.

    Args:
        content: The PNG.
        told: What it shows, for those who cannot see it.
        caption: What stands below it.
        plot: Whether its colours may be turned on a dark page; photographs' may not.
    """
    data = base64.b64encode(content).decode("ascii")
    kind = ' class="plot"' if plot else ""
    size = f'width="{_side(content, 16) // 2}" height="{_side(content, 20) // 2}"'
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    shown = f'<img{kind} {size} alt="{text(told)}" src="data:image/png;base64,{data}">'
    return f'<figure tabindex="0" aria-label="{text(told)}">{shown}{below}</figure>\n'


def _side(png: bytes, place: int) -> int:
    return int.from_bytes(png[place : place + 4], "big")


def viewer(svg: str, name: str) -> str:
    """Return a picture that can be moved and enlarged by pointer, buttons and keys.

    Args:
        svg: The picture.
        name: What it shows.
    """
    found = re.search(r"<svg.*</svg>", svg, re.DOTALL)
    drawing = found[0] if found else ""
    told = f"{text(name)}; arrow keys move, plus and minus zoom, 0 shows all"
    buttons = "".join(
        f'<button type="button" data-do="{action}" aria-label="{label}: {text(name)}">{sign}</button>'
        for action, sign, label in (
            ("in", "+", "larger"),
            ("out", "-", "smaller"),
            ("whole", "all", "show all"),
            ("across", "width", "fit the width"),
        )
    )
    return (
        f'<div><div class="tools">{buttons}<span class="grey">drag, or arrow keys, + - 0</span></div>'
        f'<div class="view" tabindex="0" role="group" aria-label="{told}">{drawing}</div></div>\n'
    )


def folded(title: str, body: str) -> str:
    """Return something that is shown when its title is chosen."""
    return f"<details><summary>{text(title)}</summary>{body}</details>\n"


def code(words: str, name: str) -> str:
    """Return a text in letters of equal width."""
    return f'<pre tabindex="0" aria-label="{text(name)}">{text(words)}</pre>\n'


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
