"""Applying: what each transform makes of values, given what it has learned. Row by row, any rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.fitting import State
from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.words import are_words, missing, named, numbers
from graphnet.errors import listed, nearest
from graphnet.recipe.transforms import (
    Bucket,
    Clip,
    Impute,
    Log,
    MinMax,
    OneHot,
    Ordinal,
    Robust,
    Scale,
    Standardize,
    Transform,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Values of a column, and where they stand.

    Attributes:
        table: Where they were read.
        name: The column.
        values: Numbers (rows, ...) or words (rows,).
    """

    table: SampleTable
    name: str
    values: Array

    def numbers(self, *, gaps: bool = False) -> Floats:
        """Return the values as float64; words that are none are refused."""
        return numbers(self.table, self.name, self.values, gaps=gaps)


def apply(transform: Transform, cells: Cells, state: State) -> Array:
    """Return what a transform makes of values.

    Args:
        transform: The declaration.
        cells: Rows of a column.
        state: What was learned of this column.

    Returns:
        Numbers in float64, or words where only missing ones were filled.

    Raises:
        DataError: GN309 and GN313 where numbers are wanted, GN330 an unknown category, GN333 a value
            that has no logarithm.
    """
    # What overflows is found, with its place, when values are cast to the network's type.
    with np.errstate(all="ignore"):
        return _APPLIERS[type(transform)](transform, cells, state)


def _shifted(cells: Cells, per: str, center: Floats | float, scale: Floats | float) -> Floats:
    """Return (values - center) / scale, both of one feature or of each.

    Raises:
        DataError: GN319 where samples have another number of features than those learned from.
    """
    values = cells.numbers()
    rows = values.reshape(len(values), -1) if per == "feature" else values.reshape(-1, 1)
    learned = np.size(center if np.size(center) > 1 else scale)
    if learned > 1 and rows.shape[1] != learned:
        raise cells.table.error(
            "GN319",
            f"{cells.table.word} {cells.name!r} has {rows.shape[1]} numbers a sample, "
            f"the training set had {learned}",
            help="its samples must have the shape of those trained on",
        )
    result: Floats = ((rows - center) / scale).reshape(values.shape)
    return result


def _standardize(transform: Standardize, cells: Cells, state: State) -> Floats:
    center = np.array(state["mean"]) if transform.with_mean else 0.0
    scale = np.array(state["scale"]) if transform.with_std else 1.0
    return _shifted(cells, transform.per, center, scale)


def _min_max(transform: MinMax, cells: Cells, state: State) -> Floats:
    low, width = np.array(state["low"]), np.subtract(state["high"], state["low"])
    width = np.where(width < 10 * np.finfo(np.float64).eps, 1.0, width)
    shares = _shifted(cells, transform.per, low, width)
    result = shares * (transform.high - transform.low) + transform.low
    return np.clip(result, transform.low, transform.high) if transform.clip else result


def _robust(transform: Robust, cells: Cells, state: State) -> Floats:
    center = np.array(state["center"]) if transform.with_centering else 0.0
    scale = np.array(state["scale"]) if transform.with_scaling else 1.0
    return _shifted(cells, transform.per, center, scale)


def _places(cells: Cells, categories: list[Any], *, refuse: bool) -> NDArray[np.int64]:
    """Return the place of each value among the categories, -1 for unknown ones."""
    values = cells.values
    if are_words(values):
        index = {named(category): place for place, category in enumerate(categories)}
        found = np.array([index.get(word, -1) for word in values.tolist()], np.int64)
    else:
        known = {float(c): place for place, c in enumerate(categories) if not isinstance(c, str)}
        flat = values.reshape(-1).astype(np.float64).tolist()
        found = np.array([known.get(value, -1) for value in flat], np.int64)
        found = found.reshape(values.shape)
    if refuse and (found < 0).any():
        row = int(np.argwhere(found < 0)[0][0])
        shown = named(values.reshape(len(values), -1)[row][0])
        names = [named(category) for category in categories]
        said = repr(shown[:40]) if shown else "an empty cell"
        raise cells.table.error(
            "GN330",
            f"{said} in {cells.table.cell(cells.name, row)} is no known category",
            name=cells.name,
            row=row,
            help=nearest(shown, names) or "write one of the categories, or leave the row out",
            notes=[f"categories: {listed(names, 12)}"],
        )
    return found


def _one_hot(transform: OneHot, cells: Cells, state: State) -> Floats:
    places = _places(cells, state["categories"], refuse=transform.unknown == "error")
    return _spread(places, len(state["categories"]))


def _spread(places: NDArray[np.int64], count: int) -> Floats:
    result: Floats = (places[..., None] == np.arange(count)).astype(np.float64)
    return result


def _ordinal(transform: Ordinal, cells: Cells, state: State) -> Floats:
    return _places(cells, state["categories"], refuse=True).astype(np.float64)


def _impute(transform: Impute, cells: Cells, state: State) -> Array:
    fill = state["fill"]
    if isinstance(fill, str):
        values = cells.values
        if not are_words(values):
            if not missing(values).any():
                return values
            values = np.array([named(value) for value in values.tolist()], dtype=object)
        result: Array = values.copy()
        result[missing(values)] = fill
        return result
    numeric = cells.numbers(gaps=True)
    filled: Floats = np.where(np.isnan(numeric), fill, numeric)
    return filled


def _scale(transform: Scale, cells: Cells, state: State) -> Floats:
    result: Floats = cells.numbers() * transform.factor + transform.offset
    return result


def _log(transform: Log, cells: Cells, state: State) -> Floats:
    values = cells.numbers()
    bad = values + transform.offset <= 0
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        shown = named(values[bad][0])
        raise cells.table.error(
            "GN333",
            f"{shown} in {cells.table.cell(cells.name, row)} has no logarithm",
            name=cells.name,
            row=row,
            help="give log an `offset` that makes every value positive; 1 for counts",
        )
    moved = values + transform.offset
    result: Floats = np.log1p(values) if transform.offset == 1 else np.log(moved)
    return result


def _clip(transform: Clip, cells: Cells, state: State) -> Floats:
    low = -np.inf if transform.low is None else transform.low
    high = np.inf if transform.high is None else transform.high
    clipped: Floats = np.clip(cells.numbers(), low, high)
    return clipped


def _bucket(transform: Bucket, cells: Cells, state: State) -> Floats:
    values = cells.numbers()
    places = np.searchsorted(np.array(state["edges"]), values, side="right")
    # What is missing belongs to no bin; it is told when values are cast.
    if transform.one_hot:
        return np.where(
            np.isnan(values)[..., None], np.nan, _spread(places, len(state["edges"]) + 1)
        )
    return np.where(np.isnan(values), np.nan, places)


_APPLIERS: dict[type[Transform], Callable[[Any, Cells, State], Array]] = {
    Standardize: _standardize,
    MinMax: _min_max,
    Robust: _robust,
    OneHot: _one_hot,
    Ordinal: _ordinal,
    Impute: _impute,
    Scale: _scale,
    Log: _log,
    Clip: _clip,
    Bucket: _bucket,
}
