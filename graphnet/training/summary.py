"""Summary: how a run ended, as `summary.json` tells it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.errors import GraphNetError
from graphnet.program import Program
from graphnet.training.progress import Progress
from graphnet.version import __version__


@dataclass(frozen=True)
class Summary:
    """How a run ended.

    Attributes:
        plain: The content of summary.json.
        directory: The run's directory.
        signal: Number of the signal that interrupted it, or 0.
        error: Why it failed, or None.
    """

    plain: Mapping[str, Any]
    directory: Path
    signal: int = 0
    error: GraphNetError | None = None

    def __repr__(self) -> str:
        plain = self.plain
        losses = [
            f"{part} loss {value:.4g}"
            for part, value in plain.get("loss", {}).items()
            if part != "last_batch" and value is not None
        ]
        told = [f"{plain.get('status')} after epoch {plain.get('epochs')}", *losses]
        return f"<Summary of {plain.get('name')}: {', '.join(told)}; {self.directory}>"


def describe(
    program: Program, progress: Progress, status: str, results: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the content of summary.json, apart from what only the run's files tell.

    Args:
        program: What was trained.
        progress: How far it came.
        status: `finished`, `stopped`, `interrupted` or `failed`.
        results: Loss and metrics by the part they were computed on.
    """
    losses = {name: results.get(name, {}).get("loss") for name in ("train", "validation", "test")}
    return {
        "name": program.name,
        "status": status,
        "epochs": progress.epoch,
        "updates": progress.updates,
        "loss": {"last_batch": progress.last_loss, **losses},
        "best_epoch": progress.best_epoch,
        "metrics": {
            name: {key: value for key, value in result.items() if key != "loss"}
            for name, result in results.items()
        },
        "parameters": program.parameter_count,
        "memory_bytes": program.memory_bytes,
        "seconds": round(progress.seconds, 6),
        "spec_sha256": program.spec_sha256,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions that bits depend on."""
    return {
        "graphnet": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
