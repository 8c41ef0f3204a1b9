"""Schedulers that go up and down, momentum the other way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from graphnet.declare import Choice, Flag, Integer, Optional, Real, setting
from graphnet.schedulers.cosine import between
from graphnet.schedulers.decay import power
from graphnet.schedulers.scheduler import MOMENTUM, Curve, Schedule, Scheduler

_STEPS = Choice(("epoch", "step"))
_COUNTED = "what is counted: steps (updates), or epochs"
_SHARE = Real(low=0.0, below=1.0)
_CYCLED = "move momentum (the first of the betas) the other way"


@dataclass(frozen=True, kw_only=True)
class CyclicLR(Scheduler):
    """Go up from base_lr to max_lr and down again, as torch.optim.lr_scheduler.CyclicLR.

    `lr = base_lr + (max_lr - base_lr) h s`, h rising from 0 to 1 in step_size_up intervals and falling in
    step_size_down; s is 1 (triangular), 2^(1 - cycle) (triangular2) or gamma^t (exp_range). Momentum is
    `max_momentum - (max_momentum - base_momentum) h s`. The optimizer's own rate and momentum do not count.

    References:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017.
    """

    interval: str = setting(_STEPS, "step", doc=_COUNTED)
    base_lr: float = setting(Real(low=0.0), doc="the lowest rate")
    max_lr: float = setting(Real(low=0.0), doc="the highest rate")
    step_size_up: int = setting(Integer(1), 2000, doc="intervals of the rise")
    step_size_down: int | None = setting(
        Optional(Integer(1)), None, doc="intervals of the fall; those of the rise"
    )
    mode: str = setting(
        Choice(("triangular", "triangular2", "exp_range")), "triangular", doc="how peaks shrink"
    )
    gamma: float = setting(Real(above=0.0), 1.0, doc="factor of each interval in exp_range")
    cycle_momentum: bool = setting(Flag(), True, doc=_CYCLED)
    base_momentum: float = setting(_SHARE, 0.8, doc="the lowest momentum, at the highest rate")
    max_momentum: float = setting(_SHARE, 0.9, doc="the highest momentum")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return self.base_lr + (self.max_lr - self.base_lr) * self._height(count)

    def scheduled(self) -> dict[str, Schedule]:
        """Return how rate and momentum change."""
        found = super().scheduled()
        if self.cycle_momentum:
            found[MOMENTUM] = Schedule(self.interval, self._momentum)
        return found

    def _momentum(self, base: float) -> Curve:
        depth = self.max_momentum - self.base_momentum
        return lambda count: self.max_momentum - depth * self._height(count)

    def _height(self, count: int) -> float:
        """Return `h s`."""
        down = self.step_size_up if self.step_size_down is None else self.step_size_down
        whole = float(self.step_size_up + down)
        cycle = math.floor(1 + count / whole)
        x, ratio = 1.0 + count / whole - cycle, self.step_size_up / whole
        height = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
        if self.mode == "triangular2":
            return height * power(0.5, cycle - 1)
        return height * power(self.gamma, count) if self.mode == "exp_range" else height


@dataclass(frozen=True, kw_only=True)
class OneCycleLR(Scheduler):
    """Go up to max_lr once and far down, as torch.optim.lr_scheduler.OneCycleLR.

    From `max_lr / div_factor` to max_lr in the share pct_start of all steps, then down to
    `max_lr / div_factor / final_div_factor`, where it stays; with three_phase first back as it came. Momentum
    goes from max_momentum to base_momentum and back. The optimizer's own rate and momentum do not count.

    References:
        Smith and Topin, "Super-Convergence", 2019.
    """

    interval: str = setting(_STEPS, "step", doc=_COUNTED)
    max_lr: float = setting(Real(low=0.0), doc="the highest rate")
    total_steps: int | None = setting(Optional(Integer(1)), None, doc="intervals in all")
    epochs: int | None = setting(
        Optional(Integer(1)), None, doc="in place of total_steps: epochs in all"
    )
    steps_per_epoch: int | None = setting(
        Optional(Integer(1)), None, doc="and the updates in each of them"
    )
    pct_start: float = setting(Real(low=0.0, high=1.0), 0.3, doc="share of the rise")
    anneal_strategy: str = setting(Choice(("cos", "linear")), "cos", doc="how it goes")
    cycle_momentum: bool = setting(Flag(), True, doc=_CYCLED)
    base_momentum: float = setting(_SHARE, 0.85, doc="the lowest momentum, at the highest rate")
    max_momentum: float = setting(_SHARE, 0.95, doc="the highest momentum")
    div_factor: float = setting(Real(above=0.0), 25.0, doc="what the first rate is smaller by")
    final_div_factor: float = setting(
        Real(above=0.0), 1e4, doc="what the last rate is smaller by than the first"
    )
    three_phase: bool = setting(Flag(), False, doc="go back as it came before it goes far down")

    def conflict(self) -> str:
        """Refuse a cycle without a length."""
        if self.total_steps is None and (self.epochs is None or self.steps_per_epoch is None):
            return "it needs total_steps, or epochs and steps_per_epoch"
        return ""

    @property
    def total(self) -> int:
        """Intervals in all."""
        return self.total_steps or (self.epochs or 1) * (self.steps_per_epoch or 1)

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        first = self.max_lr / self.div_factor
        last = first / self.final_div_factor
        if self.three_phase:
            return self._along(count, (first, self.max_lr, first, last))
        return self._along(count, (first, self.max_lr, last))

    def scheduled(self) -> dict[str, Schedule]:
        """Return how rate and momentum change."""
        found = super().scheduled()
        if self.cycle_momentum:
            found[MOMENTUM] = Schedule(self.interval, self._momentum)
        return found

    def _momentum(self, base: float) -> Curve:
        high, low = self.max_momentum, self.base_momentum
        stops = (high, low, high, high) if self.three_phase else (high, low, high)
        return lambda count: self._along(count, stops)

    def _ends(self) -> Iterator[float]:
        """Give the last count of each phase."""
        rise = self.pct_start * self.total
        yield rise - 1
        if self.three_phase:
            yield 2 * rise - 2
        yield self.total - 1

    def _along(self, count: int, stops: tuple[float, ...]) -> float:
        """Return the place on the way from stop to stop."""
        ends, start = list(self._ends()), 0.0
        count = min(count, self.total - 1)
        for phase, end in enumerate(ends):
            if count <= end or phase == len(ends) - 1:
                share = (count - start) / (end - start) if end != start else 1.0
                first, last = stops[phase], stops[phase + 1]
                if self.anneal_strategy == "cos":
                    return between(first, last, share)
                return (last - first) * share + first
            start = end
        return stops[-1]
