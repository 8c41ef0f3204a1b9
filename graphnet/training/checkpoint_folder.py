"""The checkpoints of one run: the newest few and the best, found by looking, never by a pointer."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from graphnet.errors import ArtifactError, GraphNetError, ResourceError
from graphnet.program.atomic import remove_stale, resource_error
from graphnet.training.checkpoint import Checkpoint, load, save

BEST = "best.safetensors"

_STEP = re.compile(r"step-([0-9]{10})\.safetensors")


@dataclass(frozen=True)
class Skipped:
    """A checkpoint that could not be used.

    Attributes:
        path: The file.
        error: What is wrong with it.
    """

    path: Path
    error: GraphNetError


@dataclass(frozen=True, eq=False)
class Found:
    """The newest whole checkpoint.

    Attributes:
        path: Its file.
        checkpoint: What is in it.
        skipped: Newer files that are damaged, newest first.
    """

    path: Path
    checkpoint: Checkpoint
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class CheckpointFolder:
    """A directory of checkpoints, named by the number of updates.

    Attributes:
        path: The directory; it must exist before the first `save`.
        keep: How many are kept besides the best one; at least one.
    """

    path: Path
    keep: int = 3

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise ValueError("at least one checkpoint must be kept")

    @property
    def best_path(self) -> Path:
        """Where the best checkpoint is, once there is one."""
        return self.path / BEST

    def save(self, checkpoint: Checkpoint, best: bool = False) -> Path:
        """Write a checkpoint, and only when it is durable remove those no longer kept.

        Args:
            checkpoint: The checkpoint; its `updates` give the name.
            best: Whether it is the best so far, to be kept as `best.safetensors` too.

        Returns:
            The file. Files with more updates than this one are left alone: they are damaged ones
            that a resumed run went back behind, or the work of another run.

        Raises:
            ArtifactError: When it holds what cannot be saved (GN457, GN458).
            ResourceError: When a file cannot be written or removed (GN50x).
        """
        path = self._step(checkpoint.updates)
        save(path, checkpoint)
        if best:
            save(self.best_path, checkpoint)
        self._prune(checkpoint.updates)
        return path

    def newest(self) -> Found | None:
        """Return the newest whole checkpoint, or None where there is no checkpoint at all.

        Raises:
            ArtifactError: When there are checkpoints, but all are damaged (GN459): starting anew
                in silence would throw the run away.
            ResourceError: When a file is whole perhaps, but cannot be read (GN50x).
        """
        skipped: list[Skipped] = []
        for number in reversed(self._numbers()):
            path = self._step(number)
            try:
                return Found(path, load(path), tuple(skipped))
            except ArtifactError as error:
                skipped.append(Skipped(path, error))
            except ResourceError as error:
                if error.code == "GN505":  # a running training has just pruned it: look again
                    return self.newest()
                if error.code != "GN504":
                    raise
                skipped.append(Skipped(path, error))
        if skipped:
            raise self._none_whole(skipped)
        return None

    def _none_whole(self, skipped: list[Skipped]) -> ArtifactError:
        best = self.best_path.name
        return ArtifactError(
            "GN459",
            f"{str(self.path)!r} has no whole checkpoint",
            help=f"go on from {best!r} if there is one, or start a new run",
            notes=[found.error.message for found in skipped],
        )

    def _step(self, number: int) -> Path:
        return self.path / f"step-{number:010}.safetensors"

    def _numbers(self) -> list[int]:
        """Return the updates of all checkpoints in the directory, in ascending order."""
        try:
            names = os.listdir(self.path)  # noqa: PTH208 - names are all that is needed
        except FileNotFoundError:
            return []
        except OSError as error:
            raise resource_error(error, "read", self.path) from error
        return sorted(int(match[1]) for match in map(_STEP.fullmatch, names) if match)

    def _prune(self, saved: int) -> None:
        """Remove checkpoints older than the newest `keep`, and what killed processes left."""
        older = [number for number in self._numbers() if number < saved]
        for number in older[: max(0, len(older) - (self.keep - 1))]:
            path = self._step(number)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise resource_error(error, "remove", path) from error
        try:
            remove_stale(self.path)
        except OSError as error:
            raise resource_error(error, "read", self.path) from error
