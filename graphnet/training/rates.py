"""Learning rates and other scheduled settings: a pure function of the Program, known before a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.ir import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, group_of
from graphnet.optimizers import read_optimizer
from graphnet.program import Program
from graphnet.schedulers import PLATEAU, Curve, plateau_of, read_scheduler

SCHEDULED = (LEARNING_RATE, MOMENTUM, WEIGHT_DECAY)


class Rates:
    """What the runner sets before each update: rates, and what else a scheduler changes, of every group.

    Attributes:
        plateau: The scheduler, or the part of it, that depends on results; else None.
        updates_per_epoch: How many updates an epoch has.
    """

    def __init__(self, program: Program, batches_per_epoch: int) -> None:
        """Read optimizer and scheduler of a Program.

        Args:
            program: Its resolved spec holds both; its scalars say what each setting starts with.
            batches_per_epoch: Batches in an epoch; updates, unless gradients are accumulated.
        """
        scheduler = read_scheduler(program.spec.get("scheduler"))
        schedules = {} if scheduler is None else scheduler.scheduled()
        plain = program.spec.get("optimizer")
        bases, accumulate = _scalars(program), 1
        if plain:
            optimizer, tuning = read_optimizer(plain)
            bases.setdefault(LEARNING_RATE, optimizer.core.lr)
            accumulate = tuning.accumulate
        self.plateau = plateau_of(scheduler)
        self.updates_per_epoch = -(-batches_per_epoch // accumulate)
        self._fixed = {
            name: base for name, base in bases.items() if _setting(name) not in schedules
        }
        self._curves: dict[str, tuple[str, Curve]] = {}
        for name, base in bases.items():
            schedule = schedules.get(_setting(name))
            if schedule is not None:
                self._curves[name] = (schedule.interval, schedule.curve(base))

    def values(self, update: int, reductions: int = 0) -> Iterator[tuple[str, float]]:
        """Give every scalar with its value.

        Args:
            update: The update, counted from 0.
            reductions: How often results have stood still so far.
        """
        yield from self._fixed.items()
        counts = {"step": update, "epoch": update // self.updates_per_epoch, PLATEAU: reductions}
        for name, (interval, curve) in self._curves.items():
            yield name, curve(counts[interval])

    def at(self, update: int, reductions: int = 0) -> float:
        """Return the learning rate of an update, counted from 0: that of the first group."""
        if not self._curves:
            return self._fixed.get(LEARNING_RATE, 0.0)
        return dict(self.values(update, reductions)).get(LEARNING_RATE, 0.0)

    def set(self, scalars: Mapping[str, NDArray[Any]], update: int, reductions: int = 0) -> None:
        """Write the value of every scalar for an update."""
        for name, value in self.values(update, reductions):
            if name in scalars:
                scalars[name][()] = value

    @property
    def changes_within_epoch(self) -> bool:
        """Whether anything can change between two updates of an epoch."""
        return any(interval == "step" for interval, _ in self._curves.values())

    def series(self, updates: int) -> NDArray[np.float64]:
        """Return the learning rates of the first updates: float64 (updates,)."""
        return np.array([self.at(update) for update in range(updates)], np.float64)


def learning_rates_in(scalars: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the learning rates among an executable's scalars, one for each group."""
    return [array for name, array in scalars.items() if group_of(name)[0] == LEARNING_RATE]


def _scalars(program: Program) -> dict[str, float]:
    """Return the scheduled scalars of a Program with what each starts with."""
    if "train" not in program.routines:
        return {}
    buffers = program.routines["train"].listing.buffers.values()
    found = {b.name: float(b.fill or 0.0) for b in buffers if b.role == "scalar"}
    return {name: base for name, base in found.items() if group_of(name)[0] in SCHEDULED}


def _setting(name: str) -> str:
    return group_of(name)[0].removeprefix(":")
