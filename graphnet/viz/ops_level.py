"""The level of ops: what each layer does forward, mirrored by what it does backward, and the update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    swatch,
)
from graphnet.viz.letters import fitted, text_width
from graphnet.viz.look import GREY, INK, LINE, LOOKS
from graphnet.viz.mermaid import mermaid_text
from graphnet.viz.ops_text import column_text, flow_drawing
from graphnet.viz.scene import Box, Scene, Shape, Trace, Words
from graphnet.viz.steps import KEPT, Flow, Step, Steps

_TALL, _GAP = 34.0, 15.0
_NARROWEST, _WIDEST = 196.0, 330.0
"""Bounds of the width of boxes, which follows from what is written into them."""
_ARC = 46.0
"""How far arcs reach out beside a column at most."""
_GUTTER = 120.0
_PAINT = {
    "forward": (LOOKS["input"].fill, LOOKS["input"].line),
    "backward": (LOOKS["target"].fill, LOOKS["target"].line),
    "update": ("#eceff2", LINE),
}
_BAND = "#f6f8fa"
_KEPT_LINE = "#7f9fc4"


@dataclass(frozen=True)
class OpsChart(Chart):
    """Layers from top to bottom; forward on the left, backward on the right, the update beside them."""

    steps: Steps

    @property
    def title(self) -> str:
        """One line above everything."""
        return f"{self.steps.name}: the instructions of every layer"

    @property
    def remarks(self) -> list[str]:
        """What stands below the title."""
        shown = self.steps
        counts = {
            "forward": sum(len(band.forward) for band in shown.bands),
            "backward": sum(len(band.backward) for band in shown.bands),
            "update": len(shown.update),
        }
        parts = ", ".join(f"{count} {phase}" for phase, count in counts.items() if count)
        setup = f"; {shown.setup} more run once for a batch size" if shown.setup else ""
        return [f"instructions: {parts}{setup}"]

    def mermaid(self) -> str:
        """Return a flowchart with a frame for each list and each layer in it."""
        return mermaid_text(flow_drawing(self.title, self.steps))

    def text(self) -> str:
        """Return two columns, forward and backward, and the update below them."""
        return column_text(self.title, self.remarks, self.steps)

    def scene(self) -> Scene:
        """Return boxes, bands and arrows."""
        shown = self.steps
        shapes, y = heading(self.title, self.remarks)
        shapes += legend(_samples(shown), MARGIN, y + 24.0)
        plan = _plan(shown, y + 74.0)
        width = max(heading_width(self.title, self.remarks), plan.right + MARGIN)
        steps = [s for band in shown.bands for s in (*band.forward, *band.backward)]
        shapes += [
            *_headings(shown, plan),
            *_band_shapes(shown, plan),
            *(shape for flow in shown.flows if flow.kind == KEPT for shape in _kept(flow, plan)),
            *_arrows(shown, plan),
            *(shape for step in (*steps, *shown.update) for shape in _box(step, plan)),
        ]
        return Scene(self.title, width, plan.bottom + MARGIN, tuple(shapes))


@dataclass(frozen=True)
class _Plan:
    """Where everything is: the upper left corner of every step, the bands, the columns; how wide a box is."""

    wide: float
    corners: Mapping[int, tuple[float, float]]
    bands: tuple[tuple[float, float], ...]
    columns: Mapping[str, float]
    top: float
    bottom: float
    right: float


def _plan(shown: Steps, top: float) -> _Plan:
    """Place steps: forward downwards, backward upwards, so that both meet at the loss."""
    names = [
        text_width(text, TEXT_SIZE) for band in shown.bands for text in (band.layer, band.kind)
    ]
    wide = _width(shown)
    forward = MARGIN + 12.0 + min(max(names, default=0.0) * 1.05, 170.0) + 12.0 + _ARC
    backward = forward + wide + _GUTTER
    mirrored = any(band.backward for band in shown.bands)
    update = backward + wide + _ARC + 36.0
    corners: dict[int, tuple[float, float]] = {}
    bands, y = [], top
    for band in shown.bands:
        tall = _pile(max(len(band.forward), len(band.backward), 1)) + _GAP
        for number, step in enumerate(band.forward):
            corners[step.index] = (forward, y + _GAP / 2 + number * (_TALL + _GAP))
        lowest = y + tall - _GAP / 2 - _TALL
        for number, step in enumerate(band.backward):
            corners[step.index] = (backward, lowest - number * (_TALL + _GAP))
        bands.append((y, tall))
        y += tall + 6.0
    for number, step in enumerate(shown.update):
        corners[step.index] = (update, top + _GAP / 2 + number * (_TALL + _GAP))
    bottom = max(y - 6.0, top + _pile(len(shown.update)) + _GAP)
    columns = {"forward": forward, "backward": backward, "update": update}
    right = (backward if mirrored else forward) + wide + _ARC
    right = update + wide + _ARC if shown.update else right
    return _Plan(wide, corners, tuple(bands), columns, top, bottom, right)


def _width(shown: Steps) -> float:
    """Return the width in which every op, shape and name has room, within bounds."""
    steps = [step for band in shown.bands for step in (*band.forward, *band.backward)]
    rooms = [_room(step) for step in (*steps, *shown.update)]
    return max(_NARROWEST, min(_WIDEST, max(rooms, default=0.0)))


def _room(step: Step) -> float:
    """Return the width that a box needs to say all it has to say."""
    first = (f"{step.index}", SMALL), (step.op, 1.03 * TEXT_SIZE), (step.shape, SMALL)
    above = sum(text_width(text, size) for text, size in first)
    below = text_width(", ".join(step.lasting), 1.03 * SMALL)
    return max(above + 31.0, below + 21.0)


def _pile(count: int) -> float:
    return count * (_TALL + _GAP) - _GAP if count else 0.0


def _headings(shown: Steps, plan: _Plan) -> Iterator[Shape]:
    """Write above each column which list it is and which way it runs."""
    optimizer = f", {shown.optimizer}" if shown.optimizer else ""
    told = {"forward": "forward, downwards", "backward": "backward, upwards"}
    told["update"] = f"update{optimizer}, downwards"
    present = {"forward"} | {"backward" for band in shown.bands if band.backward}
    present |= {"update"} if shown.update else set()
    for column, x in plan.columns.items():
        if column in present:
            text = fitted(told[column], TEXT_SIZE, plan.wide + _ARC)
            yield Words(x, plan.top - 12.0, text, TEXT_SIZE, INK, bold=True)


def _band_shapes(shown: Steps, plan: _Plan) -> Iterator[Shape]:
    """Yield a pale band behind each layer, with its name and type."""
    mirrored = any(band.backward for band in shown.bands)
    right = plan.columns["backward" if mirrored else "forward"] + plan.wide + _ARC
    room = plan.columns["forward"] - MARGIN - 12.0 - _ARC
    for band, (y, tall) in zip(shown.bands, plan.bands, strict=True):
        yield Box(MARGIN, y, right - MARGIN, tall, _BAND, "", 6.0)
        x, middle = MARGIN + 12.0, y + tall / 2
        name = fitted(band.layer.removeprefix("loss:"), TEXT_SIZE, room)
        yield Words(x, middle + (-2.0 if band.kind else 4.0), name, TEXT_SIZE, INK, bold=True)
        if band.kind:
            yield Words(x, middle + 12.0, fitted(band.kind, SMALL, room), SMALL, GREY)


def _box(step: Step, plan: _Plan) -> Iterator[Shape]:
    """Yield the box of an instruction: op and shape, and below them what lasting memory it touches."""
    x, y = plan.corners[step.index]
    fill, line = _PAINT[step.phase]
    yield Box(x, y, plan.wide, _TALL, fill, line, 5.0, 1.0, about=step.about)
    base = y + (14.0 if step.lasting else _TALL / 2 + 4.0)
    number = f"{step.index}"
    yield Words(x + 9.0, base, number, SMALL, GREY)
    left = x + 9.0 + text_width(number, SMALL) + 6.0
    room = plan.wide - 16.0 - (left - x - 9.0) - text_width(step.shape, SMALL) - 8.0
    yield Words(left, base, fitted(step.op, TEXT_SIZE, room), TEXT_SIZE, INK)
    yield Words(x + plan.wide - 8.0, base, step.shape, SMALL, GREY, "end")
    if step.lasting:
        told = fitted(", ".join(step.lasting), SMALL, plan.wide - 20.0)
        yield Words(x + 9.0, base + 13.0, told, SMALL, line)


def _kept(flow: Flow, plan: _Plan) -> Iterator[Shape]:
    """Yield the curve of a value that the forward list leaves for the backward one."""
    (x, y), (to_x, to_y) = plan.corners[flow.source], plan.corners[flow.target]
    start, end = (x + plan.wide, y + _TALL / 2), (to_x - 1.0, to_y + _TALL / 2)
    pull = 0.5 * (end[0] - start[0])
    points = (start, (start[0] + pull, start[1]), (end[0] - pull, end[1]), end)
    yield Trace(points, _KEPT_LINE, 1.1, "4 3", curved=True, arrow=True)


def _arrows(shown: Steps, plan: _Plan) -> Iterator[Shape]:
    """Yield the arrows inside lists: straight between neighbours, else an arc beside the column."""
    order = _column_order(shown)
    for flow in dict.fromkeys((f.source, f.target, f.kind) for f in shown.flows if f.kind != KEPT):
        source, target, kind = flow
        distance = order[target] - order[source]
        line = _PAINT[kind][1]
        if distance == 1:
            yield _straight(plan, source, target, line)
        else:
            reach = min(_ARC - 8.0, 10.0 + 5.0 * distance)
            yield _arc(plan, source, target, kind, reach, line)


def _column_order(shown: Steps) -> dict[int, int]:
    """Return the place of every step among those of its own column, in execution order."""
    counts: Counter[str] = Counter()
    order: dict[int, int] = {}
    forward = [step for band in shown.bands for step in band.forward]
    backward = [step for band in reversed(shown.bands) for step in band.backward]
    for step in (*forward, *backward, *shown.update):
        order[step.index] = counts[step.phase]
        counts[step.phase] += 1
    return order


def _straight(plan: _Plan, source: int, target: int, line: str) -> Trace:
    (left, y), (_, to_y) = plan.corners[source], plan.corners[target]
    x, down = left + plan.wide / 2, to_y > y
    start, end = (y + _TALL, to_y - 1.0) if down else (y, to_y + _TALL + 1.0)
    return Trace(((x, start), (x, end)), line, 1.1, arrow=True)


def _arc(plan: _Plan, source: int, target: int, kind: str, reach: float, line: str) -> Trace:
    """Return an arc on the outer side of a column: left of forward, right of the others."""
    (x, y), (_, to_y) = plan.corners[source], plan.corners[target]
    left = kind == "forward"
    side = x if left else x + plan.wide
    out = side - 1.33 * reach if left else side + 1.33 * reach
    # Values leave a little below the middle of a side and arrive a little above it, in their direction.
    lean = 5.0 if to_y > y else -5.0
    start, end = y + _TALL / 2 + lean, to_y + _TALL / 2 - lean
    tip = side - 1.0 if left else side + 1.0
    return Trace(
        ((side, start), (out, start), (out, end), (tip, end)), line, 1.0, curved=True, arrow=True
    )


def _samples(shown: Steps) -> Sequence[tuple[Sample, str]]:
    entries: list[tuple[Sample, str]] = [(swatch(*_PAINT["forward"]), "forward")]
    if any(band.backward for band in shown.bands):
        entries.append((swatch(*_PAINT["backward"]), "backward"))
    if shown.update:
        entries.append((swatch(*_PAINT["update"]), "update"))
    if any(flow.kind == KEPT for flow in shown.flows):
        line = Trace(((0.0, 0.0), (20.0, 0.0)), _KEPT_LINE, 1.1, "4 3", arrow=True)
        entries.append((line, "kept for the backward list"))
    return entries
