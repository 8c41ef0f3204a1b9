"""Watch: which epoch was best, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphnet.errors import UsageError, nearest
from graphnet.recipe import EarlyStopping, Training
from graphnet.training.progress import Progress


class Watch:
    """Keeps the best value in a run's progress and decides about stopping after an epoch."""

    def __init__(self, training: Training, *, validated: bool, metrics: list[str]) -> None:
        """Check that what early stopping watches exists.

        Args:
            training: The spec's training section.
            validated: Whether there is a validation set.
            metrics: Names of the spec's metrics.

        Raises:
            UsageError: When it does not.
        """
        self._stop = training.stop
        self._early: EarlyStopping | None = training.early_stopping
        self._validated = validated
        if self._early is None:
            return
        if not validated:
            raise UsageError(
                "GN714",
                "early stopping needs a validation set",
                help="add data.validation, for example {fraction: 0.2}",
            )
        if self._early.metric not in ("loss", *metrics):
            raise UsageError(
                "GN714",
                f"early stopping watches {self._early.metric!r}, which is not computed",
                help=nearest(self._early.metric, ["loss", *metrics]) or "add it to metrics",
            )

    def better(self, progress: Progress, record: Mapping[str, Any]) -> bool:
        """Take in an epoch's record; tell whether it is the best so far."""
        value = self._value(record)
        mode, delta = "min", 0.0
        if self._early is not None:
            mode, delta = self._early.mode, self._early.min_delta
        best = progress.best
        gain = math.inf if best is None else best - value if mode == "min" else value - best
        # A validation loss may overflow while training goes on; such a value is never the best.
        improved = math.isfinite(value) and gain > delta
        if improved:
            progress.best, progress.best_epoch, progress.waited = value, progress.epoch, 0
        else:
            progress.waited += 1
        return improved

    def _value(self, record: Mapping[str, Any]) -> float:
        if not self._validated:
            return float(record["loss"])
        name = self._early.metric if self._early is not None else "loss"
        return float(record["validation"][name])

    def reason_to_stop(self, progress: Progress) -> str:
        """Return why the run should stop after this epoch, or an empty string."""
        last, before = progress.last_loss, progress.previous_loss
        if self._stop is not None and last is not None and before is not None:
            change = abs(last - before)
            if change < self._stop.loss_change:
                return f"the loss changed by {change:.3g}, less than {self._stop.loss_change:g}"
        if self._early is not None and progress.waited >= self._early.patience:
            return (
                f"{self._early.metric} has not improved for {progress.waited} epochs, "
                f"since epoch {progress.best_epoch}"
            )
        return ""

    @property
    def restores_best(self) -> bool:
        """Whether the run is to end with its best weights."""
        return self._early is not None and self._early.restore_best
