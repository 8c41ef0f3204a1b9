"""Scheduler: a setting as a pure function of how many epochs or updates are done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from graphnet.declare import Choice, Entry, setting

Curve = Callable[[int], float]
"""The value of a setting after a number of intervals."""
PLATEAU = "plateau"
"""Interval of what counts how often a watched result stood still."""
LR = "lr"
MOMENTUM = "momentum"


@dataclass(frozen=True)
class Schedule:
    """How one setting changes.

    Attributes:
        interval: What is counted: `epoch`, `step` or `plateau`.
        curve: Gives the curve that begins at a value, the setting's own.
    """

    interval: str
    curve: Callable[[float], Curve]


@dataclass(frozen=True, kw_only=True)
class Scheduler(Entry):
    """Base of all schedulers."""

    typed: ClassVar[bool] = True
    multiplies: ClassVar[bool] = False
    """Whether it multiplies the rate by a factor that does not depend on the rate."""

    interval: str = setting(
        Choice(("epoch", "step")), "epoch", doc="what is counted: epochs, or steps (updates)"
    )

    @abstractmethod
    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals, the optimizer's own being `base`."""

    def curve(self, base: float) -> Curve:
        """Return the rate by count; it may remember where it was, to be quick from one count to the next."""
        return partial(self.rate, base)

    def follow(self, rate: float, base: float, count: int) -> float:
        """Return the rate after `count` intervals where others have changed it to `rate` meanwhile."""
        now = self.rate(base, count)
        if not self.multiplies or base == 0.0:
            return now
        before = self.rate(base, count - 1) if count else base
        if before == 0.0:
            return rate if now == 0.0 else now
        return rate * now / before

    def scheduled(self) -> dict[str, Schedule]:
        """Return how each setting that it changes does so, by name: `lr`, `momentum`, `weight_decay`."""
        return {LR: Schedule(self.interval, self.curve)}


class Running:
    """A curve that is only known by going along it."""

    def __init__(self, start: float, advance: Callable[[float, int], float]) -> None:
        """Begin at the start.

        Args:
            start: Value at count 0.
            advance: Gives the value at a count from the one before it.
        """
        self._start, self._advance = start, advance
        self._count, self._value = 0, start

    def __call__(self, count: int) -> float:
        """Return the value at a count."""
        if count < self._count:
            self._count, self._value = 0, self._start
        while self._count < count:
            self._count += 1
            self._value = self._advance(self._value, self._count)
        return self._value
