"""Formulas of ops that sum, move and select elements; see `formulas`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Axes = Sequence[int]


def add_up(x: Array, axis: int) -> Array:
    """Return the sum along an axis, one slice after the other, the axis kept as 1."""
    total = functools.reduce(lambda one, other: one + other, list(np.moveaxis(x, axis, 0)))
    return np.expand_dims(np.asarray(total), axis)


def add_over(x: Array, axes: Axes) -> Array:
    """Return the sum over axes, all kept as 1."""
    for axis in axes:
        x = add_up(x, axis)
    return x


def average_over(x: Array, axes: Axes) -> Array:
    """Return the mean over axes, all kept as 1."""
    return np.asarray(add_over(x, axes) / math.prod(x.shape[axis] for axis in axes))


def largest(x: Array, axis: int) -> Array:
    """Return the largest real part along an axis, kept as 1."""
    return np.expand_dims(np.asarray(np.sort(x.real, axis)).take(-1, axis), axis)


def turned(x: Array, transpose: bool) -> Array:
    """Return matrices with rows and columns exchanged, if so said."""
    return np.einsum("...ij->...ji", x) if transpose else x


def at(position: tuple[int, ...], axis: int, index: int) -> tuple[int, ...]:
    """Return a position with an index put in for an axis."""
    return (*position[:axis], index, *position[axis:])


def place(position: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Return where an element lies among all elements of a shape, counted in order."""
    count = 0
    for index, size in zip(position, shape, strict=True):
        count = count * size + index
    return count


# Products and sums.


def matmul(a: Array, b: Array, transpose_a: bool, transpose_b: bool) -> Array:
    left, right = turned(a, transpose_a), turned(b, transpose_b)
    products = [left[..., :, k, None] * right[..., None, k, :] for k in range(left.shape[-1])]
    return np.asarray(functools.reduce(lambda one, other: one + other, products))


def vecmat(v: Array, m: Array) -> Array:
    return np.asarray(
        functools.reduce(
            lambda one, other: one + other, [x * row for x, row in zip(v, m, strict=True)]
        )
    )


def dot(a: Array, b: Array) -> Array:
    return np.asarray(functools.reduce(lambda one, other: one + other, a * b))


def total(x: Array, axes: Axes, keepdims: bool) -> Array:
    found = add_over(x, axes)
    return found if keepdims else np.squeeze(found, tuple(axes))


def mean(x: Array, axes: Axes, keepdims: bool) -> Array:
    found = average_over(x, axes)
    return found if keepdims else np.squeeze(found, tuple(axes))


def expand(x: Array, axes: Axes, mean: bool, shape: Sequence[int]) -> Array:
    narrow = [1 if axis in axes else size for axis, size in enumerate(shape)]
    share = math.prod(shape[axis] for axis in axes) if mean else 1
    return np.ones(shape) * x.reshape(narrow) / share


# Softmax.


def softmax(x: Array, axis: int) -> Array:
    grown = np.exp(x - largest(x, axis))
    return np.asarray(grown / add_up(grown, axis))


def softmax_gradient(g: Array, y: Array, axis: int) -> Array:
    return np.asarray(y * (g - add_up(g * y, axis)))


def log_softmax(x: Array, axis: int) -> Array:
    moved = x - largest(x, axis)
    return np.asarray(moved - np.log(add_up(np.exp(moved), axis)))


def log_softmax_gradient(g: Array, y: Array, axis: int) -> Array:
    return np.asarray(g - np.exp(y) * add_up(g, axis))


# Moving elements.


def reshape(x: Array, shape: Sequence[int]) -> Array:
    return np.array(list(x.flat), x.dtype).reshape(shape)


def permute(x: Array, axes: Axes) -> Array:
    out = np.empty([x.shape[axis] for axis in axes], x.dtype)
    for position in np.ndindex(*x.shape):
        out[tuple(position[axis] for axis in axes)] = x[position]
    return out


def slice_(x: Array, axis: int, start: int, stop: int) -> Array:
    return np.stack([x.take(index, axis) for index in range(start, stop)], axis)


def unslice(x: Array, axis: int, size: int, start: int) -> Array:
    nothing = np.zeros_like(x.take(0, axis))
    stop = start + x.shape[axis]
    pieces = [x.take(i - start, axis) if start <= i < stop else nothing for i in range(size)]
    return np.stack(pieces, axis)


def concat(*xs: Array, axis: int) -> Array:
    return np.stack([piece for x in xs for piece in np.moveaxis(x, axis, 0)], axis)


# Selecting by index.


def gather_rows(weight: Array, index: Array, padding_index: int) -> Array:
    out = np.empty((*index.shape, weight.shape[1]), weight.dtype)
    for position in np.ndindex(*index.shape):
        out[position] = weight[index[position]]
    return out


def scatter_rows(g: Array, index: Array, padding_index: int, rows: int) -> Array:
    out = np.zeros((rows, g.shape[-1]), g.dtype)
    for position in np.ndindex(*index.shape):
        if index[position] != padding_index:
            out[index[position]] += g[position]
    return out


def base_positions(axis: int, shape: Sequence[int]) -> Array:
    rest = (*shape[:axis], *shape[axis + 1 :])
    out = np.empty(rest, np.int64)
    for position in np.ndindex(*rest):
        out[position] = place(at(position, axis, 0), tuple(shape))
    return out


def check_base(base: Array, axis: int, shape: Sequence[int]) -> None:
    """Refuse an operand `base` that is not what its op's formula says."""
    if not np.array_equal(base, base_positions(axis, shape)):
        raise AssertionError(f"the base positions for {shape} along {axis} are wrong")


def pick(x: Array, index: Array, base: Array, axis: int) -> Array:
    check_base(base, axis, x.shape)
    out = np.empty(index.shape, x.dtype)
    for position in np.ndindex(*index.shape):
        out[position] = x[at(position, axis, index[position])]
    return out


def unpick(g: Array, index: Array, base: Array, axis: int, size: int) -> Array:
    shape = (*g.shape[:axis], size, *g.shape[axis:])
    check_base(base, axis, shape)
    out = np.zeros(shape, g.dtype)
    for position in np.ndindex(*index.shape):
        out[at(position, axis, index[position])] = g[position]
    return out


# Normalisation and chance.


def normalize(x: Array, axes: Axes, eps: float) -> tuple[Array, ...]:
    middle = average_over(x, axes)
    variance = average_over((x - middle) ** 2, axes)
    inverse = (variance + eps) ** -0.5
    return (x - middle) * inverse, middle, variance, inverse


def normalize_gradient(g: Array, normalized: Array, inverse: Array, axes: Axes) -> Array:
    along = normalized * average_over(g * normalized, axes)
    return np.asarray((g - along - average_over(g, axes)) * inverse)


def rms_normalize(x: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    inverse = (average_over(x * x, axes) + eps) ** -0.5
    return x * inverse, inverse


def rms_normalize_gradient(g: Array, normalized: Array, inverse: Array, axes: Axes) -> Array:
    return np.asarray((g - normalized * average_over(g * normalized, axes)) * inverse)


def cumulative_average(
    value: Array, of: Array, count: Array, running: Array, unbiased: bool
) -> Array:
    return running_average(value, of, running, 1.0 / int(count), unbiased)


def running_average(
    value: Array, of: Array, running: Array, momentum: float, unbiased: bool
) -> Array:
    n = of.size / value.size
    moved = value * (n / (n - 1)) if unbiased and n > 1 else value
    return running + momentum * (moved.reshape(running.shape) - running)


def uniform(dtype: str, shape: Sequence[int], stream: Callable[[int], Array]) -> Array:
    return np.asarray(stream(math.prod(shape)).reshape(shape))


def standard_normal(dtype: str, shape: Sequence[int], stream: Callable[[int], Array]) -> Array:
    size = math.prod(shape)
    u, v = np.split(stream(2 * size).astype("float64"), 2)
    return np.asarray((-2 * np.log(1 - u)) ** 0.5 * np.cos(2 * np.pi * v)).reshape(shape)


def dropout_mask(
    dtype: str, p: float, shape: Sequence[int], stream: Callable[[int], Array]
) -> Array:
    drawn = uniform(dtype, shape, stream)
    kept = drawn.dtype.type(1.0 - p)
    return np.asarray((drawn + kept >= 1) / kept)


# Losses of classes.


def softmax_cross_entropy(x: Array, index: Array, base: Array, axis: int) -> tuple[Array, Array]:
    logs = log_softmax(x, axis)
    return -pick(logs, index, base, axis), softmax(x, axis)


def softmax_cross_entropy_gradient(
    g: Array, probabilities: Array, index: Array, base: Array, axis: int
) -> Array:
    ones = unpick(np.ones_like(g), index, base, axis, probabilities.shape[axis])
    return np.asarray(np.expand_dims(g, axis) * (probabilities - ones))


def put_row(v: Array, index: Array, m: Array) -> Array:
    row = sorted([0, int(index), len(m) - 1])[1]
    return np.array([v if at == row else old for at, old in enumerate(m)])
