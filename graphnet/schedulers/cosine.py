"""Schedulers that follow a cosine."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.declare import Integer, Real, setting
from graphnet.schedulers.scheduler import Scheduler


def between(first: float, last: float, share: float) -> float:
    """Return the place on half a cosine from `first` (share 0) to `last` (share 1).

    Example:
        >>> between(8.0, 2.0, 0.0), between(8.0, 2.0, 1.0)
        (8.0, 2.0)
    """
    return last + (first - last) * (1.0 + math.cos(math.pi * share)) / 2.0


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
        return between(base, self.eta_min, count / self.T_max)

    def follow(self, rate: float, base: float, count: int) -> float:
        """Return the rate after `count` intervals from the one before, as torch goes along the curve."""
        if count == 0:
            return rate
        if (count - 1 - self.T_max) % (2 * self.T_max) == 0:
            rise = (1.0 - math.cos(math.pi / self.T_max)) / 2.0
            return rate + (base - self.eta_min) * rise
        now, before = (1.0 + math.cos(math.pi * at / self.T_max) for at in (count, count - 1))
        return now / before * (rate - self.eta_min) + self.eta_min


@dataclass(frozen=True, kw_only=True)
class CosineAnnealingWarmRestarts(Scheduler):
    """Follow half a cosine down again and again, each time T_mult times as long.

    `lr = eta_min + (base - eta_min) * (1 + cos(pi u / T)) / 2`, u intervals after the last restart, T being
    T_0 at first.

    References:
        Loshchilov and Hutter, "SGDR", 2017.
    """

    T_0: int = setting(Integer(1), doc="intervals to the first restart")
    T_mult: int = setting(Integer(1), 1, doc="factor of the length after a restart")
    eta_min: float = setting(Real(low=0.0), 0.0, doc="the lowest rate")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        length = self.T_0
        if self.T_mult == 1:
            return between(base, self.eta_min, count % length / length)
        while count >= length:
            count, length = count - length, length * self.T_mult
        return between(base, self.eta_min, count / length)


@dataclass(frozen=True, kw_only=True)
class WarmupCosine(Scheduler):
    """Rise evenly to the rate, then follow half a cosine down.

    `lr = base * (start_factor + (1 - start_factor) (t + 1) / warmup)` while t < warmup, then
    `lr = eta_min + (base - eta_min) * (1 + cos(pi (t - warmup) / (total - warmup))) / 2`, and eta_min from
    total on.
    """

    warmup: int = setting(Integer(0), doc="intervals of the rise")
    total: int = setting(Integer(1), doc="intervals in all, down to eta_min")
    start_factor: float = setting(Real(low=0.0, high=1.0), 0.0, doc="share from which it rises")
    eta_min: float = setting(Real(low=0.0), 0.0, doc="the lowest rate")

    def conflict(self) -> str:
        """Refuse a rise that does not end before the whole does."""
        return "" if self.warmup < self.total else "warmup must be smaller than total"

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        if count < self.warmup:
            return base * risen(self.start_factor, count, self.warmup)
        share = min(1.0, (count - self.warmup) / (self.total - self.warmup))
        return between(base, self.eta_min, share)


def risen(start: float, count: int, warmup: int) -> float:
    """Return `start + (1 - start) (count + 1) / warmup`, 1 from the end of the rise on."""
    return start + (1.0 - start) * min(1.0, (count + 1) / max(warmup, 1))
