"""Runs that are stopped after a given update and go on later, and what is left of them."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from graphnet.compiler import compile_spec
from graphnet.program import Program
from graphnet.training import Observer, Run, RunDirectory, Summary, load_checkpoint

UPDATES = 50


def rich_spec(dtype: str, **training: Any) -> dict[str, Any]:
    """Return a spec with all that a run has to remember, of 10 epochs with 5 updates each."""
    return {
        "graphnet": 1,
        "name": "rich",
        "dtype": dtype,
        "seed": 3,
        "inputs": {"point": {"shape": [2]}},
        "targets": {"label": {"shape": [1]}},
        "layers": {
            "linear1": {"type": "Linear", "out_features": 6},
            "norm1": "BatchNorm1d",
            "tanh1": "Tanh",
            "drop1": {"type": "Dropout", "p": 0.3},
            "linear2": {"type": "Linear", "out_features": 1},
        },
        "loss": "BCEWithLogitsLoss",
        "metrics": ["accuracy"],
        # The rate rises until it spoils what was learned, so that the best epoch is an early one.
        "optimizer": {"type": "Adam", "lr": 0.1, "amsgrad": True},
        "scheduler": {"type": "StepLR", "step_size": 7, "gamma": 2.5, "interval": "step"},
        "data": {
            "train": {"generator": "moons", "samples": 40, "seed": 1, "noise": 0.2},
            "validation": {"fraction": 0.2, "seed": 2},
            "test": {"generator": "moons", "samples": 20, "seed": 9},
        },
        "training": {
            "epochs": 10,
            "batch_size": 7,
            "early_stopping": {"metric": "loss", "patience": 20, "restore_best": True},
            **training,
        },
    }


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait for the disk: what a power cut would leave is tested elsewhere."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


class StopAfter:
    """Takes the place of Interrupt: a signal seems to come once a number of updates is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run: Run | None = None
        self.updates: int | None = None
        monkeypatch.setattr("graphnet.training.run.Interrupt", lambda: self)
        without_waiting(monkeypatch)

    def __enter__(self) -> StopAfter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    @property
    def signal(self) -> int:
        if self.updates is None or self.run is None:
            return 0
        return signal.SIGINT if self.run.trainer.progress.updates >= self.updates else 0

    def train(
        self,
        program: Program,
        directory: Path,
        *,
        until: int | None = None,
        resume: bool = False,
        observer: Observer | None = None,
    ) -> Summary:
        """Train a Program in a directory, until its end or a number of updates."""
        run = Run(program, Path(), RunDirectory.at(directory), resume=resume, observer=observer)
        self.run, self.updates = run, until
        return run.execute()


@dataclass(frozen=True)
class Left:
    """What a run left, apart from times and places."""

    last: Mapping[str, tuple[str, tuple[int, ...], bytes]]
    best: Mapping[str, tuple[str, tuple[int, ...], bytes]]
    metrics: list[dict[str, Any]]
    summary: dict[str, Any]


def tensors(path: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Return all arrays of a checkpoint bit for bit."""
    return {
        name: (str(array.dtype), array.shape, array.tobytes())
        for name, array in load_checkpoint(path).tensors.items()
    }


def left(directory: Path) -> Left:
    """Look at a finished run."""
    folder = directory / "checkpoints"
    lines = (directory / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    summary = json.loads((directory / "summary.json").read_text())
    summary["checkpoint"] = Path(summary["checkpoint"]).name
    for timed in (*records, summary):
        del timed["seconds"]
    last = max(folder.glob("step-*.safetensors"))
    return Left(tensors(last), tensors(folder / "best.safetensors"), records, summary)


def compiled(dtype: str = "float32", **training: Any) -> Program:
    """Compile the rich spec."""
    return compile_spec(rich_spec(dtype, **training))
