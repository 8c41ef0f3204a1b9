"""Generators by name: what columns each makes and which settings it has. The numbers are made in data/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Shapes = dict[str, tuple[int, ...]]
"""Shape of one sample, by column."""

_PLANE: Shapes = {"x": (), "y": (), "label": ()}


@dataclass(frozen=True)
class Generator:
    """What is known of a generator without running it.

    Attributes:
        summary: What it makes, one line.
        shapes: Shape of a sample in each column, from the settings below.
        options: Its settings beside `samples`, `noise` and `seed`, with their defaults.
    """

    summary: str
    shapes: Callable[[Mapping[str, int]], Shapes]
    options: Mapping[str, int]

    def columns(self, given: Mapping[str, int]) -> Shapes:
        """Return the shape of a sample in each column."""
        return self.shapes({**self.options, **given})


def _plane(summary: str) -> Generator:
    return Generator(summary, lambda _: dict(_PLANE), {})


def _sequence(given: Mapping[str, Any]) -> Shapes:
    return {"input": (given["length"],), "target": (given["length"],)}


def _image(given: Mapping[str, Any]) -> Shapes:
    return {"image": (1, given["size"], given["size"]), "label": ()}


GENERATORS: dict[str, Generator] = {
    "curve": _plane("points above and below a curve; x, y, label 0 or 1; noise: share of outliers"),
    "moons": _plane("two half circles that reach into each other; x, y, label 0 or 1"),
    "circles": _plane("a small circle inside a large one; x, y, label 0 or 1"),
    "blobs": _plane("three round clouds; x, y, label 0, 1 or 2"),
    "xor": _plane("four quadrants, the opposite ones of one class; x, y, label 0 or 1"),
    "spirals": Generator(
        "spirals wound into each other, one for each class; x, y, label",
        lambda _: dict(_PLANE),
        {"classes": 2},
    ),
    "sine": Generator("a sine over two periods; x, y", lambda _: {"x": (), "y": ()}, {}),
    "regression": Generator(
        "a linear function of independent features; x [features], y",
        lambda given: {"x": (given["features"],), "y": ()},
        {"features": 3},
    ),
    "copy": Generator(
        "sequences to repeat; input and target [length], whole numbers below `symbols`",
        _sequence,
        {"length": 8, "symbols": 10},
    ),
    "reverse": Generator(
        "sequences to turn around; input and target [length], whole numbers below `symbols`",
        _sequence,
        {"length": 8, "symbols": 10},
    ),
    "bars": Generator(
        "pictures of a bar that lies (label 0) or stands (1); image [1, size, size], label",
        _image,
        {"size": 8},
    ),
}
"""Every generator by the name users write."""
