"""Schedulers that multiply the learning rate by a factor, in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, Real, setting
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

    step_size: int = setting(Integer(1), doc="intervals between two changes")
    gamma: float = setting(Real(above=0.0), 0.1, doc="factor of each change")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, count // self.step_size)


@dataclass(frozen=True, kw_only=True)
class MultiStepLR(Scheduler):
    """Multiply by gamma at each milestone: `lr = base * gamma^(milestones <= t)`."""

    milestones: tuple[int, ...] = setting(Listed(Integer(0)), doc="counts at which it changes")
    gamma: float = setting(Real(above=0.0), 0.1, doc="factor of each change")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, sum(milestone <= count for milestone in self.milestones))


@dataclass(frozen=True, kw_only=True)
class ExponentialLR(Scheduler):
    """Multiply by gamma in every interval: `lr = base * gamma^t`."""

    gamma: float = setting(Real(above=0.0), doc="factor of each interval")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * power(self.gamma, count)


@dataclass(frozen=True, kw_only=True)
class ConstantLR(Scheduler):
    """Start at a share of the rate: `lr = base * factor` while t < total_iters, then base."""

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

    start_factor: float = setting(Real(above=0.0, high=1.0), 1.0 / 3.0, doc="share at first")
    end_factor: float = setting(Real(low=0.0, high=1.0), 1.0, doc="share in the end")
    total_iters: int = setting(Integer(1), 5, doc="intervals it takes")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        done = min(count, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


@dataclass(frozen=True, kw_only=True)
class CosineAnnealingLR(Scheduler):
    """Follow half a cosine from the rate down to eta_min.

    `lr = eta_min + (base - eta_min) * (1 + cos(pi t / T_max)) / 2`; it rises again after T_max, as in torch.

    References:
        Loshchilov and Hutter, "SGDR", 2017, equation 5.
    """

    T_max: int = setting(Integer(1), doc="intervals down to the lowest rate")
    eta_min: float = setting(Real(low=0.0), 0.0, doc="the lowest rate")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        share = (1.0 + math.cos(math.pi * count / self.T_max)) / 2.0
        return self.eta_min + (base - self.eta_min) * share
