"""Schedulers that multiply the learning rate by a factor, in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Flag, Integer, Listed, Real, setting
from graphnet.schedulers.scheduler import Scheduler


def power(gamma: float, exponent: int) -> float:
    """Return gamma^exponent, infinity where no number is large enough.

    Example:
        >>> power(0.5, 2), power(10.0, 400)
        (0.25, inf)
    """
    try:
        return float(gamma**exponent)
    except OverflowError:
        return math.inf


@dataclass(frozen=True, kw_only=True)
class StepLR(Scheduler):
    """Multiply by gamma every step_size intervals: `lr = base * gamma^floor(t / step_size)`."""

    multiplies: ClassVar[bool] = True

    step_size: int = setting(Integer(1), doc="intervals between two changes")
    gamma: float = setting(Real(above=0.0), 0.1, doc="factor of each change")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, count // self.step_size)


@dataclass(frozen=True, kw_only=True)
class MultiStepLR(Scheduler):
    """Multiply by gamma at each milestone: `lr = base * gamma^(milestones <= t)`."""

    multiplies: ClassVar[bool] = True

    milestones: tuple[int, ...] = setting(Listed(Integer(0)), doc="counts at which it changes")
    gamma: float = setting(Real(above=0.0), 0.1, doc="factor of each change")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, sum(milestone <= count for milestone in self.milestones))


@dataclass(frozen=True, kw_only=True)
class ExponentialLR(Scheduler):
    """Multiply by gamma in every interval: `lr = base * gamma^t`."""

    multiplies: ClassVar[bool] = True

    gamma: float = setting(Real(above=0.0), doc="factor of each interval")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, count)


@dataclass(frozen=True, kw_only=True)
class ConstantLR(Scheduler):
    """Start at a share of the rate: `lr = base * factor` while t < total_iters, then base."""

    multiplies: ClassVar[bool] = True

    factor: float = setting(Real(low=0.0, high=1.0), 1.0 / 3.0, doc="share at first")
    total_iters: int = setting(Integer(0), 5, doc="intervals at that share")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * self.factor if count < self.total_iters else base


@dataclass(frozen=True, kw_only=True)
class LinearLR(Scheduler):
    """Go evenly from one share to another.

    `lr = base * (start + (end - start) * min(t, total_iters) / total_iters)`.
    """

    multiplies: ClassVar[bool] = True

    start_factor: float = setting(Real(above=0.0, high=1.0), 1.0 / 3.0, doc="share at first")
    end_factor: float = setting(Real(low=0.0, high=1.0), 1.0, doc="share in the end")
    total_iters: int = setting(Integer(1), 5, doc="intervals it takes")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        done = min(count, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


@dataclass(frozen=True, kw_only=True)
class PolynomialLR(Scheduler):
    """Fall to 0 by a power: `lr = base * (1 - min(t, total_iters) / total_iters)^power`."""

    multiplies: ClassVar[bool] = True

    total_iters: int = setting(Integer(1), 5, doc="intervals down to 0")
    power: float = setting(Real(above=0.0), 1.0, doc="1 is a straight line")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        left: float = (1.0 - min(count, self.total_iters) / self.total_iters) ** self.power
        return base * left


@dataclass(frozen=True, kw_only=True)
class InverseTimeDecay(Scheduler):
    """Fall by the inverse of time: `lr = base / (1 + decay_rate * t / decay_steps)`.

    With staircase, `t / decay_steps` is rounded down.
    """

    multiplies: ClassVar[bool] = True

    decay_rate: float = setting(Real(low=0.0), doc="how fast it falls")
    decay_steps: int = setting(Integer(1), 1, doc="intervals that count as one unit of time")
    staircase: bool = setting(Flag(), False, doc="fall only after whole units")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        time = count // self.decay_steps if self.staircase else count / self.decay_steps
        return base / (1.0 + self.decay_rate * time)
