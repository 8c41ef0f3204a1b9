"""Samples: the arrays a network is fed, checked and in the declared types."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnet.data.casting import cast
from graphnet.data.declaration import Declaration
from graphnet.data.feeding import Feeding
from graphnet.data.mapped_array import MappedArray
from graphnet.data.matching import match_columns, other_shape
from graphnet.data.prepared import Prepared, rows_in_chunk
from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.sources import read_source
from graphnet.errors import DataError
from graphnet.ir import shape_text
from graphnet.recipe import SAMPLE_WEIGHT, Chosen, Source


@dataclass(frozen=True, eq=False)
class Samples:
    """A set of samples.

    Attributes:
        inputs: Array by input name; (count, *shape) in the declared element type, finite. For mapped
            files it is a `MappedArray`, which answers alike.
        targets: Array by target name; likewise.
        count: Number of samples, at least 1.
        columns: Columns or arrays each input and target was read from, so that other files are read alike.
        classes: Names of the classes by target, where the data names them.
        feeding: How they are drawn and changed while training.
    """

    inputs: Mapping[str, Any]
    targets: Mapping[str, Any]
    count: int
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    feeding: Feeding = field(default_factory=Feeding)

    def sha256(self) -> str:
        """Return a digest of names, types, shapes and values; the same on every machine."""
        digest = hashlib.sha256()
        for role, arrays in (("input", self.inputs), ("target", self.targets)):
            for name in sorted(arrays):
                values = arrays[name]
                digest.update(f"{role} {name!r} {values.dtype.name} {values.shape}\n".encode())
                for piece in _pieces(values):
                    little = piece.astype(piece.dtype.newbyteorder("<"), copy=False)
                    digest.update(np.ascontiguousarray(little).data)
        return digest.hexdigest()

    def take(self, rows: NDArray[np.int64]) -> Samples:
        """Return a copy of some samples; those of mapped files stay there.

        Args:
            rows: Which, in the wanted order; int64 (n,).
        """
        parts = [
            {
                name: values.take(rows) if isinstance(values, MappedArray) else values[rows]
                for name, values in arrays.items()
            }
            for arrays in (self.inputs, self.targets)
        ]
        return replace(self, inputs=parts[0], targets=parts[1], count=len(rows))


def _pieces(values: Any) -> Iterator[Array]:
    if not isinstance(values, MappedArray):
        yield values
        return
    size = rows_in_chunk(values.shape)
    for start in range(0, len(values), size):
        yield values[slice(start, min(start + size, len(values)))]


def load_samples(
    source: Source,
    folder: Path,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
    prepared: Prepared | None = None,
) -> Samples:
    """Read a source and map it to a network's inputs and targets.

    Args:
        source: The declaration in the spec.
        folder: What a relative path is relative to: the spec's folder.
        inputs: Every input of the network.
        targets: Every target; empty where only predictions are wanted.
        prepared: Transforms as the training set taught them.

    Raises:
        DataError: What is wrong with the data (GN3xx), with file, row and column.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    table = read_source(source, folder)
    chosen = match_columns(table, source, inputs, targets)
    return assemble(table, chosen, prepared or Prepared(), inputs, targets)


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
    table = SampleTable("<arrays>", values, word="array")
    chosen = match_columns(table, by_name, inputs, targets)
    return assemble(table, chosen, Prepared(), inputs, targets)


def assemble(
    table: SampleTable,
    chosen: Chosen,
    prepared: Prepared,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
) -> Samples:
    """Return the samples of a table, checked and cast; of a mapped one, checked and left there.

    Args:
        table: What the source holds.
        chosen: The columns of every declaration; none for a sample weight that is 1 everywhere.
        prepared: Fitted transforms.
        inputs: Every input of the network.
        targets: Every target that is wanted.
    """
    every = [column for columns in chosen.values() for column in columns]
    worked = prepared.apply(table, every) if table.guard is None else table
    count = _common_length(worked, every)
    classes = {t.name: prepared.classes(chosen.get(t.name, ())) for t in targets}
    array: Callable[[Declaration], Any] = partial(_build, worked, chosen, count=count)
    if table.guard is not None:
        array = _Mapped(table, chosen, prepared, count).array
    arrays = [{declared.name: array(declared) for declared in group} for group in (inputs, targets)]
    named = {name: names for name, names in classes.items() if names}
    return Samples(arrays[0], arrays[1], count, chosen, named)


@dataclass(frozen=True)
class _Mapped:
    """Builds samples of a mapped table when they are asked for."""

    table: SampleTable
    chosen: Chosen
    prepared: Prepared
    count: int

    def array(self, declared: Declaration) -> MappedArray:
        """Return an input or target, once all of it has been looked at in pieces."""
        columns = self.chosen.get(declared.name, ())

        def build(rows: slice | NDArray[np.int64]) -> Array:
            part = self.prepared.apply(self.table.part(rows, columns), columns)
            size = len(range(*rows.indices(self.count))) if isinstance(rows, slice) else len(rows)
            return _build(part, self.chosen, declared, size)

        size = min(
            (rows_in_chunk(self.table.array(name).shape) for name in columns), default=self.count
        )
        for start in range(0, self.count, size):
            build(slice(start, min(start + size, self.count)))
        return MappedArray(declared, self.count, build)


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


def _build(table: SampleTable, chosen: Chosen, declared: Declaration, count: int) -> Array:
    """Return one input or target: (samples, *shape), C-contiguous, in the declared element type."""
    columns = chosen.get(declared.name, ())
    if not columns and declared.name == SAMPLE_WEIGHT:
        return np.ones((count, *declared.shape), declared.dtype)
    if len(columns) == 1:
        _check_shape(table, columns[0], table.array(columns[0]).shape[1:], declared)
        values = cast(table, columns[0], declared)
        return np.ascontiguousarray(values).reshape(len(values), *declared.shape)
    for column in columns:
        # What a transform has spread over several numbers has no cells of its own any more.
        spread = column in table.spread
        _check_shape(table, column, () if spread else table.array(column).shape[1:], None)
    found = sum(table.array(column)[:1].size for column in columns)
    if found != declared.size:
        raise _other_count(table, columns, found, declared)
    parts = [cast(table, column, declared).reshape(count, -1) for column in columns]
    return np.concatenate(parts, axis=1).reshape(count, *declared.shape)


def _check_shape(
    table: SampleTable, column: str, shape: tuple[int, ...], declared: Declaration | None
) -> None:
    """Refuse a column whose samples have another shape; dimensions of 1 may be written or not."""
    wanted = declared.shape if declared else ()
    if [size for size in shape if size != 1] == [size for size in wanted if size != 1]:
        return
    if declared is not None:
        raise other_shape(table, column, declared)
    raise table.error(
        "GN319",
        f"{table.word} {column!r} with samples of shape {shape_text(shape)} cannot be one of several",
        help="name this array alone",
    )


def _other_count(
    table: SampleTable, columns: Sequence[str], found: int, declared: Declaration
) -> DataError:
    """Return the error for several columns that together have another number of values."""
    spread = [column for column in columns if column in table.spread]
    wide = "" if found == len(columns) else f", {found} numbers"
    parts = ", ".join(f"{column} {table.array(column)[:1].size}" for column in spread)
    return table.error(
        "GN319",
        f"{declared.name!r} takes samples of shape {shape_text(declared.shape)}",
        help=f"declare it as {{shape: [{found}]}}, or change the list of {table.word}s",
        notes=[
            f"found {len(columns)} {table.word}s{wide}",
            f"transforms make of one {table.word} each: {parts}" if spread else "",
        ],
    )
