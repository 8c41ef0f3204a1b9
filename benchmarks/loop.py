"""Measure how much of a whole run is spent outside the executable."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphnet.backend.numpy import NumpyRoutine
from graphnet.compiler import compile_spec
from graphnet.training import Run, RunDirectory

ROOT = Path(__file__).parent.parent
PHASES = ("forward", "backward", "update")


def outside_share(epochs: int = 1000, rounds: int = 5) -> tuple[float, float]:
    """Return the share of a run of specs/mlp.yaml spent outside the lists, and its seconds per update.

    Runs as they are and runs whose lists do nothing take turns; the share is that of the shortest ones, which
    others on the machine disturbed least.
    """
    whole: list[float] = []
    empty: list[float] = []
    _, updates = _run(epochs)
    for _ in range(rounds):
        whole.append(_run(epochs)[0])
        with _empty_lists():
            empty.append(_run(epochs)[0])
    return min(empty) / min(whole), min(whole) / updates


@contextmanager
def _empty_lists() -> Iterator[None]:
    originals: dict[str, Any] = {phase: getattr(NumpyRoutine, phase) for phase in PHASES}
    try:
        for phase in PHASES:
            setattr(NumpyRoutine, phase, lambda self: None)
        yield
    finally:
        for phase, method in originals.items():
            setattr(NumpyRoutine, phase, method)


def _run(epochs: int) -> tuple[float, int]:
    program = compile_spec(ROOT / "specs/mlp.yaml", overrides={"training.epochs": epochs})
    with tempfile.TemporaryDirectory() as place:
        run = Run(program, ROOT / "specs", RunDirectory.at(Path(place) / "run"))
        began = time.perf_counter()
        summary = run.execute()
        return time.perf_counter() - began, summary.plain["updates"]
