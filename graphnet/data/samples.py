"""Samples: the arrays a network is fed, checked and in the declared types."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnet.data.casting import cast
from graphnet.data.declaration import Declaration
from graphnet.data.matching import match_columns
from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.sources import read_source
from graphnet.errors import DataError
from graphnet.ir import shape_text
from graphnet.recipe import Source


@dataclass(frozen=True, eq=False)
class Samples:
    """A set of samples.

    Attributes:
        inputs: Array by input name; (count, *shape) in the declared element type, finite.
        targets: Array by target name; likewise.
        count: Number of samples, at least 1.
        columns: Columns or arrays each input and target was read from, so that other files are read alike.
    """

    inputs: dict[str, Array]
    targets: dict[str, Array]
    count: int
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sha256(self) -> str:
        """Return a digest of names, types, shapes and values; the same on every machine."""
        digest = hashlib.sha256()
        for role, arrays in (("input", self.inputs), ("target", self.targets)):
            for name in sorted(arrays):
                values = arrays[name]
                digest.update(f"{role} {name!r} {values.dtype.name} {values.shape}\n".encode())
                little = values.astype(values.dtype.newbyteorder("<"), copy=False)
                digest.update(np.ascontiguousarray(little).data)
        return digest.hexdigest()

    def take(self, rows: NDArray[np.int64]) -> Samples:
        """Return a copy of some samples.

        Args:
            rows: Which, in the wanted order; int64 (n,).
        """
        return Samples(
            {name: values[rows] for name, values in self.inputs.items()},
            {name: values[rows] for name, values in self.targets.items()},
            len(rows),
            self.columns,
        )


def load_samples(
    source: Source, folder: Path, inputs: Sequence[Declaration], targets: Sequence[Declaration]
) -> Samples:
    """Read a source and map it to a network's inputs and targets.

    Args:
        source: The declaration in the spec.
        folder: What a relative path is relative to: the spec's folder.
        inputs: Every input of the network.
        targets: Every target; empty where only predictions are wanted.

    Raises:
        DataError: What is wrong with the data (GN3xx), with file, row and column.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    return _assemble(read_source(source, folder), source, inputs, targets)


def samples_from_arrays(
    arrays: Mapping[str, ArrayLike], inputs: Sequence[Declaration], targets: Sequence[Declaration]
) -> Samples:
    """Check arrays given in Python as strictly as those from files.

    Args:
        arrays: Values (samples, ...) by input and target name.
        inputs: Every input of the network.
        targets: Every target; empty where only predictions are wanted.

    Raises:
        DataError: What is wrong with the arrays (GN3xx).

    Example:
        >>> point = Declaration("point", (2,), "float32")
        >>> samples_from_arrays({"point": [[1, 2], [3, 4]]}, [point], []).inputs["point"]
        array([[1., 2.],
               [3., 4.]], dtype=float32)
    """
    values = {name: np.asarray(array) for name, array in arrays.items()}
    by_name = Source(
        inputs={declared.name: declared.name for declared in inputs},
        targets={declared.name: declared.name for declared in targets},
    )
    return _assemble(SampleTable("<arrays>", values, word="array"), by_name, inputs, targets)


def _assemble(
    table: SampleTable,
    source: Source,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
) -> Samples:
    chosen = match_columns(table, source, inputs, targets)
    count = _common_length(table, [column for columns in chosen.values() for column in columns])
    return Samples(
        {declared.name: _build(table, chosen[declared.name], declared) for declared in inputs},
        {declared.name: _build(table, chosen[declared.name], declared) for declared in targets},
        count,
        chosen,
    )


def _common_length(table: SampleTable, columns: Sequence[str]) -> int:
    """Return how many samples there are; every column must agree."""
    lengths: dict[str, int] = {}
    for column in columns:
        shape = table.array(column).shape
        if not shape or not shape[0]:
            raise table.error("GN303", f"{table.word} {column!r} of {table.source!r} has no rows")
        lengths[column] = shape[0]
    first, *others = lengths
    for other in others:
        if lengths[other] != lengths[first]:
            raise table.error(
                "GN320",
                f"{first!r} has {lengths[first]} rows, {other!r} has {lengths[other]}",
                help="every sample needs a row in each of them",
            )
    return lengths[first]


def _build(table: SampleTable, columns: tuple[str, ...], declared: Declaration) -> Array:
    """Return one input or target: (samples, *shape), C-contiguous, in the declared element type."""
    if len(columns) == 1:
        _check_shape(table, columns[0], table.array(columns[0]).shape[1:], declared)
        values = cast(table, columns[0], declared)
        return np.ascontiguousarray(values).reshape(len(values), *declared.shape)
    for column in columns:
        _check_shape(table, column, table.array(column).shape[1:], None)
    if len(columns) != declared.size:
        raise _misfit(table, f"{len(columns)} {table.word}s", declared)
    parts = [cast(table, column, declared).reshape(-1) for column in columns]
    return np.stack(parts, axis=1).reshape(len(parts[0]), *declared.shape)


def _check_shape(
    table: SampleTable, column: str, shape: tuple[int, ...], declared: Declaration | None
) -> None:
    """Refuse a column whose samples have another shape; dimensions of 1 may be written or not."""
    wanted = declared.shape if declared else ()
    if [size for size in shape if size != 1] == [size for size in wanted if size != 1]:
        return
    found = f"{table.word} {column!r} with samples of shape {shape_text(shape)}"
    if declared is None:
        raise table.error(
            "GN319", f"{found} cannot be one of several", help="name this array alone"
        )
    raise _misfit(table, found, declared)


def _misfit(table: SampleTable, found: str, declared: Declaration) -> DataError:
    return table.error(
        "GN319",
        f"{declared.name!r} takes samples of shape {shape_text(declared.shape)}",
        help=f"give it a list of {declared.size} {table.word}s"
        if declared.size > 1 and table.word == "column" and not found[0].isdigit()
        else "",
        notes=[f"found {found}"],
    )
