"""SampleTable: what a source holds, as named arrays that know where each value was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.errors import DataError, Position, listed, nearest

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Named columns or arrays; the first axis of each counts the samples.

    Attributes:
        source: What it was read from, as the user wrote it.
        arrays: Array by name, of any supported element type; (samples, ...).
        refused: Error by name for columns that hold more than numbers: it is raised on first use,
            so that a column nobody asked for may hold anything.
        word: What one of them is called in messages: column or array.
        place: Position of a cell by column and row (from 0), where the source has lines.
        texts: Cells by name of refused columns, as they were written; some transforms take them.
        guard: For arrays that are mapped, not read: raises a DataError where their file has changed.
        first: Number of the first row in the source, for parts of a table.
        file: The path that opens it from the current folder; empty where it is no file.
        spread: Columns that transforms have made several numbers a sample of.
    """

    source: str
    arrays: Mapping[str, Array]
    refused: Mapping[str, DataError] = field(default_factory=dict)
    word: str = "column"
    place: Callable[[str, int], Position] | None = None
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    guard: Callable[[], None] | None = None
    first: int = 0
    spread: frozenset[str] = frozenset()
    file: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of the source."""
        return tuple(self.arrays)

    def array(self, name: str) -> Array:
        """Return the values under a name.

        Raises:
            DataError: GN317 where there is no such name; the stored error for a refused column.
        """
        if name in self.refused:
            raise self.refused[name]
        if name not in self.arrays:
            error = self.error(
                "GN317",
                f"there is no {self.word} {name!r} in {self.source!r}",
                help=nearest(name, self.arrays),
                notes=[self.contents()],
            )
            error.missing = name
            raise error
        return self.arrays[name]

    def contents(self) -> str:
        """Return the names as a note for messages."""
        return f"{self.word}s: {listed(self.arrays)}" if self.arrays else f"it has no {self.word}s"

    def cell(self, name: str, row: int) -> str:
        """Return in words where a value stands: `line 18 of column 'x'`.

        Args:
            name: Column or array.
            row: Sample, counted from 0.
        """
        if self.place is not None:
            return f"line {self.place(name, row).line} of {self.word} {name!r}"
        return f"row {self.first + row + 1} of {self.word} {name!r}"

    def part(self, rows: slice | NDArray[np.int64], names: Iterable[str]) -> SampleTable:
        """Return some rows of some arrays as a table; only for tables without texts.

        Args:
            rows: A slice or row numbers.
            names: The arrays.
        """
        if self.guard is not None:
            self.guard()
        arrays = {name: self.array(name)[rows] for name in names}
        first = rows.start or 0 if isinstance(rows, slice) else 0
        return SampleTable(
            self.source, arrays, word=self.word, first=self.first + first, file=self.file
        )

    def error(
        self,
        code: str,
        message: str,
        *,
        name: str = "",
        row: int | None = None,
        help: str = "",  # noqa: A002 - as in GraphNetError
        notes: Iterable[str] = (),
    ) -> DataError:
        """Return an error that points into the source, at one cell where `row` is given."""
        at_cell = self.place is not None and row is not None
        where = Position(self.file or self.source)
        if self.place and row is not None:
            where = self.place(name, row)
        counted = "" if at_cell or row is None else "rows are counted from 1"
        return DataError(code, message, where=where, help=help, notes=[*notes, counted])
