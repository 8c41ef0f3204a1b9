"""Scheduler: the learning rate as a pure function of how many epochs or updates are done."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from graphnet.declare import Choice, Entry, setting


@dataclass(frozen=True, kw_only=True)
class Scheduler(Entry):
    """Base of all schedulers."""

    interval: str = setting(
        Choice(("epoch", "step")), "epoch", doc="what is counted: epochs, or steps (updates)"
    )

    @abstractmethod
    def rate(self, base: float, count: int) -> float:
        """Return the learning rate after `count` intervals, the optimizer's own being `base`."""
