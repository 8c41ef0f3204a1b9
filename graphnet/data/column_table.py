"""A table of columns given in Python: numbers, or words with gaps, as from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError


def table_of(columns: Mapping[str, ArrayLike]) -> SampleTable:
    """Return columns as a table.

    Args:
        columns: Arrays or lists (samples, ...) by name; None and NaN are missing values.

    Example:
        >>> table = table_of({"age": [31, 25], "city": ["Rome", None]})
        >>> table.array("age").tolist(), table.texts["city"]
        ([31, 25], ['Rome', ''])
    """
    arrays: dict[str, Array] = {}
    refused: dict[str, DataError] = {}
    texts: dict[str, Sequence[str]] = {}
    for name, given in columns.items():
        values = np.asarray(given)
        if values.dtype.kind in "biuf":
            arrays[name] = values
            continue
        arrays[name] = np.empty(0)
        refused[name] = DataError(
            "GN309",
            f"column {name!r} holds words or missing values",
            help="they are taken where the run was trained with transforms for them",
        )
        if values.ndim == 1:
            texts[name] = ["" if value is None else str(value) for value in values.tolist()]
    return SampleTable("<columns>", arrays, refused, texts=texts)
