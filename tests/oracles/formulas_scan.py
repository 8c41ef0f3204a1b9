"""Formulas of ops along axes; see `formulas`."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from formulas_arrays import largest
from numpy.typing import NDArray

Array = NDArray[Any]


def slices(x: Array, axis: int) -> list[Array]:
    return list(np.moveaxis(x, axis, 0))


def multiplied(parts: Sequence[Array], like: Array) -> Array:
    return np.asarray(functools.reduce(operator.mul, parts, np.ones_like(like)))


def greatest(x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    # The element itself, with its imaginary step, of which only one is greatest in smooth cases.
    found = x
    for axis in axes:
        at = found.real == largest(found, axis)
        found = np.where(at, found, 0).sum(axis, keepdims=True) / at.sum(axis, keepdims=True)
    return found if keepdims else np.squeeze(found, tuple(axes))


def argmax(x: Array, axis: int) -> Array:
    found = np.zeros([n for at, n in enumerate(x.shape) if at != axis], np.int64)
    best = slices(x, axis)[0]
    for number, part in enumerate(slices(x, axis)):
        found, best = np.where(part > best, number, found), np.maximum(best, part)
    return found


def prod(x: Array, axis: int) -> Array:
    return np.expand_dims(multiplied(slices(x, axis), slices(x, axis)[0]), axis)


def prod_others(x: Array, axis: int) -> Array:
    parts = slices(x, axis)
    rest = [multiplied(parts[:i] + parts[i + 1 :], parts[0]) for i in range(len(parts))]
    return np.stack(rest, axis)


def cumsum(x: Array, axis: int, reverse: bool) -> Array:
    parts = slices(x, axis)
    sums = [
        functools.reduce(operator.add, parts[i:] if reverse else parts[: i + 1])
        for i in range(len(parts))
    ]
    return np.stack(sums, axis)


def flip(x: Array, axis: int) -> Array:
    return np.stack(slices(x, axis)[::-1], axis)


SCANS: dict[str, Callable[..., Any]] = {
    "max": greatest,
    "argmax": argmax,
    "prod": prod,
    "prod_others": prod_others,
    "cumsum": cumsum,
    "flip": flip,
}
