"""Origin: the note beside a Program's file that says where its spec was, and so where its data is.

The Program itself cannot say it: the same spec gives the same bytes, anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path

from graphnet.errors import GraphNetError
from graphnet.program.atomic import read_bounded, write_atomically

_LIMIT = 1 << 16


def relative(path: Path, start: Path) -> Path:
    """Return a path as seen from a directory, so that both can be moved together.

    Links on the way to either are followed first, because `..` leads out of what a link points to.
    """
    whole = Path(os.path.realpath(path.parent)) / path.name
    try:
        return Path(os.path.relpath(whole, os.path.realpath(start)))
    except ValueError:  # another drive
        return whole


def write_origin(program: Path, folder: Path) -> None:
    """Note what the data paths of a Program's file are relative to.

    Args:
        program: The Program's file; the note lies beside it, with the suffix `.origin`.
        folder: The spec's folder.

    Raises:
        ResourceError: When it cannot be written (GN50x).
    """
    seen = relative(folder / "spec", program.parent).parent
    write_atomically(program.with_suffix(".origin"), os.fsencode(seen) + b"\n")


def read_origin(program: Path) -> Path:
    """Return what the data paths of a Program's file are relative to: its own folder without a note."""
    try:
        noted = read_bounded(program.with_suffix(".origin"), _LIMIT)
    except GraphNetError:
        return program.parent
    return program.parent / os.fsdecode(noted.removesuffix(b"\n"))
