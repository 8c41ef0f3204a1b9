"""Overlay: colour the layers of a drawing by what they cost, or by any other number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphnet.viz.model import Drawing, Legend, Node

_HEATED = ("layer", "function", "loss")
_WIDE = 30.0
"""Ratio of the largest to the smallest value above which colours follow the logarithm."""


@dataclass(frozen=True)
class Overlay:
    """A number for every layer.

    Attributes:
        meaning: What the numbers are, in one line.
        values: By layer, losses as `loss:NAME`.
        told: How a value is written.
        joined: How the values of layers that are drawn as one become one.
        rest: What belongs to no layer, by name: the optimizer's update.
        shares: Whether values are parts of a whole, so that their share is told too.
    """

    meaning: str
    values: Mapping[str, float]
    told: Callable[[float], str]
    joined: Callable[[Sequence[float]], float] = sum
    rest: Mapping[str, float] | None = None
    shares: bool = True


def with_overlay(drawing: Drawing, overlay: Overlay) -> Drawing:
    """Return a drawing whose layers are coloured by an overlay and tell its value.

    Colours run evenly from the least to the largest value, over their logarithm where these are far
    apart, and become darker all the way, so that they can be read in grey print.
    """
    values = {node.id: _value(node, overlay) for node in drawing.nodes if node.kind in _HEATED}
    known = {id_: value for id_, value in values.items() if value is not None}
    if not known:
        return replace(drawing, remarks=(*drawing.remarks, overlay.meaning))
    heat = _heat_of(list(known.values()), overlay.shares)
    rest = overlay.rest or {}
    whole = sum(known.values()) + sum(rest.values())
    nodes = tuple(
        _heated(node, known[node.id], overlay, heat, whole) if node.id in known else node
        for node in drawing.nodes
    )
    told = [f"{name}: {_told(value, overlay, whole)}" for name, value in rest.items()]
    least, most = min(known.values()), max(known.values())
    samples = [
        Legend("layer", f"{word} {overlay.told(value)}", heat=heat(value))
        for word, value in (("least", least), ("most", most))
    ]
    others = [line for line in drawing.legend if line.kind not in _HEATED or line.marks]
    return replace(
        drawing,
        nodes=nodes,
        legend=(*others, *samples),
        remarks=(*drawing.remarks, overlay.meaning, *told),
    )


def _value(node: Node, overlay: Overlay) -> float | None:
    """Return the value of a node and of all it stands for, or None where none is known."""
    found = [overlay.values[id_] for id_ in (node.id, *node.also) if id_ in overlay.values]
    return overlay.joined(found) if found else None


def _heat_of(values: Sequence[float], from_zero: bool) -> Callable[[float], float]:
    """Return the scale from values to 0 (least) ... 1 (most)."""
    positive = [value for value in values if value > 0]
    most = max(values)
    if not positive or most == min(values):
        return lambda value: 0.5 if value > 0 else 0.0
    if not from_zero and most > _WIDE * min(positive):
        low = math.log(min(positive))
        return lambda value: (math.log(value) - low) / (math.log(most) - low) if value > 0 else 0.0
    low = 0.0 if from_zero else min(values)
    return lambda value: (value - low) / (most - low)


def _heated(
    node: Node, value: float, overlay: Overlay, heat: Callable[[float], float], whole: float
) -> Node:
    many = f" in {1 + len(node.also)} layers" if node.also else ""
    return replace(
        node, lines=(*node.lines, _told(value, overlay, whole) + many), heat=round(heat(value), 3)
    )


def _told(value: float, overlay: Overlay, whole: float) -> str:
    text = overlay.told(value)
    return f"{text}, {value / whole:.1%}" if overlay.shares and whole else text
