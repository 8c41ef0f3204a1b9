"""Spec files: bounded reading of a path or of standard input."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from typing import Any, BinaryIO

from graphnet.errors import GraphNetError, Position, ResourceError, UsageError, nearest_path
from graphnet.spec.nodes import MapNode
from graphnet.spec.problems import Problems
from graphnet.spec.reader import read_text
from graphnet.spec.source_text import MAX_BYTES, decode

STDIN = "<stdin>"
"""What positions name as the file of a spec on standard input."""

_MISSING = (errno.ENOENT, errno.ENOTDIR)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe nobody writes to would wait for ever
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_file(
    path: str | os.PathLike[str], problems: Problems | None = None
) -> tuple[MapNode, str]:
    """Read a spec from a file, or from standard input where the path is `-`.

    Args:
        path: Where the spec is.
        problems: As for `read_text`.

    Returns:
        The tree and the text.

    Raises:
        ResourceError: The file is missing (GN505), not a regular file (GN504), or cannot be read
            (GN502, GN503).
        UsageError: Standard input is a terminal or closed (GN740).
        SpecError: As for `read_text`.
    """
    name = os.fspath(path)
    if name == "-":
        name, content = STDIN, _read_stdin()
    else:
        content = _read_regular(name)
    text = decode(content, name)
    return read_text(text, name, problems), text


def _read_regular(name: str) -> bytes:
    try:
        with io.FileIO(os.open(name, _FLAGS), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise _not_a_file(name, _KINDS.get(stat.S_IFMT(mode), "not a regular file"))
            return _read_at_most(file, MAX_BYTES + 1)
    except ValueError as error:
        raise _missing(name) from error
    except OSError as error:
        raise _refused(name, error) from error


def _read_at_most(file: Any, limit: int) -> bytes:
    """Read to the end, but never more than `limit` bytes."""
    pieces: list[bytes] = []
    while limit > 0 and (piece := file.read(min(limit, 1 << 16))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


def _read_stdin() -> bytes:
    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None or stream.closed or stream.isatty():
        raise UsageError(
            "GN740",
            "no spec comes from standard input",
            help="pipe one in: graphnet check - < spec.yaml, or name a file",
        )
    try:
        return _read_at_most(stream, MAX_BYTES + 1)
    except OSError as error:
        raise _refused(STDIN, error) from error


def _missing(name: str) -> ResourceError:
    cure = nearest_path(name, (".yaml", ".yml")) or "check the path"
    return ResourceError("GN505", f"there is no spec {name!r}", where=Position(name), help=cure)


def _not_a_file(name: str, kind: str) -> ResourceError:
    return ResourceError(
        "GN504", f"{name!r} is {kind}", where=Position(name), help="name a spec file"
    )


def _refused(name: str, error: OSError) -> GraphNetError:
    """Return the error for a file the system does not let us read."""
    if error.errno in _MISSING:
        return _missing(name)
    if error.errno == errno.EISDIR:
        return _not_a_file(name, "a directory")
    reason = (error.strerror or "unknown reason").lower()
    code = "GN502" if error.errno in _FORBIDDEN else "GN503"
    cure = "allow reading it, or name another file" if code == "GN502" else "check the path"
    return ResourceError(code, f"cannot read {name!r}: {reason}", where=Position(name), help=cure)
