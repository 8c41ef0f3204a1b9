"""MappedArray: samples that stay in their file until a batch of them is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.declaration import Declaration
from graphnet.data.sample_table import Array

Rows = NDArray[np.int64]


class MappedArray:
    """What an input or target is, of the declared shape and type, built row by row on demand.

    It answers `len`, `shape`, `ndim`, `dtype` and indexing by a slice or an array of row numbers, as arrays
    do; every answer is a new array in memory.
    """

    def __init__(
        self,
        declared: Declaration,
        count: int,
        build: Callable[[slice | Rows], Array],
        rows: Rows | None = None,
    ) -> None:
        """Store where samples come from.

        Args:
            declared: What is built.
            count: Number of samples.
            build: Returns samples of the file, checked and cast.
            rows: Which samples of the file these are, or None for all.
        """
        self._declared, self._build, self._rows = declared, build, rows
        self.shape = (count, *declared.shape)
        self.dtype = np.dtype(declared.dtype)
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Rows) -> Array:
        return self._build(rows if self._rows is None else self._rows[rows])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        whole = self[slice(0, len(self))]
        return whole if dtype is None else whole.astype(dtype)

    def take(self, rows: Rows) -> MappedArray:
        """Return some of the samples, still in their file."""
        chosen = rows if self._rows is None else self._rows[rows]
        return MappedArray(self._declared, len(chosen), self._build, chosen)
