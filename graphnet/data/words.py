"""Words: columns of text, missing values among them, and when words are names of classes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.cures import any_cure
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError

Words = NDArray[np.object_]
_MISSING = frozenset(("", "nan", "na", "n/a", "null", "none"))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def are_words(values: Array) -> bool:
    """Tell whether an array holds texts."""
    return values.dtype.kind == "O"


def as_words(cells: Sequence[str]) -> Words:
    """Return cells as an array of texts, spaces around them taken away."""
    words = np.empty(len(cells), dtype=object)
    words[:] = [cell.strip() for cell in cells]
    return words


def is_missing(word: str) -> bool:
    """Tell whether a cell stands for a value that is not known."""
    return word.casefold() in _MISSING


def missing(values: Array) -> NDArray[np.bool_]:
    """Return where values are missing: NaN among numbers, some words among texts."""
    if are_words(values):
        return np.fromiter((is_missing(word) for word in values), np.bool_, len(values))
    result: NDArray[np.bool_] = np.isnan(values.astype(np.float64))
    return result


def raw_values(table: SampleTable, name: str) -> Array:
    """Return a column as it stands: numbers, or texts where a cell is no number."""
    if name in table.texts:
        return as_words(table.texts[name])
    return table.array(name)


def numbers(table: SampleTable, name: str, values: Array, *, gaps: bool = False) -> Array:
    """Return a column as numbers, in float64.

    Args:
        table: Where it stands, for messages.
        name: Its name.
        values: Numbers or texts.
        gaps: Whether missing values may be there; they become NaN.

    Raises:
        DataError: GN309 or GN313 where a value is not a number.
    """
    if not are_words(values):
        if values.dtype.kind not in "biuf":
            words = f"{table.word} {name!r} holds values that are not numbers"
            raise table.error("GN313", words, name=name)
        return values.astype(np.float64)
    result = np.full(len(values), np.nan)
    for row, word in enumerate(values):
        if _NUMBER.fullmatch(word):
            result[row] = float(word)
        elif not (gaps and is_missing(word)):
            raise not_a_number(table, name, row, word)
    return result


def numeric(values: Array) -> bool:
    """Tell whether all that is known of a column is numbers."""
    if not are_words(values):
        return True
    return all(_NUMBER.fullmatch(word) or is_missing(word) for word in values)


def only_words(values: Array) -> bool:
    """Tell whether a column holds words alone: no number, and nothing missing."""
    if not are_words(values):
        return False
    return not any(_NUMBER.match(word) or is_missing(word) for word in values)


def not_a_number(table: SampleTable, name: str, row: int, word: str) -> DataError:
    """Return the error for a text where a number is wanted."""
    shown = word if len(word) <= 40 else f"{word[:40]}..."
    return table.error(
        "GN309",
        f"{shown!r} in {table.cell(name, row)} is not a number",
        name=name,
        row=row,
        help=any_cure(name, is_missing(word)),
    )


def named(value: Any) -> str:
    """Return how a category is shown: a word as it is, a whole number without a point."""
    if isinstance(value, str):
        return value
    return str(float(value)).removesuffix(".0")
