"""Recorder: writes what a run leaves while it goes on: lines of metrics, checkpoints, the best weights."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphnet.recipe import Checkpointing
from graphnet.training.checkpoint import Checkpoint, save
from graphnet.training.checkpoint_folder import BEST
from graphnet.training.nonfinite import refuse_nonfinite
from graphnet.training.run_directory import RunDirectory
from graphnet.training.snapshot import copy_arrays
from graphnet.training.trainer import Trainer

METRICS_SECONDS = 1.0
"""How long lines of metrics.jsonl may wait to be written; checkpoints never overtake them."""


class Recorder:
    """Saves a trainer's state into a run's directory.

    Attributes:
        last: The newest checkpoint written or resumed from, or None.
    """

    def __init__(
        self,
        directory: RunDirectory,
        every: Checkpointing,
        trainer: Trainer,
        identity: Mapping[str, Any],
    ) -> None:
        """Save into a directory that is locked by this process.

        Args:
            directory: Where to.
            every: How often.
            trainer: What is saved.
            identity: What is the same in every checkpoint of the run: digests, columns, versions.
        """
        self._directory, self._every, self._identity = directory, every, identity
        self._folder = directory.checkpoints(every.keep)
        self._trainer = trainer
        self._saved_at = self._written_at = time.monotonic()
        self._waiting: list[Mapping[str, Any]] = []
        # Best weights that a trainer starts with were read from their file.
        self._best_saved = trainer.progress.best_epoch if trainer.best is not None else 0
        self.last: Path | None = None
        if every.steps is not None or every.minutes is not None:
            trainer.after_update.append(self._after_update)

    def note(self, **found: Any) -> None:
        """Put what was found at the end into the checkpoints, the best one too."""
        self._identity = {**self._identity, **found}
        self._best_saved = 0

    def take(self, record: Mapping[str, Any]) -> None:
        """Take in an epoch's record, to be written with the next ones."""
        self._waiting.append(record)

    def after_epoch(self) -> None:
        """Save after an epoch, where it is time to."""
        now = time.monotonic()
        every, progress = self._every, self._trainer.progress
        due = progress.epoch % every.epochs == 0 and now - self._saved_at >= every.seconds
        if due and not progress.ended:
            self.save()
        elif now - self._written_at >= METRICS_SECONDS:
            self.write_metrics()

    def _after_update(self) -> None:
        """Save within an epoch, where that is asked for."""
        every, updates = self._every, self._trainer.progress.updates
        due = every.steps is not None and updates % every.steps == 0
        if not due and every.minutes is not None:
            due = time.monotonic() - self._saved_at >= 60.0 * every.minutes
        if due:
            self.save()

    def write_metrics(self) -> None:
        """Write the lines that wait."""
        if self._waiting:
            self._directory.append_metrics(*self._waiting)
        self._waiting = []
        self._written_at = time.monotonic()

    def save(self) -> None:
        """Save the run: the lines of its epochs, its best weights, then the state to go on from.

        Raises:
            NumericError: When something is no longer finite; nothing is saved then.
        """
        refuse_nonfinite(self._trainer.executable, self._trainer.progress)
        self.write_metrics()
        # The best goes first: a state never speaks of a best that is not there.
        self.save_best()
        self.last = self._folder.save(
            Checkpoint(copy_arrays(self._trainer.executable), self._state())
        )
        self._saved_at = time.monotonic()

    def save_best(self) -> None:
        """Save the best weights, where better ones were found since."""
        trainer = self._trainer
        if trainer.best is not None and trainer.progress.best_epoch != self._best_saved:
            best = Checkpoint(trainer.best, {**self._state(), "best": True})
            save(self._folder.best_path, best)
            self._best_saved = trainer.progress.best_epoch

    @property
    def best_path(self) -> Path:
        """Where the best weights are."""
        return self._folder.best_path

    def _state(self) -> dict[str, Any]:
        progress = self._trainer.progress
        return {
            **self._identity,
            "updates": progress.updates,
            "progress": progress.plain(),
            "result": BEST if self._trainer.ends_with_best else "",
        }
