"""Chart: a picture whose layout is graphnet's own, so that it needs no program that lays out graphs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from graphnet.viz.letters import text_width
from graphnet.viz.look import GREY, INK
from graphnet.viz.scene import Box, Scene, Shape, Spot, Trace, Words

Sample: TypeAlias = Box | Spot | Trace

MARGIN = 24.0
TITLE_SIZE, TEXT_SIZE, SMALL = 15.0, 11.0, 9.5


class Chart(ABC):
    """A picture that can be shown as shapes, as a Mermaid diagram and as plain text."""

    @abstractmethod
    def scene(self) -> Scene:
        """Return it as shapes at places, for svg, png, pdf and dot."""

    @abstractmethod
    def mermaid(self) -> str:
        """Return it in Mermaid's language."""

    @abstractmethod
    def text(self) -> str:
        """Return it as plain text."""


def heading(title: str, remarks: Sequence[str]) -> tuple[list[Shape], float]:
    """Return title and remarks at the top left, and where they end."""
    shapes: list[Shape] = [Words(MARGIN, MARGIN + TITLE_SIZE, title, TITLE_SIZE, INK, bold=True)]
    y = MARGIN + TITLE_SIZE
    for remark in remarks:
        y += 17.0
        shapes.append(Words(MARGIN, y, remark, TEXT_SIZE, GREY))
    return shapes, y


def heading_width(title: str, remarks: Sequence[str]) -> float:
    """Return how wide a picture must be at least for its heading."""
    widths = [
        1.1 * text_width(title, TITLE_SIZE),
        *(text_width(text, TEXT_SIZE) for text in remarks),
    ]
    return 2 * MARGIN + max(widths)


def legend(entries: Sequence[tuple[Sample, str]], x: float, y: float) -> Iterator[Shape]:
    """Yield a row of samples with their meaning; samples are drawn from the point (0, 0) to the right."""
    for sample, meaning in entries:
        moved, wide = _moved(sample, x, y - 4.0)
        yield moved
        x += wide + 6.0
        yield Words(x, y, meaning, TEXT_SIZE - 0.5, GREY)
        x += 0.92 * text_width(meaning, TEXT_SIZE - 0.5) + 18.0


def _moved(sample: Sample, x: float, y: float) -> tuple[Sample, float]:
    """Return a sample at its place, and how wide it is."""
    if isinstance(sample, Box):
        return replace(sample, x=x, y=y - sample.height / 2), sample.width
    if isinstance(sample, Spot):
        return replace(sample, x=x + sample.radius, y=y, about=""), 2 * sample.radius
    points = tuple((x + dx, y + dy) for dx, dy in sample.points)
    return replace(sample, points=points), max(dx for dx, _ in sample.points)


def swatch(fill: str, line: str) -> Box:
    """Return a sample of a colour for the legend."""
    return Box(0.0, 0.0, 15.0, 10.0, fill, line, 2.0)
