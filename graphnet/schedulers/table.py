"""Every scheduler, in the order in which users are shown them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphnet.declare import Table
from graphnet.schedulers.composed import WHOLES, BySetting
from graphnet.schedulers.plateau import ReduceLROnPlateau
from graphnet.schedulers.scheduler import Scheduler

SCHEDULERS: Table[Scheduler] = Table("scheduler", [*WHOLES.values(), BySetting])


def read_scheduler(plain: Mapping[str, Any] | None) -> Scheduler | None:
    """Build the scheduler that a resolved spec describes, or None.

    Raises:
        LookupError: When there is no such scheduler, or no type.
        KindError: When a setting does not fit.
    """
    if not plain:
        return None
    settings = {key: value for key, value in plain.items() if key != "type"}
    return SCHEDULERS[plain["type"]].from_plain(settings)


def plateau_of(scheduler: Scheduler | None) -> ReduceLROnPlateau | None:
    """Return the scheduler, or the part of it, that depends on results."""
    parts = [scheduler]
    if isinstance(scheduler, BySetting):
        parts = [scheduler.lr, scheduler.momentum, scheduler.weight_decay]
    return next((part for part in parts if isinstance(part, ReduceLROnPlateau)), None)
