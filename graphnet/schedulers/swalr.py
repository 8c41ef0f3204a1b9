"""SWALR: go to the constant rate at which averaged weights are gathered."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Choice, Integer, Real, setting
from graphnet.schedulers.cosine import between
from graphnet.schedulers.scheduler import Scheduler


@dataclass(frozen=True, kw_only=True)
class SWALR(Scheduler):
    """Go from the rate to swa_lr and stay, as torch.optim.swa_utils.SWALR.

    `lr = swa_lr a + base (1 - a)`, a going from 0 to 1 in anneal_epochs intervals, evenly or by half a
    cosine.

    References:
        Izmailov et al., "Averaging Weights Leads to Wider Optima", 2018.
    """

    swa_lr: float = setting(Real(low=0.0), doc="the rate in the end")
    anneal_epochs: int = setting(Integer(0), 10, doc="intervals it takes")
    anneal_strategy: str = setting(Choice(("cos", "linear")), "cos", doc="how it goes")

    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals."""
        share = min(1.0, count / max(self.anneal_epochs, 1)) if self.anneal_epochs else 1.0
        if self.anneal_strategy == "linear":
            return self.swa_lr * share + base * (1.0 - share)
        return between(base, self.swa_lr, share)
