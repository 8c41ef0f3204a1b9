"""Formulas of ops that make something of targets and settings; see `formulas`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def literal(dtype: str, values: Sequence[float]) -> Array:
    return np.array(values, np.float64)


def class_weights(table: Array, index: Array, ignore_index: int) -> tuple[Array, Array]:
    weight, kept = np.zeros(index.shape, table.dtype), np.zeros_like(index)
    for position in np.ndindex(*index.shape):
        if index[position] != ignore_index:
            weight[position], kept[position] = table[index[position]], index[position]
    return weight, kept


def multi_hot(index: Array, base: Array, dtype: str, ignore_index: int) -> Array:
    out = np.zeros(index.shape)
    for row, counts in zip(index, out, strict=True):
        for place in row:
            if place == ignore_index:
                break
            counts[place] += 1
    return out
