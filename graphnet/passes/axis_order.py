"""Axis orders: how shapes regroup where axes stand in another order. Pure arithmetic on shapes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from graphnet.ir import Batch, Shape
from graphnet.ops.reorder import Order, inverse


def keeps_order(shape: Shape, order: Order) -> bool:
    """Tell whether a permutation moves nothing but axes of size 1, so that it is a mere reshape."""
    moving = [axis for axis in order if shape[axis] != 1]
    return moving == sorted(moving)


def permuted(shape: Shape, order: Order) -> Shape:
    """Return the shape with its axes in an order."""
    return tuple(shape[axis] for axis in order)


def regrouped(shape: Shape, order: Order, target: Shape) -> tuple[Shape, Order] | None:
    """Move a permutation behind a reshape: from `reshape(permute(x, order), target)` to the reverse.

    Args:
        shape: Shape of x.
        order: Its permutation.
        target: What the permuted value is reshaped to.

    Returns:
        The shape to give x and the order in which its axes are `target` then, or None where elements that
        are to be joined or kept together do not lie together in x.

    Example:
        >>> regrouped((6, 5, 5, 64), (3, 0, 1, 2), (64, 150))
        ((150, 64), (1, 0))
    """
    seen = permuted(shape, order)
    large = [axis for axis, dim in enumerate(shape) if dim != 1]
    placed = [(len(large), [axis]) for axis, dim in enumerate(target) if dim == 1]
    for ours, theirs in _groups(seen, target):
        sources = [order[axis] for axis in ours]
        first = large.index(sources[0])
        if large[first : first + len(sources)] != sources:
            return None
        placed.append((first, theirs))
    axes = tuple(axis for _, group in sorted(placed) for axis in group)
    return permuted(target, axes), inverse(axes)


def _groups(shape: Shape, target: Shape) -> Iterator[tuple[list[int], list[int]]]:
    """Give the smallest runs of axes of two shapes that hold the same number of elements, but for ones."""
    ours = [axis for axis, dim in enumerate(shape) if dim != 1]
    theirs = [axis for axis, dim in enumerate(target) if dim != 1]
    while ours and theirs:
        run, other = [ours.pop(0)], [theirs.pop(0)]
        while (size := _size(shape, run)) != (wanted := _size(target, other)):
            source, to = (ours, run) if size < wanted else (theirs, other)
            to.append(source.pop(0))
        yield run, other


def _size(shape: Shape, axes: list[int]) -> tuple[int, int]:
    """Return the product of some dimensions as a number, and how many of them are batches."""
    dims = [shape[axis] for axis in axes]
    batches = [dim.multiple for dim in dims if isinstance(dim, Batch)]
    fixed = [dim for dim in dims if isinstance(dim, int)]
    return math.prod((*batches, *fixed)), len(batches)
