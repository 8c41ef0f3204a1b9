"""Starting: where a run begins, from first weights, another run's weights, or its own last checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import NumpyExecutable, initialize
from graphnet.data import first_values
from graphnet.errors import ArtifactError, GraphNetError, ResourceError
from graphnet.recipe import Training
from graphnet.training.checkpoint import load
from graphnet.training.checkpoint_folder import CheckpointFolder, Found
from graphnet.training.nonfinite import refuse_nonfinite
from graphnet.training.parts import Parts
from graphnet.training.progress import Progress
from graphnet.training.run_directory import RunDirectory
from graphnet.training.snapshot import restore_arrays
from graphnet.training.trainer import Trainer
from graphnet.training.transfer import transfer

Note = Callable[[str], None]


def start_anew(
    executable: NumpyExecutable, training: Training, parts: Parts, folder: Path, note: Note
) -> Trainer:
    """Return a trainer with first weights, or with those that the spec says to start from.

    Args:
        executable: Its weights are set.
        training: The spec's training section.
        parts: What is trained on.
        folder: What the spec's paths are relative to.
        note: Told what was transferred.

    Raises:
        ArtifactError: When the weights do not fit (GN464).
    """
    with np.errstate(all="ignore"):  # what overflows is found when the first loss is
        initialize(executable, training.initialization.stream, first_values(folder))
    if training.weights is not None:
        note(transfer(executable, training.weights, folder))
    return Trainer(executable, training, parts, Progress())


def clear(directory: RunDirectory, folder: CheckpointFolder, found: Found | None) -> None:
    """Remove what an earlier run left in the directory before its first checkpoint.

    Raises:
        ResourceError: When it has a checkpoint: nothing that was trained is ever overwritten (GN514).
    """
    if found is not None:
        ended = found.checkpoint.state.get("progress", {}).get("ended")
        raise ResourceError(
            "GN514",
            f"{str(directory.path)!r} holds a run that is "
            f"{'finished' if ended else 'not finished'}",
            help="go on with it by --resume, or name another directory",
            notes=[f"its newest checkpoint is {found.path.name}", "it was left as it is"],
        )
    for path in folder.path.glob("*.safetensors"):
        path.unlink()
    directory.summary_path.unlink(missing_ok=True)
    directory.truncate_metrics(0)


def restore(
    executable: NumpyExecutable,
    training: Training,
    parts: Parts,
    found: Found,
    best: Path,
    note: Note,
) -> Trainer:
    """Return a trainer that goes on where a checkpoint was saved.

    Args:
        executable: Its arrays are set.
        training: The spec's training section.
        parts: What is trained on.
        found: The checkpoint.
        best: Where the best weights so far are.
        note: Told what cannot be used.

    Raises:
        ArtifactError: When the checkpoint does not fit or is damaged.
        NumericError: When it holds what is not finite.
    """
    for skipped in found.skipped:
        note(f"skipped {skipped.path.name}: {skipped.error.message}")
    progress = Progress.from_plain(found.checkpoint.state.get("progress"))
    restore_arrays(executable, found.checkpoint.tensors)
    refuse_nonfinite(executable, progress)
    if progress.ended == "finished" and progress.epoch < training.epochs:
        progress.ended = ""
    trainer = Trainer(executable, training, parts, progress)
    if progress.best_epoch:
        _recall_best(trainer, best, note)
    return trainer


def _recall_best(trainer: Trainer, path: Path, note: Note) -> None:
    """Read the best weights so far; a run that is not to end with them can do without."""
    try:
        trainer.best = dict(load(path).tensors)
    except GraphNetError as error:
        if trainer.watch.restores_best:
            raise
        note(f"skipped {path.name}: {error.message}")


def refuse_other_training(state: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    """Refuse a checkpoint of another spec or of other data.

    Args:
        state: Of the checkpoint.
        wanted: The digests `training` and `data` of this run.
        path: The checkpoint's file.

    Raises:
        ArtifactError: When a digest differs (GN462).
    """
    for key, words in {"training": "another spec", "data": "other data"}.items():
        if state.get(key) != wanted[key]:
            raise ArtifactError(
                "GN462",
                f"{path.name} was saved by a run of {words}",
                help="train in a new --run-dir, or undo the change",
                notes=["only epochs, checkpoint, metrics and description may change on resume",
                       "the run was left as it is"],
            )  # fmt: skip
