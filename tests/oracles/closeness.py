"""How near two results must be: relative to each element, or to the largest number they came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Difference(AssertionError):
    """Two results that should agree do not."""


def largest(arrays: Iterable[Array]) -> float:
    """Return the largest finite size of any number in arrays of floats."""
    found = 0.0
    for array in arrays:
        if array.dtype.kind == "f" and array.size:
            sizes = np.abs(array[np.isfinite(array)])
            found = max(found, float(sizes.max(initial=0.0)))
    return found


def require_close(
    actual: Array, expected: Array, what: str, *, rtol: float, scale: float = 0.0
) -> None:
    """Refuse arrays that differ by more than `rtol` times each expected element, or times `scale`.

    NaN only agrees with NaN, infinity with the same infinity; whole numbers must be equal.

    Raises:
        Difference: Naming the worst element.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        raise Difference(f"{what}: the shape is {actual.shape}, not {expected.shape}")
    if actual.dtype.kind != "f" or expected.dtype.kind != "f":
        if not np.array_equal(actual, expected):
            raise Difference(f"{what}: {actual} is not {expected}")
        return
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    finite = np.isfinite(actual) & np.isfinite(expected)
    error = np.abs(np.where(finite, actual, 0.0) - np.where(finite, expected, 0.0))
    allowed = rtol * np.maximum(np.abs(np.where(finite, expected, 0.0)), scale)
    wrong = ~same & (~finite | (error > allowed))
    if wrong.any():
        worst = np.unravel_index(
            np.argmax(np.where(wrong, np.maximum(error, 1e-300), -1.0)), wrong.shape
        )
        place = tuple(int(index) for index in worst)
        raise Difference(
            f"{what}{list(place)} is {actual[place]!r}, not {expected[place]!r} (rtol {rtol:g}, "
            f"scale {scale:g}, {int(wrong.sum())} of {wrong.size} elements differ)"
        )
