"""Fitting: what each transform learns from the training part.

A state is plain data (numbers, texts, lists), so that it can stand in a checkpoint. Columns come in
chunks, because mapped files may be larger than memory; what needs the order of all values gathers them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.words import are_words, missing, named, numeric
from graphnet.errors import DataError
from graphnet.recipe.transforms import (
    Bucket,
    Impute,
    MinMax,
    OneHot,
    Ordinal,
    Robust,
    Standardize,
    Transform,
)

Array = NDArray[Any]
Chunks = Callable[[], Iterator[Array]]
State = dict[str, Any]

GATHERED_LIMIT = 1 << 30
"""Most bytes of a column that a transform may gather."""
STATE_LIMIT = 100_000
"""Most numbers that a transform may learn of a column."""


def fit(transform: Transform, name: str, chunks: Chunks) -> State:
    """Return what a transform learns of one column.

    Args:
        transform: The declaration.
        name: The column, for messages.
        chunks: Gives the training part in pieces, as often as asked.

    Raises:
        DataError: GN331 where nothing can be learned, GN332 where it would be too much.
    """
    learn = _FITTERS.get(type(transform))
    state = {} if learn is None else learn(transform, name, chunks)
    size = sum(len(value) for value in state.values() if isinstance(value, list))
    if size > STATE_LIMIT:
        raise DataError(
            "GN332",
            f"{transform.name()} would learn {size:,} numbers of {name!r}, limit {STATE_LIMIT:,}",
            help="write per: array, or leave the column out",
        )
    return state


def _gathered(transform: Transform, name: str, chunks: Chunks) -> Array:
    pieces: list[Array] = []
    size = 0
    for chunk in chunks():
        size += chunk.nbytes
        if size > GATHERED_LIMIT:
            raise DataError(
                "GN332",
                f"{transform.name()} needs all values of {name!r} at once, more than "
                f"{GATHERED_LIMIT >> 20} MiB",
                help="use standardize, min_max, scale, log or clip for files larger than memory",
            )
        pieces.append(chunk)
    return np.concatenate(pieces)


def _rows(transform: Standardize | MinMax | Robust, chunk: Array) -> Array:
    """Return a chunk as (values, features): one feature where the whole array is one."""
    return chunk.reshape(len(chunk), -1) if transform.per == "feature" else chunk.reshape(-1, 1)


def _standardize(transform: Standardize, name: str, chunks: Chunks) -> State:
    count, mean, spread = 0, np.zeros(1), np.zeros(1)
    for chunk in chunks():
        # NaN is not counted, as in scikit-learn; it stays until something imputes it.
        rows = _rows(transform, chunk)
        known = ~np.isnan(rows)
        size = known.sum(axis=0)
        middle = np.where(known, rows, 0.0).sum(axis=0) / np.maximum(size, 1)
        within = np.square(np.where(known, rows - middle, 0.0)).sum(axis=0)
        total, shift = count + size, middle - mean
        share = size / np.maximum(total, 1)
        spread = spread + within + np.square(shift) * count * share
        mean = mean + shift * share
        count = total
    variance = spread / np.maximum(count, 1)
    # A variance within the rounding of a large mean is a constant's.
    least = np.finfo(np.float64).eps
    constant = variance <= count * least * variance + np.square(count * mean * least)
    scale = np.where(constant, 1.0, np.sqrt(variance))
    return {"mean": mean.tolist(), "scale": scale.tolist()}


def _min_max(transform: MinMax, name: str, chunks: Chunks) -> State:
    low, high = np.array([np.inf]), np.array([-np.inf])
    for chunk in chunks():
        rows = _rows(transform, chunk)
        low = np.fmin(low, np.fmin.reduce(rows, axis=0))
        high = np.fmax(high, np.fmax.reduce(rows, axis=0))
    return {"low": low.tolist(), "high": high.tolist()}


def _robust(transform: Robust, name: str, chunks: Chunks) -> State:
    rows = _rows(transform, _gathered(transform, name, chunks))
    low, middle, high = np.nanpercentile(rows, (transform.lower, 50.0, transform.upper), axis=0)
    width = high - low
    return {"center": middle.tolist(), "scale": np.where(width == 0, 1.0, width).tolist()}


def _categories(transform: OneHot | Ordinal, name: str, chunks: Chunks) -> State:
    if transform.categories is not None:
        return {"categories": list(transform.categories)}
    values = _gathered(transform, name, chunks)
    gaps = missing(values)
    if gaps.any():
        raise DataError(
            "GN331",
            f"{int(gaps.sum())} values of {name!r} are missing, which are no category",
            help="put {type: impute, strategy: most_frequent} before it",
        )
    found = sorted(set(values.tolist())) if are_words(values) else np.unique(values).tolist()
    return {"categories": found}


def _impute(transform: Impute, name: str, chunks: Chunks) -> State:
    if transform.strategy == "constant" and transform.value is not None:
        return {"fill": transform.value}
    values = _gathered(transform, name, chunks)
    words = are_words(values) and not numeric(values)
    if transform.strategy == "constant":
        return {"fill": "missing" if words else 0.0}
    if words and transform.strategy != "most_frequent":
        raise DataError(
            "GN331",
            f"{name!r} holds words, which have no {transform.strategy}",
            help="write strategy: most_frequent, or constant with a value",
        )
    known = values[~missing(values)]
    if not len(known):
        raise DataError("GN331", f"all values of {name!r} are missing", help="leave it out")
    if words:
        found, counts = np.unique(known.astype(str), return_counts=True)
        return {"fill": str(found[counts.argmax()])}
    plain = known.astype(np.float64)
    if transform.strategy == "most_frequent":
        each, counts = np.unique(plain, return_counts=True)
        return {"fill": float(each[counts.argmax()])}
    middle = np.mean(plain) if transform.strategy == "mean" else np.median(plain)
    return {"fill": float(middle)}


def _bucket(transform: Bucket, name: str, chunks: Chunks) -> State:
    if transform.edges is not None:
        return {"edges": list(transform.edges)}
    values = _gathered(transform, name, chunks).reshape(-1)
    values = values[~np.isnan(values)]
    if not len(values):
        raise DataError("GN331", f"all values of {name!r} are missing", help="leave it out")
    if transform.strategy == "uniform":
        edges = np.linspace(values.min(), values.max(), transform.bins + 1)
    else:
        edges = np.percentile(values, np.linspace(0.0, 100.0, transform.bins + 1))
    # Bins as narrow as a rounding error would be empty; scikit-learn removes them alike.
    kept = np.ediff1d(edges, to_begin=np.inf) > 1e-8
    return {"edges": edges[kept][1:-1].tolist()}


_FITTERS: dict[type[Transform], Callable[[Any, str, Chunks], State]] = {
    Standardize: _standardize,
    MinMax: _min_max,
    Robust: _robust,
    OneHot: _categories,
    Ordinal: _categories,
    Impute: _impute,
    Bucket: _bucket,
}


STATE_KEYS = {
    Standardize: {"mean", "scale"},
    MinMax: {"low", "high"},
    Robust: {"center", "scale"},
    OneHot: {"categories"},
    Ordinal: {"categories"},
    Impute: {"fill"},
    Bucket: {"edges"},
}
"""What each transform's state holds; the others learn nothing."""


def checked_state(transform: Transform, state: Any) -> State:
    """Return a state that was read, if it is one.

    Raises:
        ValueError: When it is not what `fit` returns.
    """
    if not isinstance(state, dict) or set(state) != STATE_KEYS.get(type(transform), set()):
        raise ValueError(f"{transform.name()} has learned something else")
    words = isinstance(transform, (OneHot, Ordinal, Impute))
    for key, value in state.items():
        items = [value] if key == "fill" else value
        if not isinstance(items, list) or not all(_is_plain(item, words) for item in items):
            raise ValueError(f"{key!r} of {transform.name()} is not what it learns")
    sizes = {len(value) for value in state.values() if isinstance(value, list)}
    if len(sizes) > 1:
        raise ValueError(f"{transform.name()} has learned lists of different lengths")
    return state


def _is_plain(item: Any, words: bool) -> bool:
    number = isinstance(item, (int, float)) and not isinstance(item, bool) and math.isfinite(item)
    return number or (words and isinstance(item, str))


def category_names(state: State) -> tuple[str, ...]:
    """Return the names of the categories of a state, or nothing where it has none."""
    return tuple(named(value) for value in state.get("categories", ()))
