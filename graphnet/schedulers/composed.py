"""Schedulers made of schedulers: one after the other, all at once, one for each setting."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, Optional, Row, Table, setting
from graphnet.schedulers.plateau import ReduceLROnPlateau
from graphnet.schedulers.scheduler import LR, MOMENTUM, Curve, Running, Schedule, Scheduler
from graphnet.schedulers.table_basic import PARTS

_PARTS = Listed(Row(lambda: PARTS))


def _other_interval(parts: Sequence[Scheduler], interval: str) -> str:
    """Return what is wrong with parts that count updates in a whole that counts epochs."""
    if interval == "epoch" and any(part.interval == "step" for part in parts):
        return "the whole counts epochs and a part steps; give the whole 'interval: step'"
    return ""


@dataclass(frozen=True, kw_only=True)
class SequentialLR(Scheduler):
    """Run schedulers one after the other, as torch.optim.lr_scheduler.SequentialLR.

    The next one begins at each milestone, with the optimizer's own rate and a count of its own from 0. A
    list of schedulers, the last item `{milestones: [..]}`, means the same.
    """

    schedulers: tuple[Scheduler, ...] = setting(_PARTS, doc="in the order in which they run")
    milestones: tuple[int, ...] = setting(
        Listed(Integer(1)), doc="intervals after which the next begins"
    )

    def conflict(self) -> str:
        """Refuse milestones that do not part the schedulers."""
        if len(self.milestones) != len(self.schedulers) - 1:
            return "it needs one milestone fewer than schedulers"
        if list(self.milestones) != sorted(set(self.milestones)):
            return "milestones must rise"
        return _other_interval(self.schedulers, self.interval)

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return self.curve(base)(count)

    def curve(self, base: float) -> Curve:
        """Return the rate by count."""
        return self._pieces([part.curve(base) for part in self.schedulers])

    def scheduled(self) -> dict[str, Schedule]:
        """Return how the rate changes, and momentum where a part cycles it; elsewhere it is its own."""
        found = super().scheduled()
        if any(MOMENTUM in part.scheduled() for part in self.schedulers):
            found[MOMENTUM] = Schedule(self.interval, self._momentum)
        return found

    def _momentum(self, base: float) -> Curve:
        curves: list[Curve] = []
        for part in self.schedulers:
            own = part.scheduled().get(MOMENTUM)
            curves.append(own.curve(base) if own else lambda count: base)
        return self._pieces(curves)

    def _pieces(self, curves: list[Curve]) -> Curve:
        starts = (0, *self.milestones)

        def at(count: int) -> float:
            index = bisect_right(self.milestones, count)
            return curves[index](count - starts[index])

        return at


@dataclass(frozen=True, kw_only=True)
class ChainedScheduler(Scheduler):
    """Apply several schedulers at once, as torch.optim.lr_scheduler.ChainedScheduler.

    In every interval each changes the rate that the one before it has left: factors multiply. Those with
    rates of their own (CyclicLR, OneCycleLR, LambdaLR, ...) overwrite what came before them.
    """

    schedulers: tuple[Scheduler, ...] = setting(_PARTS, doc="in the order in which they apply")

    def conflict(self) -> str:
        """Refuse an empty chain, and parts that count something else."""
        if not self.schedulers:
            return "it needs at least one scheduler"
        return _other_interval(self.schedulers, self.interval)

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return self.curve(base)(count)

    def curve(self, base: float) -> Curve:
        """Return the rate by count, which goes along the chain."""

        def advance(rate: float, count: int) -> float:
            for part in self.schedulers:
                rate = part.follow(rate, base, count)
            return rate

        return Running(advance(base, 0), advance)

    def scheduled(self) -> dict[str, Schedule]:
        """Return how the rate changes, and momentum as the last part that cycles it says."""
        found: dict[str, Schedule] = {}
        for part in self.schedulers:
            found |= part.scheduled()
        return {
            name: Schedule(self.interval, self.curve if name == LR else own.curve)
            for name, own in found.items()
        }


WHOLES: Table[Scheduler] = Table(
    "scheduler", [*PARTS.values(), SequentialLR, ChainedScheduler, ReduceLROnPlateau]
)
"""Schedulers that can be those of a single setting."""
_ONE = Optional(Row(lambda: WHOLES))


@dataclass(frozen=True, kw_only=True)
class BySetting(Scheduler):
    """Give settings a scheduler each: `{lr: {..}, weight_decay: {..}}`; no type need be written.

    Momentum stands for the first of the betas where the optimizer has betas. Weight decay and momentum
    begin with the optimizer's own, as a rate does; a weight decay of 0 stays 0.
    """

    lr: Scheduler | None = setting(_ONE, None, doc="of the learning rate")
    momentum: Scheduler | None = setting(_ONE, None, doc="of the momentum")
    weight_decay: Scheduler | None = setting(_ONE, None, doc="of the weight decay")

    def conflict(self) -> str:
        """Refuse one that changes nothing, and two that depend on results."""
        inner = [part for part in (self.lr, self.momentum, self.weight_decay) if part]
        if not inner:
            return "it needs lr, momentum or weight_decay"
        if self.interval != "epoch":
            return "the interval belongs to the scheduler of each setting"
        if sum(isinstance(part, ReduceLROnPlateau) for part in inner) > 1:
            return "only one scheduler can depend on results"
        if self.momentum and self.lr and MOMENTUM in self.lr.scheduled():
            return "the scheduler of lr cycles momentum too; give it 'cycle_momentum: false'"
        return ""

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        return base if self.lr is None else self.lr.rate(base, count)

    def scheduled(self) -> dict[str, Schedule]:
        """Return how each setting changes."""
        found = {} if self.lr is None else self.lr.scheduled()
        for name in (MOMENTUM, "weight_decay"):
            part: Scheduler | None = getattr(self, name)
            if part is not None:
                found[name] = part.scheduled()[LR]
        return found
