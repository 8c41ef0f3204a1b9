"""Fold repeats: what follows itself again and again is drawn once, and says how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphnet.viz.model import Drawing, Edge, Node

FOLDED_FROM = 300
"""Layers from which a picture is folded unless told otherwise."""
_KINDS = ("layer", "function")
_LONGEST = 256
"""Layers of a repeated part at most, where no frame says where it ends."""
_LEAST_SAVED = 4
"""Layers that a fold without frames must save; fewer are quicker read than a fold."""
_TIMES = "\N{MULTIPLICATION SIGN}"
_PASSES = 4
"""Repeats inside repeats that are folded: one a pass."""


@dataclass(frozen=True)
class _Run:
    """A part of `period` layers from `start`, there `times` times in a row."""

    start: int
    period: int
    times: int


def fold(drawing: Drawing) -> Drawing:
    """Return a drawing in which layers that repeat are drawn once, in a frame that says how often.

    Two parts are the same when their layers have equal types, settings and shapes and read either each
    the layer as far before it, or the same one. Parts are the numbered copies of a block; outside
    blocks any stretch of layers that repeats.
    """
    for _ in range(_PASSES):
        folded = _fold_once(drawing)
        if folded is drawing:
            break
        drawing = folded
    return drawing


def _fold_once(drawing: Drawing) -> Drawing:
    layers = [node for node in drawing.nodes if node.kind in _KINDS]
    same = _Sameness(layers, drawing.edges)
    runs, start = [], 0
    while start < len(layers):
        run = _numbered_run(layers, same, start) or _plain_run(layers, same, start)
        if run is not None:
            runs.append(run)
        start = start + 1 if run is None else run.start + run.period * run.times
    return _without_copies(drawing, layers, runs) if runs else drawing


class _Sameness:
    """Tells whether two layers are copies of each other."""

    def __init__(self, layers: Sequence[Node], edges: Sequence[Edge]) -> None:
        self._layers = layers
        self._places = {node.id: place for place, node in enumerate(layers)}
        self._reads: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self._reads[edge.target].append(edge)

    def __call__(self, one: int, other: int, start: int) -> bool:
        """Compare a layer with that of the next copy, in a run that begins at `start`."""
        a, b = self._layers[one], self._layers[other]
        if (a.kind, a.lines[1:], a.marks) != (b.kind, b.lines[1:], b.marks):
            return False
        reads, others = self._reads[a.id], self._reads[b.id]
        return len(reads) == len(others) and all(
            left.label == right.label
            and self._alike(left.source, right.source, other - one, start, one)
            for left, right in zip(reads, others, strict=True)
        )

    def _alike(self, source: str, other: str, distance: int, start: int, one: int) -> bool:
        if source == other:
            return True
        place, other_place = self._places.get(source), self._places.get(other)
        if other_place is None:
            return False
        if place is not None and other_place == place + distance:
            return True
        # The first copy reads from outside what later ones read from the copy before.
        outside = place is None or place < start
        return one < start + distance and outside and start <= other_place < start + distance


def _numbered_run(layers: Sequence[Node], same: _Sameness, start: int) -> _Run | None:
    """Return the copies of a block that begin here: frames that differ in one number."""
    cluster = layers[start].cluster
    before = layers[start - 1].cluster if start else ()
    for depth, part in enumerate(cluster):
        prefix = cluster[: depth + 1]
        if not part.isdigit() or before[: depth + 1] == prefix:
            continue
        period = 1
        while (
            start + period < len(layers) and layers[start + period].cluster[: depth + 1] == prefix
        ):
            period += 1
        times = 1
        while _is_copy(layers, same, start, period, times, (depth, int(part) + times)):
            times += 1
        if times > 1:
            return _Run(start, period, times)
    return None


def _is_copy(
    layers: Sequence[Node],
    same: _Sameness,
    start: int,
    period: int,
    times: int,
    numbered: tuple[int, int],
) -> bool:
    """Tell whether the part that would be the next copy is one, and whole."""
    first, (depth, number) = start + times * period, numbered
    prefix = (*layers[start].cluster[:depth], str(number))
    after = layers[first + period].cluster if first + period < len(layers) else ()
    if first + period > len(layers) or after[: depth + 1] == prefix:
        return False
    return all(
        layers[first + step].cluster[: depth + 1] == prefix
        and same(first + step - period, first + step, start)
        for step in range(period)
    )


def _plain_run(layers: Sequence[Node], same: _Sameness, start: int) -> _Run | None:
    """Return the stretch outside numbered frames whose repetition from here covers most."""
    cluster, best = layers[start].cluster, None
    stop = start
    while stop < len(layers) and layers[stop].cluster == cluster:
        stop += 1
    for period in range(1, min(_LONGEST, (stop - start) // 2) + 1):
        match = 0
        while start + match + period < stop and same(start + match, start + match + period, start):
            match += 1
        times = match // period + 1
        saved = period * (times - 1)
        if saved >= _LEAST_SAVED and (best is None or saved > best.period * (best.times - 1)):
            best = _Run(start, period, times)
        if best is not None and start + match + period >= stop:
            break  # the shortest part that repeats up to the end
    return best


def _without_copies(drawing: Drawing, layers: Sequence[Node], runs: Sequence[_Run]) -> Drawing:
    """Return the drawing with the first copy of every run only."""
    kept: dict[str, Node] = {}
    stand_in: dict[str, str] = {}
    copy_of: dict[str, tuple[int, int]] = {}
    for number, run in enumerate(runs):
        for step in range(run.period):
            places = range(run.start + step, run.start + run.period * run.times, run.period)
            copies = [layers[place] for place in places]
            ids = tuple(id_ for node in copies for id_ in (node.id, *node.also))
            frame = _frame(layers, run, copies[0])
            kept[copies[0].id] = replace(copies[0], cluster=frame, also=ids[1:])
            for copy, node in enumerate(copies):
                stand_in[node.id] = copies[0].id
                copy_of[node.id] = (number, copy)
    nodes = tuple(
        kept.get(node.id, node)
        for node in drawing.nodes
        if stand_in.get(node.id, node.id) == node.id
    )
    edges = dict.fromkeys(
        replace(
            edge,
            source=stand_in.get(edge.source, edge.source),
            target=stand_in.get(edge.target, edge.target),
        )
        for edge in drawing.edges
        if not _between_copies(edge, copy_of)
    )
    return replace(drawing, nodes=nodes, edges=tuple(edges))


def _between_copies(edge: Edge, copy_of: Mapping[str, tuple[int, int]]) -> bool:
    """Tell whether an arrow goes from one copy of a part to the next."""
    source, target = copy_of.get(edge.source), copy_of.get(edge.target)
    return source is not None and target is not None and source[0] == target[0] and source != target


def _frame(layers: Sequence[Node], run: _Run, node: Node) -> tuple[str, ...]:
    """Return the frames of a layer that stands for its copies."""
    first = layers[run.start].cluster
    last = layers[run.start + run.period * (run.times - 1)].cluster
    for depth, (one, other) in enumerate(zip(first, last, strict=False)):
        if one != other:
            told = f"{one}-{other} ({_TIMES}{run.times:,})"
            return (*node.cluster[:depth], told, *node.cluster[depth + 1 :])
    ends = layers[run.start], layers[run.start + run.period * run.times - 1]
    told = f"{ends[0].lines[0]} to {ends[1].lines[0]} ({_TIMES}{run.times:,})"
    return (*node.cluster, told)
