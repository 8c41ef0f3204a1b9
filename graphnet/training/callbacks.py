"""Callbacks: Python code that is told of a training while it goes on, and may stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from graphnet.backend import Array
from graphnet.ir import GRADIENT_OF
from graphnet.training.trainer import Trainer

Record = Mapping[str, Any]


class TrainingState:
    """What a callback sees of a training between two updates.

    Attributes:
        directory: The run's directory, or None where training writes no files.
    """

    def __init__(self, trainer: Trainer, directory: Path | None = None) -> None:
        self._trainer = trainer
        self.directory = directory

    @property
    def epoch(self) -> int:
        """Epochs that are finished."""
        return self._trainer.progress.epoch

    @property
    def updates(self) -> int:
        """Optimizer steps taken."""
        return self._trainer.progress.updates

    @property
    def loss(self) -> float | None:
        """Loss of the last batch, before its update."""
        return self._trainer.progress.last_loss

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Writable views of the parameters by name; what is written there is trained on."""
        return self._trainer.executable.parameters

    @property
    def gradients(self) -> Mapping[str, Array]:
        """Views of the last update's gradients by parameter name."""
        found = self._trainer.executable.gradients
        return {name.removeprefix(GRADIENT_OF): array for name, array in found.items()}

    @property
    def stopped(self) -> str:
        """Why the training was stopped early, or an empty string."""
        return self._trainer.stopped

    def stop(self, reason: str = "a callback asked for it") -> None:
        """End the training after this update or epoch; it counts as stopped early."""
        self._trainer.stop(reason)


class Callback:
    """Base of callbacks; override what you want to hear.

    An exception in a callback ends the training. What was trained is saved first, so that the run can be
    resumed.
    """

    def on_train_begin(self, state: TrainingState) -> None:
        """Take in that training begins or goes on."""

    def on_batch_end(self, state: TrainingState) -> None:
        """Take in an update; only called where it is overridden."""

    def on_epoch_end(self, state: TrainingState, record: Record) -> None:
        """Take in the record of an epoch, as in metrics.jsonl."""

    def on_train_end(self, state: TrainingState) -> None:
        """Take in that training is over, also when it was interrupted or failed."""


class _Function(Callback):
    """A function as a callback: called after every epoch."""

    def __init__(self, function: Callable[[TrainingState, Record], object]) -> None:
        self._function = function

    def on_epoch_end(self, state: TrainingState, record: Record) -> None:
        self._function(state, record)


CallbackLike = Callback | Callable[[TrainingState, Record], object]


class Callbacks:
    """All callbacks of one training, in their order.

    Attributes:
        failed: Whether one of them raised an exception, so that the arrays and the account are whole.
    """

    def __init__(
        self, callbacks: Iterable[CallbackLike], trainer: Trainer, directory: Path | None = None
    ) -> None:
        """Hear of a trainer.

        Args:
            callbacks: Callbacks, or functions of (state, record) that are called after every epoch.
            trainer: Told of by them.
            directory: The run's directory, if there is one.
        """
        self._all = [item if isinstance(item, Callback) else _Function(item) for item in callbacks]
        self.state = TrainingState(trainer, directory)
        self.failed = False
        listening = [c for c in self._all if type(c).on_batch_end is not Callback.on_batch_end]
        if listening:
            trainer.after_update.append(lambda: self._tell(listening, "on_batch_end"))

    def begin(self) -> None:
        """Tell that training begins."""
        self._tell(self._all, "on_train_begin")

    def epoch_end(self, record: dict[str, Any]) -> dict[str, Any]:
        """Tell of an epoch; return its record, which notes where a callback stopped the training."""
        self._tell(self._all, "on_epoch_end", record)
        if self.state.stopped:
            record["stopped"] = self.state.stopped
        return record

    def end(self) -> None:
        """Tell that training is over, unless one of them has failed."""
        if not self.failed:
            self._tell(self._all, "on_train_end")

    def _tell(self, listeners: list[Callback], name: str, *arguments: Any) -> None:
        for callback in listeners:
            try:
                getattr(callback, name)(self.state, *arguments)
            except BaseException:
                self.failed = True
                raise
