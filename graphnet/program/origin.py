"""Origin: the note beside a Program's file that says where its spec was, and so where its data is.

It also keeps the spec's name and digest, so that a Program that is older than its spec is noticed.

The Program itself cannot say it: the same spec gives the same bytes, anywhere.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from graphnet.errors import GraphNetError
from graphnet.program.atomic import read_bounded, write_atomically

_LIMIT = 1 << 16
_BETWEEN = b"\0"
"""What no path holds."""


@dataclass(frozen=True)
class Origin:
    """Where a Program came from.

    Attributes:
        folder: What its data paths are relative to.
        spec: The spec's file, or None where none was noted.
        sha256: Digest of that file when the Program was compiled, or an empty string.
    """

    folder: Path
    spec: Path | None = None
    sha256: str = ""


def relative(path: Path, start: Path) -> Path:
    """Return a path as seen from a directory, so that both can be moved together.

    Links on the way to either are followed first, because `..` leads out of what a link points to.
    """
    whole = Path(os.path.realpath(path.parent)) / path.name
    try:
        return Path(os.path.relpath(whole, os.path.realpath(start)))
    except ValueError:  # another drive
        return whole


def write_origin(program: Path, folder: Path, spec: str = "", sha256: str = "") -> None:
    """Note what the data paths of a Program's file are relative to, and what it was compiled from.

    Args:
        program: The Program's file; the note lies beside it, with the suffix `.origin`.
        folder: The spec's folder.
        spec: Name of the spec's file in there, if it has one.
        sha256: Digest of that file.

    Raises:
        ResourceError: When it cannot be written (GN50x).
    """
    seen = relative(folder / "spec", program.parent).parent
    fields = [os.fsencode(seen)]
    fields += [os.fsencode(spec), sha256.encode("ascii")] if spec else []
    write_atomically(program.with_suffix(".origin"), _BETWEEN.join(fields) + b"\n")


def read_origin(program: Path) -> Origin:
    """Return where a Program's file came from: its own folder without a note."""
    try:
        noted = read_bounded(program.with_suffix(".origin"), _LIMIT)
    except GraphNetError:
        return Origin(program.parent)
    folder, *rest = noted.removesuffix(b"\n").split(_BETWEEN)
    place = program.parent / os.fsdecode(folder)
    if len(rest) != 2:
        return Origin(place)
    return Origin(place, place / os.fsdecode(rest[0]), rest[1].decode("ascii", "replace"))
