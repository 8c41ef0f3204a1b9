"""What kernels of sliding windows share: padded copies, windows as views, pieces that fit into a cache."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import call
from graphnet.ops.window import Windows

Box = tuple[slice, ...]


def pad_steps(x: Array, windows: Windows, padded: Array, fill: float = 0.0) -> list[Step]:
    """Return the calls that copy (c, axes ..., n) into the middle of a larger array filled with a number."""
    middle = padded[inside(x.shape[1:-1], windows)]
    edges = _edges(padded, x.shape[1:-1], windows.before)
    return [*(call(edge.fill, fill) for edge in edges), call(np.copyto, middle, x)]


def inside(sizes: Sequence[int], windows: Windows) -> Box:
    """Return where the elements lie among those thought to stand around them."""
    spans = (slice(b, b + size) for b, size in zip(windows.before, sizes, strict=True))
    return (slice(None), *spans)


def _edges(padded: Array, sizes: Sequence[int], before: Sequence[int]) -> list[Array]:
    """Return what lies around the middle of an array, in slabs that do not overlap."""
    slabs: list[Array] = []
    core: Box = (slice(None),)
    for size, start in zip(sizes, before, strict=True):
        outside = ((*core, slice(0, start)), (*core, slice(start + size, None)))
        slabs += [padded[edge] for edge in outside]
        core = (*core, slice(start, start + size))
    return [slab for slab in slabs if slab.size]


def boxes(counts: Sequence[int], limit: int) -> Iterator[Box]:
    """Cut a grid of windows into boxes of at most `limit`, each in one piece where the grid is.

    Example:
        >>> list(boxes((2, 3), 2))[:2]
        [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 3, None))]
    """
    axis = next(a for a in range(len(counts)) if math.prod(counts[a + 1 :]) <= limit)
    rows = min(counts[axis], limit // math.prod(counts[axis + 1 :]))
    whole = tuple(slice(0, count) for count in counts[axis + 1 :])
    for outer in np.ndindex(*counts[:axis]):
        single = tuple(slice(at, at + 1) for at in outer)
        for part in even_parts(counts[axis], rows):
            yield (*single, part, *whole)


def even_parts(count: int, limit: int) -> list[slice]:
    """Cut a range into as few parts of at most `limit` as do, about equally long.

    Example:
        >>> even_parts(5, 3)
        [slice(0, 3, None), slice(3, 5, None)]
    """
    length = -(-count // -(-count // limit))
    return [slice(start, min(start + length, count)) for start in range(0, count, length)]


def rows_of(x: Array, box: Box, groups: int) -> Array:
    """Return a box of (c, windows ..., n) as a matrix per group: (groups, c / groups, elements)."""
    at = (slice(None), *box)
    return x[at].reshape(groups, x.shape[0] // groups, -1)
