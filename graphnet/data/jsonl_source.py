"""Reading JSON lines: one object a line, each with the same keys; numbers, texts or nested lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphnet.data.csv_source import TEXT_LIMIT
from graphnet.data.cures import any_cure
from graphnet.data.data_file import DataFile
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError, Position, listed, nearest
from graphnet.program.strict_json import JsonError, parse

_DEPTH = 9
_SHOWN_LINE = 160


def read_jsonl(file: DataFile) -> SampleTable:
    """Read a text file with a JSON object in each line.

    A key whose values are all numbers, or nested lists of numbers of one shape, becomes an array. A key
    with texts or nulls is kept as its cells for the transforms that take them.

    Args:
        file: The file; UTF-8, with or without a byte order mark.

    Raises:
        DataError: With file and line: GN303 no rows, GN304 not UTF-8 text, GN305 too large, GN307 a
            line with other keys, or a blank one, GN339 a line that is not a JSON object.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    lines = _lines(file)
    first, rows = None, []
    for number, line in enumerate(lines, 1):
        row = _row(file, number, line)
        first = row if first is None else first
        if row.keys() != first.keys():
            raise _other_keys(file, number, line, first, row)
        rows.append(row)
    arrays: dict[str, Array] = {}
    refused: dict[str, DataError] = {}
    texts: dict[str, Sequence[str]] = {}
    for name in first or {}:
        values = [row[name] for row in rows]
        array = _array(values)
        arrays[name] = np.empty(0) if array is None else array
        if array is None:
            refused[name] = _not_numbers(file, name, lines, values)
            if not any(isinstance(value, (list, dict, bool)) for value in values):
                texts[name] = ["" if value is None else str(value) for value in values]
    return SampleTable(
        file.shown,
        arrays,
        refused,
        word="key",
        place=lambda _, row: _position(file, row + 1, lines[row]),
        texts=texts,
    )


def _lines(file: DataFile) -> list[str]:
    content = file.read(TEXT_LIMIT)
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = f"byte {error.start + 1}, in line {line}, is not UTF-8 text"
        raise file.wrong_format("UTF-8 text", content[:64], detail, "save it as UTF-8") from None
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise DataError("GN303", f"{file.shown!r} has no rows", where=file.where)
    return lines


def _row(file: DataFile, number: int, line: str) -> dict[str, Any]:
    if not line.strip():
        raise DataError(
            "GN307",
            f"line {number} is blank, with rows after it",
            where=_position(file, number, line),
            help="remove the blank line",
        )
    try:
        row = parse(line, _DEPTH)
    except JsonError as error:
        detail = str(error)
    else:
        if isinstance(row, dict) and row:
            return row
        detail = "an object with at least one key is wanted"
    raise DataError(
        "GN339",
        f"line {number} is not a JSON object",
        where=_position(file, number, line),
        help='write one object a line: {"x": 1.5, "label": "yes"}',
        notes=[detail],
    )


def _other_keys(
    file: DataFile, number: int, line: str, first: dict[str, Any], row: dict[str, Any]
) -> DataError:
    missing = [key for key in first if key not in row]
    extra = [key for key in row if key not in first]
    what = f"lacks the key {missing[0]!r}" if missing else f"has a key {extra[0]!r} of its own"
    return DataError(
        "GN307",
        f"line {number} {what}",
        where=_position(file, number, line),
        help=nearest(extra[0], missing) if extra and missing else "write null for what is missing",
        notes=[f"keys of the first line: {listed(first)}"],
    )


def _array(values: list[Any]) -> Array | None:
    """Return values as an array of numbers, or None where they are not numbers of one shape."""
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        return None
    if array.dtype.kind == "b":
        return array
    # NumPy counts truth values among numbers as numbers, and integers beyond 64 bits as objects.
    plain = array.dtype.kind in "iuf" and not _holds_truth(values)
    return array if plain else None


def _holds_truth(values: Any) -> bool:
    if isinstance(values, list):
        return any(map(_holds_truth, values))
    return isinstance(values, bool)


def _not_numbers(file: DataFile, name: str, lines: list[str], values: list[Any]) -> DataError:
    """Return the error for a key with more than numbers of one shape: the first, and how many."""
    bad = [row for row, value in enumerate(values) if not _is_number(value)]
    if not bad or all(isinstance(value, list) for value in values):
        message, row = f"the lists of key {name!r} differ in shape or hold other than numbers", 0
    else:
        row = bad[0]
        shown = "null" if values[row] is None else repr(values[row])[:40]
        message = f"{shown} of key {name!r} in line {row + 1} is not a number"
    return DataError(
        "GN309",
        message,
        where=_position(file, row + 1, lines[row]),
        help=any_cure(name, values[row] is None),
        notes=[f"{len(bad)} of {len(values)} values of this key are not numbers"],
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _position(file: DataFile, number: int, line: str) -> Position:
    fits = len(line) <= _SHOWN_LINE and line.strip().isprintable()
    shown = line.rstrip()
    return replace(
        file.where, line=number, column=1, end_column=len(shown) + 1, source=shown if fits else ""
    )
