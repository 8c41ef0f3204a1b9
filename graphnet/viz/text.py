"""Write a drawing as plain text: a table in the order of the flow, for terminals and diffs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from graphnet.viz.frames import Frame, framed
from graphnet.viz.labels import printable
from graphnet.viz.model import Drawing, Node

_WIDEST = 52
"""Columns are made no wider than this; a longer text sticks out."""


def plain_text(drawing: Drawing) -> str:
    """Return a drawing as text: a line for each node, indented by frame, with what it reads behind it.

    Example:
        >>> from graphnet.viz.model import Edge
        >>> nodes = (Node("a", "input", ("x", "[N, 2]")), Node("b", "layer", ("sum", "[N]")))
        >>> print(plain_text(Drawing("one", nodes, (Edge("a", "b", "[N, 2]"),), ())))
        one
        <BLANKLINE>
          x    [N, 2]
          sum  [N]     <- x [N, 2]
        <BLANKLINE>
    """
    rows = list(_rows(framed(drawing.nodes), _readings(drawing), 1))
    columns = max((len(cells) for cells, _ in rows), default=0)
    widths = [
        min(_WIDEST, max(_width(cells[column]) for cells, _ in rows if column < len(cells)))
        for column in range(columns)
    ]
    lines = [*(_one_line(line) for line in (drawing.title, *drawing.remarks)), ""]
    for cells, reads in rows:
        padded = [_padded(text, width) for text, width in zip(cells, widths, strict=False)]
        padded += [" " * width for width in widths[len(cells) :]]
        lines.append("  ".join([*padded, reads] if reads else padded).rstrip())
    return "\n".join(lines) + "\n"


def _rows(frame: Frame, reads: dict[str, str], depth: int) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of every line, and what its node reads."""
    indent = "  " * depth
    for member in frame.members:
        if isinstance(member, Frame):
            yield [indent + _one_line(member.label)], ""
            yield from _rows(member, reads, depth + 1)
        else:
            first, *rest = (_one_line(line) for line in member.lines)
            yield [indent + first, *rest], reads.get(member.id, "")


def _readings(drawing: Drawing) -> dict[str, str]:
    """Return for every node that reads others the end of its line."""
    names = {node.id: _full_name(node) for node in drawing.nodes}
    found: dict[str, list[str]] = {}
    for edge in drawing.edges:
        reading = f"{names[edge.source]} {_one_line(edge.label)}".rstrip()
        found.setdefault(edge.target, []).append(reading)
    return {node: f"<- {', '.join(readings)}" for node, readings in found.items()}


def _full_name(node: Node) -> str:
    return _one_line(".".join((*node.cluster, node.lines[0])))


def _one_line(text: str) -> str:
    return " ".join(printable(text).split("\n"))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese, Japanese and Korean take two each."""
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
