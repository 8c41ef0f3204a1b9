"""Learning rates: a pure function of the Program, so that all are known before a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.program import Program
from graphnet.schedulers import SCHEDULERS, Scheduler


class Rates:
    """The learning rate of every update."""

    def __init__(self, program: Program, batches_per_epoch: int) -> None:
        """Read optimizer and scheduler of a Program.

        Args:
            program: Its resolved spec holds both.
            batches_per_epoch: Updates in an epoch.
        """
        optimizer: dict[str, Any] = program.spec.get("optimizer") or {}
        self._base = float(optimizer.get("lr", 0.0))
        self._batches = batches_per_epoch
        self._scheduler = read_scheduler(program.spec.get("scheduler"))

    def at(self, update: int) -> float:
        """Return the rate of an update, counted from 0."""
        if self._scheduler is None:
            return self._base
        by_step = self._scheduler.interval == "step"
        return self._scheduler.rate(self._base, update if by_step else update // self._batches)

    @property
    def changes_within_epoch(self) -> bool:
        """Whether the rate can change between two updates of an epoch."""
        return self._scheduler is not None and self._scheduler.interval == "step"

    def series(self, updates: int) -> NDArray[np.float64]:
        """Return the rates of the first updates: float64 (updates,)."""
        return np.array([self.at(update) for update in range(updates)], np.float64)


def read_scheduler(plain: dict[str, Any] | None) -> Scheduler | None:
    """Build the scheduler that a resolved spec describes, or None."""
    if not plain:
        return None
    settings = {key: value for key, value in plain.items() if key != "type"}
    return SCHEDULERS[plain["type"]].from_plain(settings)
