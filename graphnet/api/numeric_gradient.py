"""Judge one gradient by differences of the loss, also where the loss has kinks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from graphnet.backend import Array

TOLERANCE = 1e-6
"""Error that is put down to differences; of the scale that the caller gives."""
STEPS = (2.5e-6, 1.6e-7, 1e-5, 4e-5, 6.4e-7, 4e-8)
"""In the order in which they are likely to settle it.

Short steps have few kinks within and much round-off, long ones the other way round.
"""
ROUND_OFF = 16.0 * 2.0**-52
"""How exact a loss is, relative to it."""
SPREAD = 0.05
"""Share of an error that all differences must agree on it to."""


@dataclass(frozen=True, eq=False)
class Line:
    """The loss along one element of a parameter.

    Attributes:
        parameter: What the element belongs to; as it was, once a difference is taken.
        place: Index of the element.
        loss: Gives the loss with the parameters as they are.
        start: The loss where the element has its own value.
    """

    parameter: Array
    place: tuple[int, ...]
    loss: Callable[[], float]
    start: float

    def sides(self, step: float) -> Sides:
        """Return what the loss does within a step to both sides."""
        kept = self.parameter[self.place].item()
        above, below = kept + step, kept - step
        self.parameter[self.place] = above
        high = self.loss()
        self.parameter[self.place] = below
        low = self.loss()
        self.parameter[self.place] = kept
        slope = (high - low) / (above - below)
        return Sides(step, slope, (high - 2.0 * self.start + low) / step)


@dataclass(frozen=True)
class Sides:
    """What the loss does within a step to both sides.

    Attributes:
        step: How far each side reaches.
        slope: `(L(p + h) - L(p - h)) / 2h`.
        bend: Slope of the upper side less that of the lower one: small with the step, but for a kink.
    """

    step: float
    slope: float
    bend: float


@dataclass(frozen=True)
class Finding:
    """What differences say of a gradient.

    Attributes:
        verdict: `right` where some difference confirms it, `wrong` where all that are exact enough agree on
            another value, else `unclear`.
        error: How far it is from the nearest difference, or from those that refuse it; relative to the scale.
    """

    verdict: Literal["right", "wrong", "unclear"]
    error: float


def judge(line: Line, gradient: float, scale: float) -> Finding:
    """Compare a gradient with central differences of several steps.

    A wrong gradient differs from all of them by the same amount. A kink within a step makes an error that
    goes away, or at least changes, as the step gets shorter than its distance. A kink at the very place
    bends the loss there however short the step is, and the gradient is that of one side. So one difference
    that confirms the gradient is enough, and where none does, only differences that agree refuse it.

    Args:
        line: The loss along the element.
        gradient: What is to be judged.
        scale: What errors are relative to.
    """
    seen: list[Sides] = []
    least = math.inf
    for step in STEPS:
        seen.append(line.sides(step))
        values = [seen[-1].slope, *_extrapolated(seen)]
        least = min([least, *(abs(value - gradient) / scale for value in values)])
        if least <= TOLERANCE:
            return Finding("right", least)
    if not math.isfinite(gradient):
        finite = all(math.isfinite(sides.slope) for sides in seen)
        return Finding("wrong" if finite else "unclear", math.inf)
    agreed = _agreed(seen, gradient, abs(line.start))
    if agreed is None:
        return Finding("unclear", least)
    return Finding("wrong", agreed / scale)


def _extrapolated(seen: list[Sides]) -> list[float]:
    """Return what the last step and the one four times as long, or as short, give for step 0."""
    last = seen[-1]
    return [
        (16.0 * short.slope - long.slope) / 15.0
        for other in seen
        for short, long in (sorted((last, other), key=lambda sides: sides.step),)
        if math.isclose(long.step, 4.0 * short.step, rel_tol=0.1)
    ]


def _agreed(seen: list[Sides], gradient: float, loss: float) -> float | None:
    """Return the error that the shortest differences agree on which are exact enough for it, if they do."""
    errors = [
        (sides, sides.slope - gradient)
        for sides in sorted(seen, key=lambda sides: sides.step)
        if ROUND_OFF * loss / sides.step <= SPREAD * abs(sides.slope - gradient)
    ][:3]  # longer steps have kinks within that these are free of
    if len(errors) < 2:
        return None
    (short, _), (long, _) = errors[:2]
    ratio = long.step / short.step
    bend = (ratio * short.bend - long.bend) / (ratio - 1.0)
    amounts = [error for _, error in errors]
    least = min(abs(amount) for amount in amounts)
    agree = max(amounts) - min(amounts) <= SPREAD * least
    return least if agree and abs(bend) <= least / 4.0 else None
