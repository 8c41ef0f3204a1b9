"""Formulas of convolution and pooling, element by element; see `formulas`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = Sequence[int]
Place = tuple[int, ...]


def counted(
    sizes: Sizes, kernel: Sizes, stride: Sizes, before: Sizes, after: Sizes, dilation: Sizes
) -> Place:
    """Return how many windows there are along each axis: as many as end inside the padded elements."""
    found = []
    for size, k, s, b, a, d in zip(sizes, kernel, stride, before, after, dilation, strict=True):
        last = size + a - 1
        found.append(len([p for p in range(size + b + a) if p * s - b + (k - 1) * d <= last]))
    return tuple(found)


def touching(
    sizes: Sizes, counts: Sizes, kernel: Sizes, stride: Sizes, before: Sizes, dilation: Sizes
) -> Iterator[tuple[Place, Place, Place]]:
    """Give every window, tap and element that belong together, the element being inside."""
    for p in np.ndindex(*counts):
        for t in np.ndindex(*kernel):
            rows = zip(p, t, stride, before, dilation, strict=True)
            at = tuple(i * s - b + j * d for i, j, s, b, d in rows)
            if all(0 <= i < size for i, size in zip(at, sizes, strict=True)):
                yield p, t, at


# Convolution: x (channels, axes ..., samples), weight (results, channels of a group, taps ...).


def terms(
    x: Sizes, weight: Sizes, counts: Sizes, groups: int, **windows: Sizes
) -> Iterator[tuple[Any, Any, Any]]:
    """Give the parts of result, weight and operand that a convolution multiplies, for each group and tap."""
    results, channels = weight[0] // groups, weight[1]
    for j in range(groups):
        ours, theirs = (
            slice(j * results, (j + 1) * results),
            slice(j * channels, (j + 1) * channels),
        )
        for p, t, at in touching(x[1:-1], counts, weight[2:], **windows):
            yield (ours, *p), (ours, slice(None), *t), (theirs, *at)


def conv(
    x: Array,
    weight: Array,
    after: Sizes,
    before: Sizes,
    dilation: Sizes,
    groups: int,
    stride: Sizes,
) -> Array:
    kernel = weight.shape[2:]
    counts = counted(x.shape[1:-1], kernel, stride, before, after, dilation)
    out = np.zeros((len(weight), *counts, x.shape[-1]), np.result_type(x, weight))
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in terms(x.shape, weight.shape, counts, groups, **more):
        out[p] += weight[t] @ x[at]
    return out


def conv_input_gradient(
    g: Array,
    weight: Array,
    after: Sizes,
    before: Sizes,
    dilation: Sizes,
    groups: int,
    spatial: Sizes,
    stride: Sizes,
) -> Array:
    shape = (weight.shape[1] * groups, *spatial, g.shape[-1])
    out = np.zeros(shape, np.result_type(g, weight))
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in terms(shape, weight.shape, g.shape[1:-1], groups, **more):
        out[at] += weight[t].T @ g[p]
    return out


def conv_weight_gradient(
    g: Array,
    x: Array,
    after: Sizes,
    before: Sizes,
    dilation: Sizes,
    groups: int,
    kernel: Sizes,
    stride: Sizes,
) -> Array:
    shape = (len(g), len(x) // groups, *kernel)
    out = np.zeros(shape, np.result_type(g, x))
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in terms(x.shape, shape, g.shape[1:-1], groups, **more):
        out[t] += g[p] @ x[at].T
    return out


# Pooling along some axes of an array.


def moved(x: Array, axes: Sizes) -> Array:
    """Return a view with the given axes in front."""
    return np.moveaxis(x, tuple(axes), tuple(range(len(axes))))


def tap_kind(kernel: Sizes) -> str:
    return "uint8" if math.prod(kernel) <= 256 else "int32"


def max_pool(
    x: Array,
    after: Sizes,
    axes: Sizes,
    before: Sizes,
    dilation: Sizes,
    kernel: Sizes,
    stride: Sizes,
) -> tuple[Array, Array]:
    front = moved(x, axes)
    rank = len(axes)
    counts = counted(front.shape[:rank], kernel, stride, before, after, dilation)
    best = np.full((*counts, *front.shape[rank:]), -np.inf, x.dtype)
    tap = np.full(best.shape, -1, np.int64)
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in touching(front.shape[:rank], counts, kernel, **more):
        number = int(np.ravel_multi_index(t, tuple(kernel)))
        better = (front[at].real > best[p].real) | (tap[p] < 0)
        best[p] = np.where(better, front[at], best[p])
        tap[p] = np.where(better, number, tap[p])
    back = tuple(range(rank)), tuple(axes)
    return np.moveaxis(best, *back), np.moveaxis(tap, *back).astype(tap_kind(kernel))


def max_pool_gradient(
    g: Array,
    tap: Array,
    after: Sizes,
    axes: Sizes,
    before: Sizes,
    dilation: Sizes,
    kernel: Sizes,
    spatial: Sizes,
    stride: Sizes,
) -> Array:
    front, numbers = moved(g, axes), moved(tap, axes)
    rank = len(axes)
    out = np.zeros((*spatial, *front.shape[rank:]), g.dtype)
    more = {"stride": stride, "before": before, "dilation": dilation}
    for p, t, at in touching(spatial, front.shape[:rank], kernel, **more):
        number = int(np.ravel_multi_index(t, tuple(kernel)))
        out[at] += np.where(numbers[p] == number, front[p], 0)
    return np.moveaxis(out, tuple(range(rank)), tuple(axes))


def tap_positions(
    tap: Array, axes: Sizes, dilation: Sizes, kernel: Sizes, spatial: Sizes, starts: Sizes
) -> Array:
    out = np.empty(tap.shape, np.int64)
    for place in np.ndindex(*tap.shape):
        taps = np.unravel_index(int(tap[place]), tuple(kernel))
        position, skipped = 0, 0
        for axis, t, d, size in zip(axes, taps, dilation, spatial, strict=True):
            position = position * size + starts[skipped + place[axis]] + int(t) * d
            skipped += tap.shape[axis]
        out[place] = position
    return out
