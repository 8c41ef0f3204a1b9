"""Schedulers that begin with small rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Integer, Real, setting
from graphnet.schedulers.cosine import risen
from graphnet.schedulers.scheduler import Scheduler

_STEPS = Choice(("epoch", "step"))
_COUNTED = "what is counted: steps (updates), or epochs"


@dataclass(frozen=True, kw_only=True)
class Warmup(Scheduler):
    """Rise evenly to the rate and stay there.

    `lr = base * (start_factor + (1 - start_factor) min(1, (t + 1) / warmup))`.
    """

    multiplies: ClassVar[bool] = True

    interval: str = setting(_STEPS, "step", doc=_COUNTED)
    warmup: int = setting(Integer(1), doc="intervals of the rise")
    start_factor: float = setting(Real(low=0.0, high=1.0), 0.0, doc="share from which it rises")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * risen(self.start_factor, count, self.warmup)


@dataclass(frozen=True, kw_only=True)
class InverseSquareRoot(Scheduler):
    """Rise evenly to the rate, then fall by the inverse root of time.

    `lr = base * min((t + 1) / warmup, sqrt(warmup / (t + 1)))`.
    """

    multiplies: ClassVar[bool] = True

    interval: str = setting(_STEPS, "step", doc=_COUNTED)
    warmup: int = setting(Integer(1), doc="intervals of the rise")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base * min((count + 1) / self.warmup, math.sqrt(self.warmup / (count + 1)))


@dataclass(frozen=True, kw_only=True)
class Noam(Scheduler):
    """The Transformer's schedule: rise, then fall by the inverse root of time.

    `lr = base * d_model^-1/2 * min((t + 1)^-1/2, (t + 1) warmup^-3/2)`; base is a factor, such as 1.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, equation 3.
    """

    multiplies: ClassVar[bool] = True

    interval: str = setting(_STEPS, "step", doc=_COUNTED)
    d_model: int = setting(Integer(1), doc="features of the model")
    warmup: int = setting(Integer(1), 4000, doc="intervals of the rise")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        t = count + 1
        shape = min(1.0 / math.sqrt(t), t / (self.warmup * math.sqrt(self.warmup)))
        return base * shape / math.sqrt(self.d_model)
