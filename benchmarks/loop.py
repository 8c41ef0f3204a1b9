"""Measure how much of a whole run is spent outside the executable."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from graphnet.backend.numpy import NumpyRoutine
from graphnet.compiler import compile_spec
from graphnet.training import Run, RunDirectory

ROOT = Path(__file__).parent.parent
PHASES = ("forward", "backward", "update")


def outside_share(epochs: int = 1000) -> tuple[float, float]:
    """Return the share of a run of specs/mlp.yaml spent outside the lists, and its seconds per update.

    The share is taken from two runs: one as it is, and one whose lists do nothing.
    """
    whole, updates = _run(epochs)
    originals: dict[str, Any] = {phase: getattr(NumpyRoutine, phase) for phase in PHASES}
    try:
        for phase in PHASES:
            setattr(NumpyRoutine, phase, lambda self: None)
        empty, _ = _run(epochs)
    finally:
        for phase, method in originals.items():
            setattr(NumpyRoutine, phase, method)
    return empty / whole, whole / updates


def _run(epochs: int) -> tuple[float, int]:
    program = compile_spec(ROOT / "specs/mlp.yaml", overrides={"training.epochs": epochs})
    with tempfile.TemporaryDirectory() as place:
        run = Run(program, ROOT / "specs", RunDirectory.at(Path(place) / "run"))
        began = time.perf_counter()
        summary = run.execute()
        return time.perf_counter() - began, summary.plain["updates"]
