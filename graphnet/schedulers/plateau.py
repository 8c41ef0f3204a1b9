"""ReduceLROnPlateau: the only scheduler that depends on results."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Choice, Integer, Optional, Real, Text, setting
from graphnet.schedulers.scheduler import LR, PLATEAU, Schedule, Scheduler


@dataclass(frozen=True)
class Plateau:
    """What has been seen so far; all that resuming needs.

    Attributes:
        best: Best value so far, or None.
        waited: Epochs since it was reached or since the last reduction.
        cooldown: Epochs left in which nothing counts.
        reductions: How often the rate was reduced.
    """

    best: float | None = None
    waited: int = 0
    cooldown: int = 0
    reductions: int = 0


@dataclass(frozen=True, kw_only=True)
class ReduceLROnPlateau(Scheduler):
    """Multiply by factor when a result stands still, as torch.optim.lr_scheduler.ReduceLROnPlateau.

    After more than `patience` epochs without a value better than the best by `threshold` (rel: of the best;
    abs: in its units), `lr = max(lr * factor, min_lr)`, unless that changes it by less than eps; then
    `cooldown` epochs do not count. The rate is known before the run only as far as results are.
    """

    metric: str | None = setting(
        Optional(Text()),
        None,
        doc="what is watched: loss or a metric, of validation where there is any; the loss",
    )
    mode: str = setting(Choice(("min", "max")), "min", doc="which direction is better")
    factor: float = setting(Real(above=0.0, below=1.0), 0.1, doc="factor of each reduction")
    patience: int = setting(Integer(0), 10, doc="epochs without improvement that are tolerated")
    threshold: float = setting(Real(low=0.0), 1e-4, doc="least change that counts")
    threshold_mode: str = setting(Choice(("rel", "abs")), "rel", doc="what the threshold is in")
    cooldown: int = setting(Integer(0), 0, doc="epochs after a reduction that do not count")
    min_lr: float = setting(Real(low=0.0), 0.0, doc="the lowest rate")
    eps: float = setting(Real(low=0.0), 1e-8, doc="smaller changes are left out")

    def conflict(self) -> str:
        """Refuse updates as the interval: results come after epochs."""
        return "results come after epochs, not steps" if self.interval != "epoch" else ""

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` reductions."""
        rate = base
        for _ in range(count):
            lower = max(rate * self.factor, self.min_lr)
            if rate - lower <= self.eps:
                break
            rate = lower
        return rate

    def scheduled(self) -> dict[str, Schedule]:
        """Return how the rate changes: by the number of reductions."""
        return {LR: Schedule(PLATEAU, self.curve)}

    def observe(self, seen: Plateau, value: float) -> Plateau:
        """Take in the value of an epoch."""
        best, waited, cooldown = seen.best, seen.waited + 1, seen.cooldown
        if self._better(value, best):
            best, waited = value, 0
        if cooldown > 0:
            cooldown, waited = cooldown - 1, 0
        if waited > self.patience:
            return Plateau(best, 0, self.cooldown, seen.reductions + 1)
        return Plateau(best, waited, cooldown, seen.reductions)

    def _better(self, value: float, best: float | None) -> bool:
        if best is None:
            return value == value  # noqa: PLR0124 - not a NaN
        if self.threshold_mode == "rel":
            share = 1.0 - self.threshold if self.mode == "min" else 1.0 + self.threshold
            return value < best * share if self.mode == "min" else value > best * share
        if self.mode == "min":
            return value < best - self.threshold
        return value > best + self.threshold
