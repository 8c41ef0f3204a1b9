"""Replay: train a saved run once more, from one of its checkpoints to its newest, and compare every bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphnet.backend import Array, NumpyExecutable
from graphnet.errors import ArtifactError, ResourceError
from graphnet.program import Program, read_bounded, read_origin, read_program
from graphnet.recipe import Training
from graphnet.training.checkpoint import load
from graphnet.training.checkpoint_folder import Found
from graphnet.training.identity import training_identity
from graphnet.training.interrupt import StopAt
from graphnet.training.parts import Parts, load_parts
from graphnet.training.progress import Progress
from graphnet.training.run_directory import RunDirectory
from graphnet.training.saved import MAX_PROGRAM_BYTES
from graphnet.training.snapshot import copy_arrays
from graphnet.training.starting import refuse_other_training, restore, start_anew
from graphnet.training.summary import versions
from graphnet.training.threads import limited_threads
from graphnet.training.trainer import Trainer

Note = Callable[[str], None]


@dataclass(frozen=True)
class Replay:
    """What a replay came to.

    Attributes:
        start: The checkpoint it began with, or None for the beginning.
        end: The checkpoint it was compared with.
        updates: Updates that were repeated.
        arrays: Arrays that were compared.
        differences: A sentence on each that is not the same to the last bit.
        interrupted: Number of the signal that ended it early, or 0.
    """

    start: Path | None
    end: Path
    updates: int
    arrays: int
    differences: tuple[str, ...]
    interrupted: int = 0


def replay(path: Path, *, from_start: bool = False, note: Note = lambda text: None) -> Replay:
    """Train a run again in memory, from its oldest checkpoint to its newest; no file is written.

    Args:
        path: The run's directory.
        from_start: Begin with the first update, even where there are several checkpoints.
        note: Told of what may explain a difference.

    Raises:
        ResourceError: When there is no run or no checkpoint (GN513).
        ArtifactError: When the run is damaged, or its data has changed (GN462).
    """
    directory = RunDirectory(path)
    found = directory.checkpoints().newest() if directory.is_run else None
    if found is None:
        raise ResourceError(
            "GN513", f"{str(path)!r} is not a run that can be replayed: it has no checkpoint",
            help="name a directory such as runs/mlp/0001",
        )  # fmt: skip
    program = read_program(
        read_bounded(directory.program_path, MAX_PROGRAM_BYTES), str(directory.program_path)
    )
    folder = read_origin(directory.program_path).folder
    parts = load_parts(program, folder)
    wanted = {"training": training_identity(program), "data": parts.sha256()}
    refuse_other_training(found.checkpoint.state, wanted, found.path)
    _note_versions(found.checkpoint.state, note)
    start = None if from_start else _oldest(directory, found)
    with np.errstate(all="ignore"):
        executable = NumpyExecutable(program)
    training = Training.from_plain(program.spec["training"])
    with limited_threads(training.threads):
        trainer = _starting(executable, program, parts, folder, directory, start, note)
        begun = trainer.progress.updates
        passes = Progress.from_plain(found.checkpoint.state.get("progress")).clock
        stop = StopAt(trainer, found.checkpoint.updates, passes)
        with stop:
            for _ in trainer.epochs(stop):
                pass
    done = trainer.progress.updates
    interrupted = stop.came if done < found.checkpoint.updates else 0
    differences = [] if interrupted else _differences(copy_arrays(executable), found)
    return Replay(
        start.path if start else None,
        found.path,
        done - begun,
        len(found.checkpoint.tensors),
        tuple(differences),
        interrupted,
    )


def _starting(
    executable: NumpyExecutable,
    program: Program,
    parts: Parts,
    folder: Path,
    directory: RunDirectory,
    start: Found | None,
    note: Note,
) -> Trainer:
    training = Training.from_plain(program.spec["training"])
    if start is None:
        return start_anew(executable, training, parts, folder, note)
    best = directory.checkpoints().best_path
    return restore(executable, training, parts, start, best, note)


def _oldest(directory: RunDirectory, newest: Found) -> Found | None:
    """Return the oldest whole checkpoint before the newest, or None."""
    for path in sorted(directory.checkpoints_path.glob("step-*.safetensors")):
        if path == newest.path:
            return None
        try:
            return Found(path, load(path), ())
        except ArtifactError:
            continue
    return None


def _note_versions(state: Mapping[str, object], note: Note) -> None:
    saved = state.get("versions")
    if isinstance(saved, Mapping) and dict(saved) != versions():
        here = versions()
        changed = [f"{name} {saved.get(name)} (now {here[name]})" for name in here
                   if saved.get(name) != here[name]]  # fmt: skip
        note(f"the run was trained with {', '.join(changed)}: bits may differ for that reason")


def _differences(arrays: Mapping[str, Array], found: Found) -> list[str]:
    """Return a sentence for each array that is not the same to the last bit."""
    told: list[str] = []
    for name, saved in found.checkpoint.tensors.items():
        now = arrays.get(name)
        if now is None or (now.shape, now.dtype) != (saved.shape, saved.dtype):
            told.append(f"{name} is not an array of the network any more")
        elif now.tobytes() != saved.tobytes():
            apart = now != saved
            told.append(
                f"{name}: {int(np.count_nonzero(apart))} of {now.size} elements differ, "
                f"by at most {float(np.abs(now - saved).max()):.3g}"
            )
    return told
