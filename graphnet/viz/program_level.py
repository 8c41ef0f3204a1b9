"""The level of the program: the flat lists in the order of execution, buffers as lanes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphnet.viz.chart import (
    MARGIN,
    SMALL,
    TEXT_SIZE,
    Chart,
    Sample,
    heading,
    heading_width,
    legend,
)
from graphnet.viz.lanes import CHANGE, READ, WRITE, Lanes, Line, Row
from graphnet.viz.letters import fitted, text_width
from graphnet.viz.look import GREY, INK, LINE, PAPER, ROLES
from graphnet.viz.program_text import lane_text, sequence_diagram
from graphnet.viz.scene import Box, Scene, Shape, Spot, Trace, Words

_ROW = 18.0
_LANE = 15.0
_SLOPE = 1.1
"""Height of a slanted name over its width."""
_BAND = "#f4f6f8"
_LONGEST = 190.0
_MEANINGS = ((WRITE, "writes"), (READ, "reads"), (CHANGE, "changes"))


@dataclass(frozen=True)
class ProgramChart(Chart):
    """A row for each instruction, a lane for each buffer, and marks where they meet."""

    lanes: Lanes

    @property
    def title(self) -> str:
        """One line above everything."""
        doing = "training step" if self.lanes.routine == "train" else "prediction"
        return f"{self.lanes.name}: the program of one {doing}"

    @property
    def remarks(self) -> list[str]:
        """What stands below the title."""
        shown = self.lanes
        parts = ", ".join(f"{span.stop - span.start} {span.name}" for span in shown.spans)
        again = "; a lane is used again when its buffer is dead" if shown.shared else ""
        return [f"instructions: {parts}; {len(shown.lines)} buffers{again}"]

    def mermaid(self) -> str:
        """Return a sequence diagram: buffers are the lanes, instructions go between them."""
        return sequence_diagram(self.title, self.lanes)

    def text(self) -> str:
        """Return a line for each instruction, with a letter in each lane."""
        return lane_text(self.title, self.remarks, self.lanes)

    def scene(self) -> Scene:
        """Return rows, lanes and marks."""
        shown = self.lanes
        shapes, y = heading(self.title, self.remarks)
        shapes += legend(_samples(shown), MARGIN, y + 24.0)
        grid = _grid(shown, y + 40.0)
        width = max(heading_width(self.title, self.remarks), grid.right + MARGIN)
        shapes += [
            *_bands(shown, grid),
            *_lane_lines(shown, grid),
            *_lane_names(shown, grid),
            *(shape for index in range(len(shown.rows)) for shape in _row(shown, grid, index)),
        ]
        return Scene(self.title, width, grid.bottom + MARGIN, tuple(shapes))


@dataclass(frozen=True)
class _Grid:
    """Where rows and lanes are."""

    tops: tuple[float, ...]
    bottom: float
    op: float
    layer: float
    first_lane: float
    right: float

    def lane(self, line: Line) -> float:
        """Return the middle of a buffer's lane."""
        return self.first_lane + _LANE * line.lane

    def row(self, index: int) -> float:
        """Return the middle of a row."""
        return self.tops[index] + _ROW / 2


def _grid(shown: Lanes, y: float) -> _Grid:
    """Place rows below the slanted names of lasting buffers, with a heading for each list."""
    names = [line.shown for line in shown.lines if line.lasting]
    y += 0.72 * max((min(text_width(name, SMALL), _LONGEST) for name in names), default=0.0)
    tops: list[float] = []
    for span in shown.spans:
        y += 1.5 * _ROW
        for _ in range(span.start, span.stop):
            tops.append(y)
            y += _ROW
    numbers = text_width("0" * len(str(len(shown.rows))), SMALL)
    op = MARGIN + 8.0 + numbers + 10.0
    items = [row.instruction for row in shown.rows]
    layer = op + max((text_width(item.op, TEXT_SIZE) for item in items), default=0.0) + 12.0
    wide = [text_width(_told(shown, row), SMALL) for row in shown.rows]
    first = layer + min(max(wide, default=0.0), _LONGEST) + 24.0
    right = first + _LANE * shown.count
    ends = [_label_end(shown, row, first) for row in shown.rows]
    return _Grid(tuple(tops), y, op, layer, first, max([right, *ends]))


def _told(shown: Lanes, row: Row) -> str:
    """Return what stands beside the op: the layer, or the results where lanes have no names."""
    return ", ".join(row.results) if shown.shared else row.instruction.layer


def _bands(shown: Lanes, grid: _Grid) -> Iterator[Shape]:
    """Yield the heading of each list, and a band behind every other layer."""
    for span in shown.spans:
        y = grid.tops[span.start] - 7.0
        yield Words(MARGIN, y, span.name, TEXT_SIZE, INK, bold=True)
        yield Trace(((MARGIN, y + 5.0), (grid.right, y + 5.0)), LINE, 0.8)
        start, number = span.start, 0
        for index in range(span.start, span.stop):
            following = shown.rows[index + 1].instruction.layer if index + 1 < span.stop else None
            if following == shown.rows[index].instruction.layer:
                continue
            if number % 2:
                tall = _ROW * (index + 1 - start)
                yield Box(MARGIN, grid.tops[start], grid.right - MARGIN, tall, _BAND)
            start, number = index + 1, number + 1


def _lane_lines(shown: Lanes, grid: _Grid) -> Iterator[Shape]:
    """Yield the line of each buffer: faint all the way where it lasts, strong while it lives else."""
    if not shown.rows:
        return
    for line in shown.lines:
        x = grid.lane(line)
        top, bottom = grid.row(line.first), grid.row(line.last)
        fill, edge = ROLES[line.role]
        if line.lasting:
            ends = ((x, grid.tops[0] - 0.5 * _ROW), (x, grid.bottom))
            yield Trace(ends, edge, 0.9, "1 3")
        else:
            about = f"{line.shown}: {line.role}, instructions {line.first} to {line.last}"
            yield Box(x - 2.0, top, 4.0, bottom - top, fill, about=about)


def _lane_names(shown: Lanes, grid: _Grid) -> Iterator[Shape]:
    """Write the names of lasting buffers above their lanes, slanted."""
    if not shown.rows:
        return
    y = grid.tops[0] - 1.05 * _ROW
    for line in shown.lines:
        if line.lasting:
            text = fitted(line.shown, SMALL, _LONGEST)
            yield Words(grid.lane(line) + 3.0, y, text, SMALL, ROLES[line.role][1], turn=-45.0)


def _row(shown: Lanes, grid: _Grid, index: int) -> Iterator[Shape]:
    """Yield the text of an instruction, the line through what it touches, and its marks."""
    row, y = shown.rows[index], grid.row(index)
    base = y + 3.6
    yield Words(grid.op - 10.0, base, str(index), SMALL, GREY, "end")
    yield Words(grid.op, base, row.instruction.op, TEXT_SIZE, INK)
    room = grid.first_lane - grid.layer - 14.0
    yield Words(grid.layer, base, fitted(_told(shown, row), SMALL, room), SMALL, GREY)
    touched = [line for line in shown.lines if line.name in row.marks]
    places = [grid.lane(line) for line in touched]
    if len(places) > 1:
        yield Trace(((min(places), y), (max(places), y)), LINE, 0.9)
    for line in touched:
        yield mark(row.marks[line.name], line, grid.lane(line), y)
    label = _label(shown, row)
    if label:
        yield Words(max(places) + 9.0, base, label, SMALL, GREY)


def mark(kind: str, line: Line, x: float, y: float) -> Spot:
    """Return the mark of what an instruction does to a buffer."""
    fill, edge = ROLES[line.role]
    about = f"{kind}s {line.shown}"
    if kind == READ:
        return Spot(x, y, 3.6, PAPER, edge, about=about)
    return Spot(x, y, 4.2, fill, edge, diamond=kind == CHANGE, about=about)


def _label(shown: Lanes, row: Row) -> str:
    """Return the names of buffers that begin here; every lane further right is still empty."""
    if shown.shared:
        return ""
    born = [
        line.shown
        for line in shown.lines
        if not line.lasting and line.name in row.marks and shown.rows[line.first] is row
    ]
    return fitted(", ".join(born), SMALL, 1.6 * _LONGEST)


def _label_end(shown: Lanes, row: Row, first_lane: float) -> float:
    label = _label(shown, row)
    if not label:
        return 0.0
    furthest = max(line.lane for line in shown.lines if line.name in row.marks)
    return first_lane + _LANE * furthest + 9.0 + text_width(label, SMALL)


def _samples(shown: Lanes) -> list[tuple[Sample, str]]:
    """Return what the legend explains: marks, then the colours of lanes."""
    plain = Line("", "", "state", 0, 0, 0)
    entries: list[tuple[Sample, str]] = [
        (mark(kind, plain, 0.0, 0.0), meaning) for kind, meaning in _MEANINGS
    ]
    present = {line.role for line in shown.lines}
    for role, meaning in (
        ("activation", "activation"),
        ("adjoint", "gradient of an activation"),
        ("workspace", "workspace"),
    ):
        if role in present:
            entries.append((Box(0.0, 0.0, 4.0, 13.0, ROLES[role][0]), meaning))
    entries.append((Trace(((2.0, -6.5), (2.0, 6.5)), LINE, 0.9, "1 3"), "memory that lasts"))
    return entries
