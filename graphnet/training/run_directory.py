"""The directory of one run: its number, its lock, and the files that belong to it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from graphnet.errors import ResourceError
from graphnet.program import write_atomically
from graphnet.program.atomic import resource_error
from graphnet.training.checkpoint_folder import CheckpointFolder
from graphnet.training.records import APPEND, append_records, finite_plain, truncate_records
from graphnet.training.run_lock import NAME as LOCK
from graphnet.training.run_lock import RunLock, noted_holder

_NUMBER = re.compile(r"[0-9]{4,9}")
_TEMPORARY = re.compile(r"\..+\.[0-9]+\.[0-9]+\.tmp", re.DOTALL)
_PROBE = ".probe"
PICTURES = (
    *("loss", "metrics", "learning-rate", "gradient-norms", "weight-norms"),
    *("decision", "confusion", "ranking", "predicted", "mistakes"),
)
"""What graphnet's own pictures of a run are called; `plots/` holds each as NAME.png."""


class RunDirectory:
    """The files of one run.

    Making the object changes nothing, so that a finished run can be looked at. `create` and `at`
    make the directory; training happens inside `with run:`, which locks it and tries writing.

    Attributes:
        path: The directory.
        spec_path: The resolved spec.
        program_path: The run's own Program, so that it needs neither spec nor compiler again.
        metrics_path: One JSON line per epoch.
        summary_path: How the run ended.
        checkpoints_path: Directory of the checkpoints.
        plots_path: Directory of the pictures.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_path = path / "spec.yaml"
        self.program_path = path / "program.json"
        self.metrics_path = path / "metrics.jsonl"
        self.summary_path = path / "summary.json"
        self.checkpoints_path = path / "checkpoints"
        self.plots_path = path / "plots"
        self._lock = RunLock(path)

    @classmethod
    def create(cls, runs: Path, name: str) -> RunDirectory:
        """Make the next free `runs/NAME/0001`; two processes never get the same.

        Raises:
            ResourceError: When it cannot be made (GN50x), or the name is none for a directory
                (GN512).
        """
        if not _names_a_directory(name):
            raise ResourceError(
                "GN512",
                f"a run cannot be called {name!r}",
                help="use letters, digits, '_', '.' and '-', and begin with a letter",
            )
        parent = runs / name
        _make_directory(parent)
        try:
            taken = [int(found) for found in os.listdir(parent) if _NUMBER.fullmatch(found)]  # noqa: PTH208 - names are enough
            numbers = (parent / f"{number:04}" for number in count(max(taken, default=0) + 1))
            return cls(next(path for path in numbers if _made(path)))
        except OSError as error:
            raise resource_error(error, "create a run in", parent) from error

    @classmethod
    def at(cls, path: Path) -> RunDirectory:
        """Use a given directory: a new or empty one, or that of an earlier run.

        Raises:
            ResourceError: When it cannot be made (GN50x), is something else (GN504), or holds
                files that are not a run's (GN511).
        """
        _make_directory(path)
        try:
            names = [name for name in os.listdir(path) if not _TEMPORARY.fullmatch(name)]  # noqa: PTH208 - names are enough
            # A run that was killed at its very first step leaves an empty lock.
            begun = names == [LOCK] and not (path / LOCK).lstat().st_size
            foreign = names and not begun and not cls(path).is_run
        except OSError as error:
            raise resource_error(error, "read", path) from error
        if foreign:
            raise ResourceError(
                "GN511",
                f"{str(path)!r} holds files that are not a run's",
                help="name a new or an empty directory, or that of an earlier run",
                notes=["nothing was changed there"],
            )
        return cls(path)

    @property
    def is_run(self) -> bool:
        """Whether the directory looks like a run: its lock is ours, or it has spec and Program."""
        both = self.spec_path.is_file() and self.program_path.is_file()
        return both or noted_holder(self.path / LOCK) is not None

    @property
    def locked(self) -> bool:
        """Whether this process keeps others out; false also where the system knows no locks."""
        return self._lock.held

    def __enter__(self) -> RunDirectory:
        """Lock the directory, make what is missing in it, and try whether it can be written.

        Raises:
            ResourceError: When another process uses it (GN510), or it cannot be written (GN50x).
        """
        self._lock.acquire()
        try:
            for directory in (self.checkpoints_path, self.plots_path):
                _make_directory(directory)
            _try_writing(self.path)
            # Waiting for the disk takes long, and the other two are nearly always on the same one.
            for directory in (self.checkpoints_path, self.plots_path):
                _try_creating(directory / _PROBE)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def checkpoints(self, keep: int = 3) -> CheckpointFolder:
        """Return the run's checkpoints."""
        return CheckpointFolder(self.checkpoints_path, keep)

    def remove_pictures(self) -> None:
        """Remove the pictures that graphnet made of the run, and nothing else.

        Raises:
            ResourceError: When one cannot be removed (GN50x).
        """
        for name in PICTURES:
            picture = self.plots_path / f"{name}.png"
            if picture.is_file():
                _remove(picture)

    def append_metrics(self, *records: Mapping[str, Any]) -> None:
        """Add epochs to `metrics.jsonl`: all their lines are in the file, or none of them.

        Args:
            records: Plain data with the integer `epoch`; numbers that are not finite become null.

        Raises:
            ResourceError: When it cannot be written (GN50x).
        """
        append_records(self.metrics_path, records)

    def truncate_metrics(self, epoch: int) -> None:
        """Drop the lines after an epoch, and one that was cut off, before a run goes on.

        Raises:
            ResourceError: When the file cannot be read or written (GN50x).
        """
        truncate_records(self.metrics_path, epoch)

    def write_spec(self, text: str) -> None:
        """Write the resolved spec.

        Raises:
            ResourceError: When it cannot be written (GN50x).
        """
        write_atomically(self.spec_path, text.encode())

    def write_program(self, content: bytes) -> None:
        """Write the serialized Program.

        Raises:
            ResourceError: When it cannot be written (GN50x).
        """
        write_atomically(self.program_path, content)

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write how the run ended; numbers that are not finite become null.

        Raises:
            ResourceError: When it cannot be written (GN50x).
        """
        text = json.dumps(finite_plain(summary), indent=2, allow_nan=False)
        write_atomically(self.summary_path, f"{text}\n".encode())


def _names_a_directory(name: str) -> bool:
    """Tell whether a run's name stays inside its folder: the name may come from a foreign file."""
    plain = name == Path(name).name and name.isprintable()
    return plain and not name.startswith(".") and bool(name)


def _make_directory(path: Path) -> None:
    try:
        if path.is_symlink() and not path.exists():
            raise _no_directory(path, "a link to nothing")
        if path.exists() and not path.is_dir():
            raise _no_directory(path, "not a directory")
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise resource_error(error, "create", path) from error
    except ValueError as error:  # a zero character, or half of a surrogate pair
        raise _no_directory(path, "not a possible name") from error


def _no_directory(path: Path, kind: str) -> ResourceError:
    return ResourceError(
        "GN504", f"cannot create {str(path)!r}: it is {kind}", help="name another directory"
    )


def _made(path: Path) -> bool:
    """Make a directory, or tell that somebody else was quicker."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def _try_writing(directory: Path) -> None:
    probe = directory / _PROBE
    write_atomically(probe, b"graphnet\n")
    _remove(probe)


def _try_creating(probe: Path) -> None:
    try:
        os.close(os.open(probe, APPEND, 0o666))
    except OSError as error:
        raise resource_error(error, "write", probe) from error
    _remove(probe)


def _remove(probe: Path) -> None:
    try:
        probe.unlink()
    except OSError as error:
        raise resource_error(error, "remove", probe) from error
