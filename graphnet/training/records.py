"""Records: the lines of `metrics.jsonl`, one JSON object an epoch, added and taken back as whole lines."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graphnet.program import write_atomically
from graphnet.program.atomic import open_regular, resource_error

APPEND = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
"""How a file is opened that only ever grows: no link is followed, and no pipe waited for."""


def append_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Add records to a file: all their lines are in it, or none of them.

    Args:
        path: The file, made where it is missing.
        records: Plain data; numbers that are not finite become null.

    Raises:
        ResourceError: When it cannot be written (GN50x).
    """
    lines = "".join(f"{_line(record)}\n" for record in records).encode()
    try:
        descriptor = os.open(path, APPEND, 0o666)
        try:
            _append_whole(descriptor, lines)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise resource_error(error, "write", path) from error


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the whole records of a file, in order; none where there is no file.

    Raises:
        ResourceError: When the file cannot be read (GN50x).
    """
    if not path.exists():
        return []
    with open_regular(path) as file, io.BufferedReader(file) as lines:
        found = [_parsed(line) for line in lines]
    return [record for record in found if record is not None]


def truncate_records(path: Path, epoch: int) -> None:
    """Drop the lines after an epoch, and one that was cut off.

    Raises:
        ResourceError: When the file cannot be read or written (GN50x).
    """
    if not path.exists():
        return
    with open_regular(path, follow_links=False) as file, io.BufferedReader(file) as lines:
        kept = list(_until(lines, epoch))
    write_atomically(path, kept)


def _append_whole(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    left = memoryview(line)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except BaseException:
        os.ftruncate(descriptor, size)
        raise


def _until(lines: Iterable[bytes], epoch: int) -> Iterator[bytes]:
    """Give the whole lines of epochs up to `epoch`."""
    for line in lines:
        recorded = (_parsed(line) or {}).get("epoch")
        if isinstance(recorded, int) and recorded <= epoch:
            yield line


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return a whole line's record, or None where it was cut off or is something else."""
    try:
        record = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


_encode = json.JSONEncoder(allow_nan=False).encode


def _line(record: Mapping[str, Any]) -> str:
    """Return an epoch as JSON; the rare one with a number that is not finite takes the longer way."""
    try:
        return _encode(record)
    except (TypeError, ValueError):
        return _encode(finite_plain(record))


def finite_plain(value: Any) -> Any:
    """Return plain data with null for every number that JSON cannot write."""
    if isinstance(value, Mapping):
        return {key: finite_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
