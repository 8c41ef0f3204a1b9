"""Formulas of sums of windows, patches, padding and resampling, element by element; see `formulas`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from formulas_windows import counted, moved, touching
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = Sequence[int]


def window_sum(
    x: Array, after: Sizes, axes: Sizes, before: Sizes, kernel: Sizes, stride: Sizes
) -> Array:
    front, rank = moved(x, axes), len(axes)
    ones = (1,) * rank
    counts = counted(front.shape[:rank], kernel, stride, before, after, ones)
    out = np.zeros((*counts, *front.shape[rank:]), x.dtype)
    more = {"stride": stride, "before": before, "dilation": ones}
    for p, _, at in touching(front.shape[:rank], counts, kernel, **more):
        out[p] += front[at]
    return np.moveaxis(out, tuple(range(rank)), tuple(axes))


def window_spread(
    g: Array,
    after: Sizes,
    axes: Sizes,
    before: Sizes,
    kernel: Sizes,
    spatial: Sizes,
    stride: Sizes,
) -> Array:
    front, rank = moved(g, axes), len(axes)
    out = np.zeros((*spatial, *front.shape[rank:]), g.dtype)
    more = {"stride": stride, "before": before, "dilation": (1,) * rank}
    for p, _, at in touching(spatial, front.shape[:rank], kernel, **more):
        out[at] += front[p]
    return np.moveaxis(out, tuple(range(rank)), tuple(axes))


def unfold(
    x: Array, after: Sizes, before: Sizes, dilation: Sizes, kernel: Sizes, stride: Sizes
) -> Array:
    lead = x.shape[: x.ndim - len(kernel)]
    spatial = x.shape[len(lead) :]
    counts = counted(spatial, kernel, stride, before, after, dilation)
    out = np.zeros((*lead, *kernel, *counts), x.dtype)
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in touching(spatial, counts, kernel, **more):
        out[(..., *t, *p)] = x[(..., *at)]
    return out


def fold(
    g: Array,
    after: Sizes,
    before: Sizes,
    dilation: Sizes,
    kernel: Sizes,
    spatial: Sizes,
    stride: Sizes,
) -> Array:
    rank = len(kernel)
    out = np.zeros((*g.shape[: g.ndim - 2 * rank], *spatial), g.dtype)
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in touching(spatial, g.shape[g.ndim - rank :], kernel, **more):
        out[(..., *at)] += g[(..., *t, *p)]
    return out


def unpool(x: Array, index: Array, size: int) -> Array:
    out = np.zeros((*x.shape[:-1], size), x.dtype)
    for place in np.ndindex(*x.shape):
        out[(*place[:-1], index[place])] = x[place]
    return out


def unpool_gradient(g: Array, index: Array) -> Array:
    out = np.empty(index.shape, g.dtype)
    for place in np.ndindex(*index.shape):
        out[place] = g[(*place[:-1], index[place])]
    return out


def take(x: Array, axis: int, places: Sizes) -> Array:
    return np.stack([x.take(place, axis) for place in places], axis)


def untake(g: Array, axis: int, places: Sizes, size: int) -> Array:
    pieces = [np.zeros_like(g.take(0, axis)) for _ in range(size)]
    for number, place in enumerate(places):
        pieces[place] = pieces[place] + g.take(number, axis)
    return np.stack(pieces, axis)


def pad(x: Array, after: Sizes, before: Sizes, value: float) -> Array:
    rows = zip(before, x.shape, after, strict=True)
    out = np.full([b + size + a for b, size, a in rows], value, x.dtype)
    for place in np.ndindex(*x.shape):
        out[tuple(i + b for i, b in zip(place, before, strict=True))] = x[place]
    return out


def axis_product(x: Array, matrix: Array, axis: int, transpose: bool) -> Array:
    rows = np.einsum("ij->ji", matrix) if transpose else matrix
    pieces = [x.take(k, axis) for k in range(x.shape[axis])]
    sums = [sum(weight * piece for weight, piece in zip(row, pieces, strict=True)) for row in rows]
    return np.stack(sums, axis)


def averaging_matrix(count: int, dtype: str, size: int) -> Array:
    out = np.zeros((count, size))
    for i in range(count):
        start, end = math.floor(i * size / count), math.ceil((i + 1) * size / count)
        for k in range(start, end):
            out[i, k] = 1 / (end - start)
    return out.astype(dtype)


def cubic(d: float) -> float:
    """Return the weight of an element at a distance."""
    if d <= 1:
        return 5 / 4 * d**3 - 9 / 4 * d**2 + 1
    return -3 / 4 * d**3 + 15 / 4 * d**2 - 6 * d + 3


def interpolation_matrix(
    align_corners: bool, count: int, dtype: str, mode: str, size: int, step: float
) -> Array:
    out = np.zeros((count, size))
    for i in range(count):
        s = i * step if align_corners else (i + 0.5) * step - 0.5
        if mode == "linear":
            s = max(s, 0.0)
        k = math.floor(s)
        f = s - k
        if mode == "linear":
            weights = {k: 1 - f, k + 1: f}
        else:
            weights = {k - 1: cubic(1 + f), k: cubic(f), k + 1: cubic(1 - f), k + 2: cubic(2 - f)}
        for column, weight in weights.items():
            out[i, min(max(column, 0), size - 1)] += weight
    return out.astype(dtype)
