"""Explicit casts from what a file holds to what the network computes with; nothing wraps.

To a float: any number, as long as it stays finite (integers beyond the float's precision are
rounded to the nearest). To int64: whole numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphnet.data.declaration import Declaration
from graphnet.data.sample_table import Array, SampleTable

_INT64_LIMIT = 2**63
TORCH_IGNORES = -100
"""Class that PyTorch's losses leave out unasked."""


def cast(table: SampleTable, name: str, declared: Declaration) -> Array:
    """Return a column in the declared element type, every value checked.

    Args:
        table: Where the column stands.
        name: Its name.
        declared: The input or target it becomes; its name and shape are not looked at.

    Returns:
        An array of the column's shape (samples, ...), of type `declared.dtype`.

    Raises:
        DataError: With the first bad row and the count: GN313 not numbers, GN321 not finite, GN322
            not whole, GN323 outside [0, limit), GN324 too large for the element type, GN341 a negative
            weight of a mean.
    """
    column = _Column(table, name, table.array(name))
    kind = column.values.dtype.kind
    if kind not in "biuf":
        words = f"{table.word} {name!r} holds values that are not numbers"
        raise table.error("GN313", words, name=name)
    if kind == "f":
        column.refuse(~np.isfinite(column.values), "GN321", "is not finite")
    result = column.to_whole() if declared.dtype == "int64" else column.to_float(declared.dtype)
    if declared.weighs:
        cure = "weights of a mean are at least 0; with reduction: sum they may be any"
        column.refuse(result < 0, "GN341", "is a negative weight", cure)
    if declared.limit is not None:
        outside = (result < 0) | (result >= declared.limit)
        cure = f"{declared.name!r} goes from 0 to {declared.limit - 1}: the first index is 0"
        allowed = f"is not in 0 to {declared.limit - 1}"
        if declared.ignore is not None:
            outside &= result != declared.ignore
            allowed += f", nor {declared.ignore}"
        elif (result[outside] == TORCH_IGNORES).any():
            cure += (
                f"; a loss leaves out {TORCH_IGNORES} where it says ignore_index: {TORCH_IGNORES}"
            )
        column.refuse(outside, "GN323", allowed, cure)
    return result


@dataclass(frozen=True, eq=False)
class _Column:
    table: SampleTable
    name: str
    values: Array

    def to_float(self, dtype: str) -> Array:
        """Return the values as floats, refusing those that overflow."""
        with np.errstate(over="ignore"):
            result = self.values.astype(dtype)
        cure = "scale the values, or compute in dtype: float64"
        self.refuse(~np.isfinite(result), "GN324", f"is too large for {dtype}", cure)
        return result

    def to_whole(self) -> Array:
        """Return the values as int64, refusing fractions and what does not fit."""
        if self.values.dtype.kind == "f":
            fractions = self.values != np.trunc(self.values)
            self.refuse(fractions, "GN322", "is not a whole number")
            # In float64, because the limit itself overflows a float16.
            large = np.abs(self.values.astype(np.float64)) >= _INT64_LIMIT
            self.refuse(large, "GN324", "is too large for int64")
        if self.values.dtype == np.uint64:
            self.refuse(self.values >= _INT64_LIMIT, "GN324", "is too large for int64")
        return self.values.astype(np.int64)

    def refuse(self, bad: NDArray[np.bool_], code: str, what: str, cure: str = "") -> None:
        """Raise for the first bad value, with its place and their count; return if none is."""
        count = int(np.count_nonzero(bad))
        if not count:
            return
        index = np.unravel_index(int(bad.argmax()), bad.shape)
        row = int(index[0])
        # Where all numbers are floats, as in csv, a whole one is shown as it was written.
        value = str(self.values[index].item()).removesuffix(".0")
        raise self.table.error(
            code,
            f"{value} in {self.table.cell(self.name, row)} {what}",
            name=self.name,
            row=row,
            help=cure,
            notes=[f"{count} of {self.values.size} values are like this" if count > 1 else ""],
        )
