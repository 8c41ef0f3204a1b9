"""Outcomes: what came of each trial, as a file beside its run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphnet.program import read_bounded, write_atomically
from graphnet.training.records import finite_plain

LIMIT = 1 << 26
"""Most bytes of a file of a sweep."""
LEFT_OUT = ("files", "signal")
"""What concerns only the process that ran the trial."""


def read_outcome(directory: Path, index: int) -> dict[str, Any] | None:
    """Return the outcome of a trial that is done, or None."""
    path = directory / "trials" / f"{index:04}.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(read_bounded(path, LIMIT))
    return found


def write_outcome(directory: Path, outcome: Mapping[str, Any]) -> None:
    """Note that a trial is done.

    Raises:
        ResourceError: When it cannot be written (GN50x).
    """
    plain = finite_plain({key: value for key, value in outcome.items() if key not in LEFT_OUT})
    path = directory / "trials" / f"{outcome['index']:04}.json"
    write_atomically(path, f"{json.dumps(plain, indent=2)}\n".encode())
