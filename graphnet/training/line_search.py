"""Line search: the size of a step at which the strong Wolfe conditions hold.

The loss has fallen by at least `LESS * size * slope`, and the slope is flatter than `FLATTER` of what it was.

References:
    Nocedal and Wright, "Numerical Optimization", 2006, algorithms 3.5 and 3.6; constants and interpolation
    are torch.optim.LBFGS's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

LESS, FLATTER = 1e-4, 0.9
NEAR = 0.1
"""Share of a bracket within which a trial counts as being at its end."""


@dataclass(frozen=True)
class Point:
    """A place on the line.

    Attributes:
        size: How far along the direction.
        loss: The loss there.
        slope: Product of gradient and direction there.
        slot: Where its gradient is kept.
    """

    size: float
    loss: float
    slope: float
    slot: int


class Search:
    """One search along a direction."""

    def __init__(
        self,
        start: Point,
        evaluate: Callable[[float, int], Point],
        *,
        most: int,
        tolerance: float,
        reach: float,
    ) -> None:
        """Prepare a search.

        Args:
            start: The place at size 0.
            evaluate: Gives the place of a size, its gradient kept in the given slot.
            most: Most trials after the first.
            tolerance: Least width of a bracket, in units of the weights.
            reach: Largest element of the direction.
        """
        self._start, self._evaluate = start, evaluate
        self._most, self._tolerance, self._reach = most, tolerance, reach
        self._trials = 0
        self._stuck = False

    def run(self, size: float) -> Point:
        """Return the best place found, beginning with a size."""
        bracket = self._bracket(size)
        while len(bracket) > 1 and self._trials < self._most:
            low, high = sorted(bracket, key=lambda point: point.loss)
            if abs(high.size - low.size) * self._reach < self._tolerance:
                break
            bracket = self._narrowed(bracket, low, high)
        return min(bracket, key=lambda point: point.loss)

    def _bracket(self, size: float) -> list[Point]:
        """Return a place that will do, or two with one between them."""
        before, found = self._start, self._evaluate(size, 1)
        while self._trials < self._most:
            if self._too_high(found) or (self._trials > 1 and found.loss >= before.loss):
                return [before, found]
            if self._is_flat(found):
                return [found]
            if found.slope >= 0:
                return [before, found]
            least = found.size + 0.01 * (found.size - before.size)
            size = interpolated(before, found, (least, found.size * 10))
            self._trials += 1
            before, found = found, self._try(size, [self._start, before, found])
        return [self._start, found]

    def _narrowed(self, bracket: list[Point], low: Point, high: Point) -> list[Point]:
        """Return a bracket with a new place in it, or that place alone where it will do."""
        size = self._inside(bracket, interpolated(bracket[0], bracket[1]))
        self._trials += 1
        found = self._try(size, [*bracket, self._start])
        if self._too_high(found) or found.loss >= low.loss:
            return [found if point is high else point for point in bracket]
        if self._is_flat(found):
            return [found]
        turned = found.slope * (high.size - low.size) >= 0
        return [self._replaced(point, low, found, turned) for point in bracket]

    @staticmethod
    def _replaced(point: Point, low: Point, found: Point, turned: bool) -> Point:
        if point is low:
            return found
        return low if turned else point

    def _inside(self, bracket: list[Point], size: float) -> float:
        """Return a size that is not at the end of a bracket twice."""
        low, high = sorted(point.size for point in bracket)
        margin = NEAR * (high - low)
        if min(high - size, size - low) >= margin:
            self._stuck = False
            return size
        if not self._stuck and low < size < high:
            self._stuck = True
            return size
        self._stuck = False
        return high - margin if abs(size - high) < abs(size - low) else low + margin

    def _try(self, size: float, kept: list[Point]) -> Point:
        """Evaluate a size, its gradient in a slot that none of the given places needs."""
        used = {point.slot for point in kept}
        return self._evaluate(size, next(slot for slot in range(len(used) + 1) if slot not in used))

    def _too_high(self, point: Point) -> bool:
        return point.loss > self._start.loss + LESS * point.size * self._start.slope

    def _is_flat(self, point: Point) -> bool:
        return abs(point.slope) <= -FLATTER * self._start.slope


def interpolated(one: Point, other: Point, bounds: tuple[float, float] | None = None) -> float:
    """Return where the cubic through two places with their slopes is lowest, within bounds.

    Example:
        >>> interpolated(Point(0.0, 1.0, -2.0, 0), Point(2.0, 1.0, 2.0, 1))
        1.0
    """
    low, high = bounds or (min(one.size, other.size), max(one.size, other.size))
    mean = one.slope + other.slope - 3 * (one.loss - other.loss) / (one.size - other.size)
    square = mean**2 - one.slope * other.slope
    if not square >= 0:
        return (low + high) / 2.0
    root = math.sqrt(square)
    first, last = (one, other) if one.size <= other.size else (other, one)
    share = (last.slope + root - mean) / (last.slope - first.slope + 2 * root)
    return min(max(last.size - (last.size - first.size) * share, low), high)
