"""Cures: the line of YAML that lets a column of words or gaps through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from graphnet.errors import DataError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NO_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def transform_line(kind: str, column: str) -> str:
    """Return the line of a data section that gives a column a transform.

    Args:
        kind: Type of the transform.
        column: Name of the column.

    Example:
        >>> transform_line("one_hot", "city")
        'transforms: [{type: one_hot, columns: city}]'
    """
    plain = _PLAIN.fullmatch(column) and column.lower() not in _NO_TEXT
    shown = column if plain else json.dumps(column, ensure_ascii=False)
    return f"transforms: [{{type: {kind}, columns: {shown}}}]"


def words_cure(column: str) -> str:
    """Return the cure for a column that an input reads and that holds words."""
    line = transform_line("one_hot", column)
    return f"make numbers of words in the data section: {line} (or type: ordinal)"


def gaps_cure(column: str) -> str:
    """Return the cure for a column with missing values."""
    return f"fill them in, or let the data section do it: {transform_line('impute', column)}"


def any_cure(column: str, gap: bool) -> str:
    """Return the cure for a value that is missing, or a word."""
    return gaps_cure(column) if gap else words_cure(column)


@contextmanager
def as_in_training() -> Iterator[None]:
    """Advise no transform where data are read for a trained network, which has its own."""
    try:
        yield
    except DataError as error:
        if error.code == "GN309":
            error.help = (
                "a finite decimal number is wanted here, as in training: "
                "fill it in, or leave the row out"
            )
        raise
