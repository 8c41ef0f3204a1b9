"""Trial: one training of a sweep, from plain data to plain data, in whatever process it happens to be."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphnet.api import resolved_yaml
from graphnet.compiler import compile_spec
from graphnet.errors import GraphNetError
from graphnet.training import Run, RunDirectory, Summary


@dataclass(frozen=True)
class Trial:
    """What one process needs to know to run a trial.

    Attributes:
        index: Its number.
        overrides: What it puts in place of the spec's values, by dotted path.
        source: The spec as YAML text, or as a mapping.
        folder: What the spec's data paths are relative to.
        directory: Its run's directory, or an empty text for a temporary one whose files are handed back.
    """

    index: int
    overrides: Mapping[str, Any]
    source: str | Mapping[str, Any]
    folder: str
    directory: str = ""


def run_trial(trial: Trial) -> dict[str, Any]:
    """Train, and return the outcome; what goes wrong is part of it.

    Returns:
        `index`, `status` (that of a summary), `summary` or None, `error` or None, `files`: the run's
        files by relative path where it had no directory of its own, and `signal`: the number of the one
        that interrupted it, or 0.
    """
    try:
        if trial.directory:
            return _outcome(trial, _train(trial, Path(trial.directory)), {})
        with tempfile.TemporaryDirectory() as place:
            summary = _train(trial, Path(place))
            return _outcome(trial, summary, _files(Path(place)))
    except (GraphNetError, MemoryError, OSError) as error:
        return failed(trial.index, str(error))


def failed(index: int, error: str) -> dict[str, Any]:
    """Return the outcome of a trial that could not be trained."""
    return {
        "index": index, "status": "failed", "summary": None, "error": error, "files": {}, "signal": 0,
    }  # fmt: skip


def _train(trial: Trial, directory: Path) -> Summary:
    folder = Path(trial.folder)
    program = compile_spec(trial.source, overrides=trial.overrides, folder=folder)
    run = Run(
        program,
        folder,
        lambda: RunDirectory.at(directory),
        resume=True,
        spec_text=resolved_yaml,
    )
    return run.execute()


def _outcome(trial: Trial, summary: Summary, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "index": trial.index,
        "status": summary.plain["status"],
        "summary": dict(summary.plain),
        "error": str(summary.error) if summary.error else None,
        "files": files,
        "signal": summary.signal,
    }


def _files(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "lock"
    }
