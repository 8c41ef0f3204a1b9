"""Saved runs: open a run or one of its checkpoints to judge it or to predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import NumpyExecutable
from graphnet.data import Prepared
from graphnet.errors import ArtifactError, ResourceError
from graphnet.program import Program, read_bounded, read_origin, read_program
from graphnet.recipe import Source
from graphnet.training.checkpoint import Checkpoint, load
from graphnet.training.checkpoint_folder import BEST
from graphnet.training.judging import fixed_thresholds
from graphnet.training.run_directory import RunDirectory
from graphnet.training.snapshot import restore_arrays

MAX_PROGRAM_BYTES = 1 << 30


@dataclass(frozen=True)
class SavedRun:
    """A trained network as it was saved.

    Attributes:
        program: The run's own Program.
        executable: It, with the saved weights.
        checkpoint: The file they come from.
        folder: What the spec's data paths are relative to.
        columns: Columns or arrays each input and target was trained from, by name.
        prepared: The transforms, with what they learned from the training part.
        thresholds: Probability above which an output says yes, by output, where it is not 0.5.
    """

    program: Program
    executable: NumpyExecutable
    checkpoint: Path
    folder: Path
    columns: Mapping[str, list[str]]
    prepared: Prepared = field(default_factory=Prepared)
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def classes(self, target: str) -> tuple[str, ...]:
        """Return the names of a target's classes, or nothing where the data gave none."""
        return self.prepared.classes(self.columns.get(target, ()))

    def source(self, path: str, *, targets: bool) -> Source:
        """Return a file as a source that is read as the training set was: by the same columns.

        Args:
            path: The file, relative to the current folder.
            targets: Whether targets are to be read too.
        """
        plain: dict[str, Any] = {"path": path}
        wanted = {"inputs": self.program.inputs, "targets": self.program.targets if targets else ()}
        for key, ports in wanted.items():
            known = {
                port.name: self.columns[port.name] for port in ports if port.name in self.columns
            }
            single = {name: read[0] if len(read) == 1 else read for name, read in known.items()}
            plain[key] = single or None
        return Source.from_plain(plain)


def open_saved(path: Path) -> SavedRun:
    """Open a run's directory, or a checkpoint inside one.

    Of a directory it is the newest whole checkpoint, or the best where the run ended with that.

    Raises:
        ResourceError: When there is no run there, or it has no checkpoint yet (GN513).
        ArtifactError: When Program or checkpoint are damaged or do not belong together.
    """
    directory, file, checkpoint = locate(path)
    program = read_program(read_bounded(directory.program_path, MAX_PROGRAM_BYTES),
                           str(directory.program_path))  # fmt: skip
    with np.errstate(all="ignore"):
        executable = NumpyExecutable(program)
    restore_arrays(executable, checkpoint.tensors, weights_only=True)
    state = checkpoint.state
    return SavedRun(
        program,
        executable,
        file,
        read_origin(directory.program_path).folder,
        state.get("columns", {}),
        Prepared.from_plain(state.get("transforms")),
        _thresholds(state.get("thresholds", fixed_thresholds(program))),
    )


def _thresholds(found: Any) -> dict[str, float]:
    """Return thresholds as they were saved.

    Raises:
        ArtifactError: When they are none (GN460).
    """
    if isinstance(found, dict) and all(
        isinstance(value, (int, float)) and 0 <= value <= 1 for value in found.values()
    ):
        return found
    raise ArtifactError(
        "GN460",
        "the checkpoint's thresholds are no numbers from 0 to 1",
        help="use an older one of the run",
    )


def locate(path: Path) -> tuple[RunDirectory, Path, Checkpoint]:
    """Return the run that a path belongs to, and the checkpoint it means with its file.

    Raises:
        ResourceError: When there is none (GN513).
        ArtifactError: When it is damaged.
    """
    if path.is_dir():
        directory = RunDirectory(path)
        folder = directory.checkpoints()
        found = folder.newest() if directory.is_run else None
        if found is None and directory.is_run and folder.best_path.is_file():
            return directory, folder.best_path, load(folder.best_path)
        if found is None:
            raise _no_run(path, "it has no checkpoint" if directory.is_run else "it is not a run")
        if found.checkpoint.state.get("result") == BEST:
            return directory, folder.best_path, load(folder.best_path)
        return directory, found.path, found.checkpoint
    if path.suffix != ".safetensors" or not path.exists():
        what = "it is not a checkpoint" if path.exists() else "it does not exist"
        raise _no_run(path, what)
    directory = RunDirectory(path.parent.parent)
    if not directory.program_path.is_file():
        raise _no_run(path, "there is no program.json two folders above it")
    return directory, path, load(path)


def _no_run(path: Path, why: str) -> ResourceError:
    kinds = {".yaml": "a spec", ".yml": "a spec", ".json": "a compiled program"}
    untrained = kinds.get(path.suffix) if path.is_file() else None
    if untrained:
        return ResourceError(
            "GN513",
            f"{str(path)!r} is {untrained}, not a run or a checkpoint of one",
            help=f"train it first: graphnet train {path}",
        )
    return ResourceError(
        "GN513",
        f"{str(path)!r} is not a run or a checkpoint of one: {why}",
        help="name a directory such as runs/mlp/0001, or a file in its checkpoints/",
    )
