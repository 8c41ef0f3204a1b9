"""First values of a parameter from its own stream, by kind of distribution."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from graphnet.backend.arena import Array
from graphnet.ir import Draw

Generator = np.random.Generator
Shape = tuple[int, ...]


def _uniform(generator: Generator, draw: Draw, shape: Shape) -> Array:
    return generator.random(shape) * (draw.b - draw.a) + draw.a


def _normal(generator: Generator, draw: Draw, shape: Shape) -> Array:
    return generator.standard_normal(shape) * draw.b + draw.a


def _truncated(generator: Generator, draw: Draw, shape: Shape) -> Array:
    """Draw until all lie between the bounds: normal numbers where those often do, else uniform ones."""
    low, high = (draw.c - draw.a) / draw.b, (draw.d - draw.a) / draw.b
    inside = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    # The density is greatest at the bound nearest to the mean.
    top = 0.0 if low < 0 < high else min(low * low, high * high)
    found: list[Array] = []
    missing = math.prod(shape)
    while missing > 0:
        if inside > 0.05:
            drawn = generator.standard_normal(2 * missing)
            kept = drawn[(drawn >= low) & (drawn <= high)][:missing]
        else:
            # Far out or in a narrow slit: uniform numbers, kept as often as the density says.
            farthest = min(high, low + 40.0) if low > 0 else high
            nearest = max(low, high - 40.0) if high < 0 else low
            drawn = generator.random(2 * missing) * (farthest - nearest) + nearest
            share = np.exp((top - drawn * drawn) / 2)
            kept = drawn[generator.random(2 * missing) < share][:missing]
        found.append(kept)
        missing -= len(kept)
    values: Array = np.concatenate([*found, np.empty(0)]) * draw.b + draw.a
    return np.clip(values, draw.c, draw.d).reshape(shape)


def _orthogonal(generator: Generator, draw: Draw, shape: Shape) -> Array:
    rows, columns = shape[0], math.prod(shape[1:])
    tall = generator.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
    matrix: Array = q if rows >= columns else q.T
    return (matrix * draw.a).reshape(shape)


def _sparse(generator: Generator, draw: Draw, shape: Shape) -> Array:
    values = _normal(generator, Draw("normal", 0.0, draw.b), shape)
    zeros = math.ceil(draw.a * shape[0])
    for column in values.T:
        column[generator.permutation(shape[0])[:zeros]] = 0.0
    return values


def eye(draw: Draw, shape: Shape) -> Array:
    """Return ones on the diagonal."""
    return np.eye(shape[0], shape[1])


def dirac(draw: Draw, shape: Shape) -> Array:
    """Return ones in the middle of kernels, from input i to output i of each group."""
    values = np.zeros(shape)
    outputs = shape[0] // int(draw.a)
    middle = tuple(size // 2 for size in shape[2:])
    for group in range(int(draw.a)):
        for index in range(min(outputs, shape[1])):
            values[(group * outputs + index, index) + middle] = 1.0  # noqa: RUF005 - clearer
    return values


def bilinear(draw: Draw, shape: Shape) -> Array:
    """Return kernels of linear interpolation, from input i to output i."""
    kernel = np.ones(())
    for size in shape[2:]:
        factor, centre = math.ceil(size / 2), (size - 1) / 2
        kernel = np.multiply.outer(kernel, 1 - np.abs(np.arange(size) - centre) / factor)
    pairs = np.ones(shape[:2]) if shape[1] == 1 else np.eye(shape[0], shape[1])
    return np.multiply.outer(pairs, kernel)


Random = Callable[[Generator, Draw, Shape], Array]
RANDOM: dict[str, Random] = {
    "uniform": _uniform,
    "normal": _normal,
    "truncated": _truncated,
    "orthogonal": _orthogonal,
    "sparse": _sparse,
    "singular": lambda generator, draw, shape: generator.standard_normal(shape),
}
"""Kinds that draw random numbers."""
FIXED: dict[str, Callable[[Draw, Shape], Array]] = {
    "constant": lambda draw, shape: np.full(shape, draw.a),
    "eye": eye,
    "dirac": dirac,
    "bilinear": bilinear,
    "norm": lambda draw, shape: np.zeros(shape),
}
"""Kinds that are the same every time."""


def _norms(draw: Draw, held: Mapping[str, Array], name: str) -> None:
    """Set a parameter to the norms of another, for each place along a dimension or of the whole."""
    values = held[draw.source].astype(np.float64)
    axes = tuple(axis for axis in range(values.ndim) if axis != draw.a)
    held[name][...] = np.sqrt(np.square(values).sum(axes)).reshape(held[name].shape)


def _singular(draw: Draw, held: Mapping[str, Array], name: str) -> None:
    """Take steps of the power method from the right vector as it was drawn."""
    front = np.moveaxis(held[draw.source].astype(np.float64), int(draw.a), 0)
    matrix = front.reshape(len(front), -1)
    right = held[draw.entry].astype(np.float64)
    left = np.empty(0)
    for _ in range(int(draw.b)):
        left = _unit(matrix @ right, draw.c)
        right = _unit(left @ matrix, draw.c)
    held[name][...], held[draw.entry][...] = left, right


def _unit(x: Array, least: float) -> Array:
    return x / max(float(np.linalg.norm(x)), least)


FROM_OTHERS: dict[str, Callable[[Draw, Mapping[str, Array], str], None]] = {
    "norm": _norms,
    "singular": _singular,
}
"""Kinds that are worked out from other parameters once these have their values."""
