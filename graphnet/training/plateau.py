"""PlateauWatch: tells ReduceLROnPlateau what each epoch has given, and keeps what it saw in the progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphnet.errors import UsageError, nearest
from graphnet.schedulers import Plateau, ReduceLROnPlateau
from graphnet.training.progress import Progress


class PlateauWatch:
    """Takes in the record of each epoch; without such a scheduler it does nothing."""

    def __init__(
        self, scheduler: ReduceLROnPlateau | None, *, validated: bool, metrics: list[str]
    ) -> None:
        """Check that what is watched exists.

        Args:
            scheduler: The scheduler, or None.
            validated: Whether there is a validation set.
            metrics: Names of the metrics that are computed on it.

        Raises:
            UsageError: When it does not (GN714).
        """
        self._scheduler = scheduler
        self._metric = "loss" if scheduler is None else scheduler.metric or "loss"
        self._validated = validated
        known = ["loss", *metrics] if validated else ["loss"]
        if self._metric in known:
            return
        cure = nearest(self._metric, known) or "add it to metrics"
        raise UsageError(
            "GN714",
            f"the scheduler watches {self._metric!r}, which is not computed",
            help=cure if validated else "add data.validation, for example {fraction: 0.2}",
        )

    def take_in(self, progress: Progress, record: Mapping[str, Any]) -> None:
        """Take in the record of an epoch."""
        if self._scheduler is None:
            return
        source = record["validation"] if self._validated else record
        seen = Plateau(
            progress.plateau_best,
            progress.plateau_waited,
            progress.plateau_cooldown,
            progress.reductions,
        )
        seen = self._scheduler.observe(seen, float(source[self._metric]))
        progress.plateau_best, progress.plateau_waited = seen.best, seen.waited
        progress.plateau_cooldown, progress.reductions = seen.cooldown, seen.reductions
