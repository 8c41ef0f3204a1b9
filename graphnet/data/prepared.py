"""Prepared: the transforms of a data section with what they have learned, ready for any rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.applying import Cells, apply
from graphnet.data.declaration import Declaration
from graphnet.data.fitting import State, category_names, checked_state, fit
from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.words import are_words, numbers, numeric, only_words, raw_values
from graphnet.errors import ArtifactError, DataError, listed, nearest
from graphnet.recipe import Chosen
from graphnet.recipe.transforms import TRANSFORMS, Bucket, Impute, OneHot, Ordinal, Transform

CHUNK_NUMBERS = 1 << 20
"""About how many numbers of a mapped file are looked at at once; each takes 8 bytes on its way."""


@dataclass(frozen=True)
class Step:
    """One transform with what it has learned, by column."""

    transform: Transform
    states: Mapping[str, State]


@dataclass(frozen=True)
class Prepared:
    """All transforms of a data section, fitted."""

    steps: tuple[Step, ...] = ()

    def apply(self, table: SampleTable, names: Iterable[str]) -> SampleTable:
        """Return a table with the columns transformed.

        Args:
            table: Any rows, read as the training set was.
            names: The columns that are wanted.
        """
        done = {
            name: self._column(table, name)
            for name in dict.fromkeys(names)
            if any(name in step.states for step in self.steps)
        }
        if not done:
            return table
        refused = {name: error for name, error in table.refused.items() if name not in done}
        spread = frozenset(name for name in done if self._spreads(name))
        arrays = {**table.arrays, **done}
        return replace(table, arrays=arrays, refused=refused, texts={}, spread=spread)

    def _column(self, table: SampleTable, name: str) -> Array:
        values = raw_values(table, name)
        for step in self.steps:
            if name in step.states:
                values = apply(step.transform, Cells(table, name, values), step.states[name])
        return numbers(table, name, values) if are_words(values) else values

    def _spreads(self, name: str) -> bool:
        """Tell whether a transform makes several numbers of each of a column's values."""
        return any(
            isinstance(step.transform, OneHot)
            or (isinstance(step.transform, Bucket) and step.transform.one_hot)
            for step in self.steps
            if name in step.states
        )

    def classes(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the classes of a target, or nothing where it has none.

        Args:
            columns: What the target is read from.
        """
        if len(columns) != 1:
            return ()
        for step in self.steps:
            if isinstance(step.transform, (OneHot, Ordinal)) and columns[0] in step.states:
                return category_names(step.states[columns[0]])
        return ()

    def plain(self) -> list[dict[str, Any]]:
        """Return everything as plain data, for a checkpoint."""
        return [
            {
                "transform": {"type": step.transform.name(), **step.transform.plain()},
                "columns": {name: dict(state) for name, state in step.states.items()},
            }
            for step in self.steps
        ]

    @classmethod
    def from_plain(cls, plain: Any) -> Prepared:
        """Build it from plain data.

        Raises:
            ArtifactError: When the data is not what `plain` returns (GN460).
        """
        try:
            return cls(tuple(_step(entry) for entry in plain or []))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise ArtifactError(
                "GN460",
                "the checkpoint's transforms cannot be read",
                help="use an older one of the run",
                notes=[str(error)],
            ) from error


def _step(entry: Any) -> Step:
    given = dict(entry["transform"])
    transform = TRANSFORMS[given.pop("type")].from_plain(given)
    states = {
        str(name): checked_state(transform, state) for name, state in entry["columns"].items()
    }
    return Step(transform, states)


def prepare(
    transforms: Sequence[Transform],
    table: SampleTable,
    chosen: Chosen,
    declarations: Mapping[str, Sequence[Declaration]],
    rows: NDArray[np.int64] | None,
) -> Prepared:
    """Fit transforms on some rows of a table.

    Columns of words that feed a target of single numbers become class indices by themselves.

    Args:
        transforms: The declarations, in order.
        table: The training set.
        chosen: Which columns feed what.
        declarations: Under `inputs` and `targets`, what the network declares.
        rows: The training part; None for all rows.

    Raises:
        DataError: GN335 where a transform names what is not there; what `fit` and `apply` raise.
    """
    fitting = _Fitting(table, chosen, declarations, rows)
    for transform in (*transforms, *fitting.label_transforms(transforms)):
        fitting.add(transform)
    return fitting.prepared


class _Fitting:
    """Fits one transform after the other, each on what the ones before have made."""

    def __init__(
        self,
        table: SampleTable,
        chosen: Chosen,
        declarations: Mapping[str, Sequence[Declaration]],
        rows: NDArray[np.int64] | None,
    ) -> None:
        self._table, self._chosen, self._rows = table, chosen, rows
        self._declarations = declarations
        self.prepared = Prepared()

    def add(self, transform: Transform) -> None:
        """Fit a transform on every column it is meant for."""
        states = {
            name: fit(transform, name, lambda name=name: self._chunks(transform, name))  # type: ignore[misc]
            for name in self._columns(transform)
        }
        self.prepared = Prepared((*self.prepared.steps, Step(transform, states)))

    def label_transforms(self, given: Sequence[Transform]) -> Iterator[Transform]:
        """Give an `ordinal` for each target that is read from words and holds one class.

        Whole numbers are classes; other numbers are where there are two words, for yes and no.
        """
        named = {name for transform in given for name in self._named(transform)}
        for target in self._declarations["targets"]:
            columns = self._chosen.get(target.name, ())
            if target.size != 1 or len(columns) != 1 or columns[0] in named:
                continue
            if columns[0] not in self._table.texts:
                continue
            words = raw_values(self._table, columns[0])
            if only_words(words) and (target.dtype == "int64" or len(set(words.tolist())) == 2):
                yield Ordinal(columns=(columns[0],))

    def _chunks(self, transform: Transform, name: str) -> Iterator[Array]:
        if name in self._table.texts:
            # The whole column goes through, so that messages name the line of the file.
            values = self._values(transform, self._table, name)
            yield values if self._rows is None else values[self._rows]
            return
        for part in self._parts(name):
            yield self._values(transform, part, name)

    def _values(self, transform: Transform, part: SampleTable, name: str) -> Array:
        """Return what the steps so far make of a column, as numbers where the next step wants them."""
        values = raw_values(part, name)
        for step in self.prepared.steps:
            if name in step.states:
                values = apply(step.transform, Cells(part, name, values), step.states[name])
        if transform.takes_text or isinstance(transform, Impute):
            return values
        return numbers(part, name, values)

    def _parts(self, name: str) -> Iterator[SampleTable]:
        """Give the training part in pieces of a bounded size."""
        table, rows = self._table, self._rows
        count = len(table.array(name))
        every = np.arange(count) if rows is None else rows
        size = count if table.guard is None else rows_in_chunk(table.array(name).shape)
        for start in range(0, len(every), size):
            yield table.part(every[start : start + size], [name])

    def _columns(self, transform: Transform) -> list[str]:
        named = self._named(transform)
        if named or any((transform.columns, transform.inputs, transform.targets)):
            return named
        found: list[str] = []
        for declared in self._declarations["inputs"]:
            for name in self._chosen.get(declared.name, ()):
                if name not in found and self._is_meant(transform, name, declared):
                    found.append(name)
        return found

    def _is_meant(self, transform: Transform, name: str, declared: Declaration) -> bool:
        """Tell whether a transform that names no columns is meant for one of an input."""
        if isinstance(transform, Impute):
            return True
        words = name in self._table.texts and not numeric(raw_values(self._table, name))
        counted = any(
            isinstance(step.transform, (OneHot, Ordinal, Bucket)) and name in step.states
            for step in self.prepared.steps
        )
        if transform.takes_text:
            return words and not counted
        filled = any(name in step.states for step in self.prepared.steps)
        return declared.dtype != "int64" and not counted and (filled or not words)

    def _named(self, transform: Transform) -> list[str]:
        """Return the columns that a transform names, in the order of the data."""
        used = list(dict.fromkeys(name for columns in self._chosen.values() for name in columns))
        found: list[str] = []
        for pattern in _listed(transform.columns):
            matches = [name for name in used if fnmatchcase(name, pattern)]
            if not matches:
                raise self._unknown(transform, self._table.word, pattern, used)
            found += matches
        for key in ("inputs", "targets"):
            for name in _listed(getattr(transform, key)):
                known = [declared.name for declared in self._declarations[key]]
                if name not in known:
                    raise self._unknown(transform, key[:-1], name, known)
                found += self._chosen.get(name, ())
        return [name for name in used if name in found]

    def _unknown(
        self, transform: Transform, what: str, name: str, known: Sequence[str]
    ) -> DataError:
        return self._table.error(
            "GN335",
            f"{transform.name()} names a {what} {name!r} that nothing is read from",
            help=nearest(name, known),
            notes=[f"{what}s in use: {listed(known)}"],
        )


def _listed(names: Any) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def rows_in_chunk(shape: tuple[int, ...]) -> int:
    """Return how many rows of an array are looked at at once."""
    return max(CHUNK_NUMBERS // max(math.prod(shape[1:]), 1), 1)
