"""Judge one gradient by differences of the loss, also where the loss has kinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
class Element:
    """An element of a parameter, and its gradient that is to be judged.

    Attributes:
        parameter: What it belongs to; as it was, once it is judged.
        place: Its index.
        gradient: What is to be judged.
        scale: What errors are relative to.
        findings: What is found is added here.
    """

    parameter: Array
    place: tuple[int, ...]
    gradient: float
    scale: float
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Line:
    """The loss where elements move together, each as fast as its share says.

    Shares are inverse to scales. They have the gradients' signs, so that errors that are a part of the
    gradient add up, and are to each other as different roots, so that others do not cancel either.

    Attributes:
        elements: What moves.
        loss: Gives the loss with the parameters as they are.
        start: The loss where nothing has moved.
    """

    elements: Sequence[Element]
    loss: Callable[[], float]
    start: float

    @property
    def scale(self) -> float:
        """What errors of the slope are relative to."""
        return min(element.scale for element in self.elements)

    @property
    def shares(self) -> list[float]:
        """How far each element goes in a step of 1."""
        scale, count = self.scale, len(self.elements)
        return [
            math.copysign(scale / element.scale * math.sqrt(count / (count + i)), element.gradient)
            for i, element in enumerate(self.elements)
        ]

    @property
    def gradient(self) -> float:
        """The slope that the elements' gradients come to."""
        return sum(e.gradient * share for e, share in zip(self.elements, self.shares, strict=True))

    def sides(self, step: float) -> Sides:
        """Return what the loss does within a step to both sides."""
        kept = [e.parameter[e.place].item() for e in self.elements]
        high, above = self._moved(kept, step)
        low, below = self._moved(kept, -step)
        for element, value in zip(self.elements, kept, strict=True):
            element.parameter[element.place] = value
        return Sides(step, (high - low) / (above - below), (high - 2.0 * self.start + low) / step)

    def _moved(self, kept: list[float], step: float) -> tuple[float, float]:
        """Return the loss after a step, and how far it went; rounded, where the first value is large."""
        shares = self.shares
        for element, value, share in zip(self.elements, kept, shares, strict=True):
            element.parameter[element.place] = value + step * share
        first = self.elements[0]
        return self.loss(), (first.parameter[first.place].item() - kept[0]) / shares[0]


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


def judge_elements(elements: Sequence[Element], loss: Callable[[], float], start: float) -> None:
    """Judge elements together, and one by one where that does not confirm them all.

    Args:
        elements: What is found of each is added to its findings.
        loss: Gives the loss with the parameters as they are.
        start: The loss with the parameters as they are now.
    """
    finding = judge(Line(elements, loss, start))
    if len(elements) == 1 or finding.verdict == "right":
        for element in elements:
            element.findings.append(finding)
        return
    for element in elements:
        judge_elements([element], loss, start)


def judge(line: Line) -> Finding:
    """Compare the gradient along a line with central differences of several steps.

    A wrong gradient differs from all of them by the same amount. A kink within a step makes an error that
    goes away, or at least changes, as the step gets shorter than its distance. A kink at the very place
    bends the loss there however short the step is, and the gradient is that of one side. So one difference
    that confirms the gradient is enough, and where none does, only differences that agree refuse it.

    Args:
        line: The loss where one element moves, or several.
    """
    gradient, scale = line.gradient, line.scale
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
