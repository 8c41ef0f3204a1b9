"""The level of memory: the arena over time, one rectangle for each buffer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphnet.viz.chart import (
    MARGIN,
    SMALL,
    TEXT_SIZE,
    Chart,
    heading,
    heading_width,
    legend,
    swatch,
)
from graphnet.viz.letters import text_width
from graphnet.viz.look import FAINT, GREY, INK, LINE, ON_ROLES, PAPER, ROLES
from graphnet.viz.memory_map import MemoryMap, Resident
from graphnet.viz.memory_text import gantt, peak_text, strip_chart
from graphnet.viz.scale import byte_ticks, index_ticks
from graphnet.viz.scene import Box, Scene, Shape, Trace, Words

_ARENA_ROLES = ("activation", "adjoint", "workspace")
_MEANINGS = {
    "activation": "activations",
    "adjoint": "gradients of activations",
    "workspace": "workspaces",
}
_HEIGHT = 330.0
_BAR = 15.0


@dataclass(frozen=True)
class MemoryChart(Chart):
    """The arena: offset against instruction index, and the bytes of every category below."""

    map: MemoryMap

    @property
    def title(self) -> str:
        """One line above everything."""
        doing = "one training step" if self.map.routine == "train" else "one prediction"
        return f"{self.map.name}: memory of {doing}, batch {self.map.batch}"

    @property
    def remarks(self) -> list[str]:
        """What stands below the title."""
        shown = self.map
        return [
            f"arena {shown.arena:,} bytes, lower bound {shown.lower_bound:,}, ratio {shown.ratio:.3f}",
        ]

    def mermaid(self) -> str:
        """Return a Gantt chart: time across, a section for each role."""
        return gantt(self.title, self.map)

    def text(self) -> str:
        """Return a strip chart: a line for each buffer, from the top of the arena down."""
        return strip_chart(self.title, self.map)

    def scene(self) -> Scene:
        """Return the arena as rectangles, and the categories as bars."""
        shown = self.map
        shapes, y = heading(self.title, self.remarks)
        entries = [
            (swatch(*ROLES[role]), _MEANINGS[role])
            for role in _ARENA_ROLES
            if any(resident.role == role for resident in shown.residents)
        ]
        shapes += legend(entries, MARGIN, y + 22.0)
        frame = _frame(shown, y + 76.0)
        width = max(
            heading_width(self.title, self.remarks), frame.x + frame.width + MARGIN + 8.0, 620.0
        )
        shapes += [*_axes(shown, frame), *_rectangles(shown, frame), *_peak(shown, frame)]
        bars, end = _bars(shown, frame.y + frame.height + 62.0, width)
        return Scene(self.title, width, end + MARGIN, (*shapes, *bars))


@dataclass(frozen=True)
class _Frame:
    """The field of the arena, and how bytes and instructions become places in it."""

    x: float
    y: float
    width: float
    height: float
    column: float
    arena: int

    def across(self, instruction: float) -> float:
        """Return where an instruction begins."""
        return self.x + instruction * self.column

    def up(self, offset: int) -> float:
        """Return where a byte is."""
        return self.y + self.height * (1.0 - offset / max(self.arena, 1))


def _frame(shown: MemoryMap, y: float) -> _Frame:
    count = max(len(shown.instructions), 1)
    column = max(0.25, min(24.0, max(880.0 / count, 1.5)))
    texts = [f"{shown.arena:,}", *(text for _, text in byte_ticks(shown.arena))]
    left = MARGIN + 12.0 + max(text_width(text, SMALL) for text in texts)
    return _Frame(left, y, column * count, _HEIGHT, column, shown.arena)


def _axes(shown: MemoryMap, frame: _Frame) -> Iterator[Shape]:
    """Yield ticks of both axes, and a band with the name of each list."""
    right, bottom = frame.x + frame.width, frame.y + frame.height
    for offset, text in byte_ticks(shown.arena):
        y = frame.up(offset)
        yield Trace(((frame.x, y), (right, y)), FAINT)
        if y - frame.y > 12.0:
            yield Words(frame.x - 8.0, y + 3.5, text, SMALL, GREY, "end")
    yield Trace(((frame.x - 5.0, frame.y), (right, frame.y)), LINE, 0.8)
    yield Words(frame.x - 8.0, frame.y + 3.5, f"{shown.arena:,}", SMALL, INK, "end")
    for index, text in index_ticks(len(shown.instructions), frame.column):
        yield Words(frame.across(index + 0.5), bottom + 14.0, text, SMALL, GREY, "middle")
    yield Words(frame.x, bottom + 31.0, "instruction, in order of execution", TEXT_SIZE, GREY)
    for span in shown.spans:
        start, stop = frame.across(span.start), frame.across(span.stop)
        yield Box(start + 0.75, frame.y - 7.0, stop - start - 1.5, 3.0, LINE)
        peak, wide = frame.across(shown.peak + 0.5), text_width(span.name, TEXT_SIZE)
        # The name stands beside the arrow to the peak, not under it.
        left = peak + 6.0 if start - 6.0 < peak < start + wide + 6.0 else start + 0.75
        if left + wide < stop + 4.0:
            yield Words(left, frame.y - 13.0, span.name, TEXT_SIZE, INK)
        if span.start:
            yield Trace(((start, frame.y), (start, bottom)), FAINT)


def _rectangles(shown: MemoryMap, frame: _Frame) -> Iterator[Shape]:
    for resident in shown.residents:
        fill, line = ROLES[resident.role]
        x, y = frame.across(resident.first), frame.up(resident.offset + resident.size)
        width = frame.across(resident.last + 1) - x
        height = frame.up(resident.offset) - y
        thick = min(0.9, 0.25 * width, 0.25 * height)
        about = (
            f"{resident.shown}: {resident.size:,} bytes at {resident.offset:,}, "
            f"instructions {resident.first} to {resident.last}, {resident.role}"
        )
        yield Box(x, y, width, height, fill, PAPER if thick < 0.4 else line, 0.0, thick, "", about)
        yield from _label(resident, x, y, width, height)


def _label(resident: Resident, x: float, y: float, width: float, height: float) -> Iterator[Shape]:
    """Write what lies there into a rectangle: across, or up where it is narrow and tall."""
    colour = ON_ROLES[resident.role]
    if height >= 11.0 and (text := _told(resident, width - 8.0)):
        yield Words(x + width / 2, y + height / 2 + 3.4, text, SMALL, colour, "middle")
    elif width >= 12.0 and (text := _told(resident, height - 8.0)):
        middle = x + width / 2 + 3.4
        yield Words(middle, y + height / 2, text, SMALL, colour, "middle", turn=-90.0)


def _told(resident: Resident, room: float) -> str:
    """Return the longest label that has room, or nothing: a name cut in two tells nothing."""
    labels = labels_of(resident.shown)
    return next((label for label in labels if text_width(label, SMALL) <= room), "")


def labels_of(shown: str) -> tuple[str, ...]:
    """Return what a buffer may be labelled with, the longest first: values by name, others by layer and op.

    Example:
        >>> labels_of("norm1:turned, relu1:turned"), labels_of("d::conv2/conv_input_gradient.scratch.3")
        (('norm1, relu1', 'norm1, …'), ('conv2 conv_input_gradient', 'conv2'))
        >>> labels_of("d:conv3:turned")
        ('d:conv3', 'conv3')
    """
    names = dict.fromkeys(name.removesuffix(":turned") for name in shown.split(", "))
    if len(names) > 1 or "/" not in shown:
        plain = [*dict.fromkeys(name.removeprefix("d:") for name in names)]
        first = f"{plain[0]}, …" if len(plain) > 1 else plain[0]
        return tuple(dict.fromkeys((", ".join(names), ", ".join(plain), first)))
    layer, _, op = next(iter(names)).rpartition("/")
    layer = layer.removeprefix("d:").lstrip(":")
    return f"{layer} {op.split('.', 1)[0]}", layer


def _peak(shown: MemoryMap, frame: _Frame) -> Iterator[Shape]:
    """Mark the instruction at which most is alive, and the size of the arena."""
    if not shown.residents:
        return
    x, bottom = frame.across(shown.peak + 0.5), frame.y + frame.height
    if frame.column < 5.0:
        yield Trace(((x, frame.y), (x, bottom)), INK, 1.3, "3 3")
    else:
        left, wide = x - frame.column / 2, frame.column
        yield Box(left, frame.y, wide, frame.height, "", INK, 0.0, 1.3, "3 3")
    text = f"peak: {peak_text(shown)}"
    room = text_width(text, TEXT_SIZE)
    start = min(max(x - room / 2, frame.x), frame.x + max(frame.width - room, 0.0))
    yield Trace(((x, frame.y - 31.0), (x, frame.y - 1.0)), INK, 1.1, arrow=True)
    yield Words(start, frame.y - 36.0, text, TEXT_SIZE, INK)


def _bars(shown: MemoryMap, y: float, width: float) -> tuple[list[Shape], float]:
    """Return the bytes of every category as bars, and where they end."""
    shapes: list[Shape] = []
    parts = {name: count for name, count in shown.categories.items() if count}
    left = MARGIN + max(text_width(name, TEXT_SIZE) for name in parts) + 12.0
    room = width - left - MARGIN - text_width(f"{shown.total:,} bytes", TEXT_SIZE) - 12.0
    most = max(parts.values())
    for name, count in parts.items():
        long = max(room * count / most, 1.0)
        fill = ROLES["activation"][0] if name.startswith("activations") else LINE
        shapes.append(Words(left - 12.0, y + 11.0, name, TEXT_SIZE, INK, "end"))
        shapes.append(Box(left, y + 1.0, long, _BAR - 3.0, fill))
        shapes.append(Words(left + long + 7.0, y + 11.0, f"{count:,}", TEXT_SIZE, GREY))
        y += _BAR + 3.0
    text = f"{shown.total:,} bytes"
    shapes.append(
        Words(left - 12.0, y + 14.0, "total, allocated once", TEXT_SIZE, INK, "end", bold=True)
    )
    shapes.append(Words(left, y + 14.0, text, TEXT_SIZE, INK, bold=True))
    return shapes, y + 14.0
