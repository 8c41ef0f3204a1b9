"""Logs: callbacks that write what a training tells, for TensorBoard or as lines of JSON."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphnet.errors import ResourceError
from graphnet.training.callbacks import Callback, Record, TrainingState
from graphnet.training.records import append_records


class TensorBoard(Callback):
    """Writes the numbers of every epoch as event files, for `tensorboard --logdir`.

    The step of a number is the update it was computed after. Loss, rate, validation and gradient norms are
    written as `train/loss`, `train/lr`, `validation/accuracy`, `gradient_norms/linear1`.
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        """Open nothing yet.

        Args:
            directory: Where to; `tensorboard` in the run's directory by default.

        Raises:
            ResourceError: When TensorBoard is not installed (GN524), or there is no directory (GN525).
        """
        self._directory = None if directory is None else Path(directory)
        try:
            self._events = importlib.import_module("tensorboard.compat.proto.event_pb2")
            self._summaries = importlib.import_module("tensorboard.compat.proto.summary_pb2")
            writing = importlib.import_module("tensorboard.summary.writer.event_file_writer")
        except ImportError as error:
            raise ResourceError(
                "GN524",
                "TensorBoard is not installed",
                help='pip install "graphnet[tensorboard]"',
            ) from error
        self._open = writing.EventFileWriter
        self._writer: Any = None

    def on_train_begin(self, state: TrainingState) -> None:
        """Open a file of its own; a resumed run's follows the one before."""
        place = self._directory or (state.directory and state.directory / "tensorboard")
        if place is None:
            raise ResourceError(
                "GN525",
                "there is no directory for TensorBoard",
                help="give it one: TensorBoard(directory)",
            )
        self._writer = self._open(str(place))

    def on_epoch_end(self, state: TrainingState, record: Record) -> None:
        """Write the epoch's numbers."""
        values = [
            self._summaries.Summary.Value(tag=tag, simple_value=value)
            for tag, value in numbers(record)
        ]
        summary = self._summaries.Summary(value=values)
        self._writer.add_event(
            self._events.Event(wall_time=time.time(), step=state.updates, summary=summary)
        )
        self._writer.flush()

    def on_train_end(self, state: TrainingState) -> None:
        """Close the file."""
        self._writer.close()


class JsonLines(Callback):
    """Writes a line of JSON after every so many updates: `update`, `epoch` and `loss`."""

    def __init__(self, path: str | Path, every: int = 1) -> None:
        """Write to a file, behind what is in it.

        Args:
            path: The file.
            every: Updates between two lines.
        """
        self._path, self._every = Path(path), every
        self._waiting: list[Mapping[str, Any]] = []

    def on_batch_end(self, state: TrainingState) -> None:
        """Take in an update; lines are written an epoch at a time."""
        if state.updates % self._every == 0:
            self._waiting.append(
                {"update": state.updates, "epoch": state.epoch + 1, "loss": state.loss}
            )

    def on_epoch_end(self, state: TrainingState, record: Record) -> None:
        """Write the lines of the epoch."""
        append_records(self._path, self._waiting)
        self._waiting = []

    def on_train_end(self, state: TrainingState) -> None:
        """Write what is left of an epoch that was not finished."""
        if self._waiting:
            append_records(self._path, self._waiting)
        self._waiting = []


def numbers(record: Record) -> Iterator[tuple[str, float]]:
    """Give every single number of an epoch's record with its name."""
    groups = ("validation", "gradient_norms")
    for name, value in record.items():
        if name in groups:
            yield from (
                (f"{name}/{inner}", float(number))
                for inner, number in value.items()
                if isinstance(number, (int, float))
            )
        elif name not in ("epoch", "updates", "stopped") and isinstance(value, (int, float)):
            yield f"train/{name}", float(value)
