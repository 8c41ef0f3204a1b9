"""Reordered axes: what an op does to operands whose axes stand in another order, said once for each op.

An order says where axes come from: axis k of a value is axis `order[k]` of the value it is a permutation of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphnet.ops.op import Options

Order = tuple[int, ...]
Reordered = tuple[dict[str, Any], Order]
"""Attributes for the operands as they were, and the order in which the results then are."""
Reorder = Callable[[Options, Order], Reordered | None]
"""Given an instruction's attributes and the order of its operands, which all have it."""


def inverse(order: Order) -> Order:
    """Return the order that undoes an order.

    Example:
        >>> inverse((3, 0, 1, 2))
        (1, 2, 3, 0)
    """
    return tuple(sorted(range(len(order)), key=lambda axis: order[axis]))


def elementwise(options: Options, order: Order) -> Reordered:
    """Ops of equal positions: the order does not matter."""
    return dict(options), order


def along_axis(options: Options, order: Order) -> Reordered:
    """Ops along one `axis`, whose results have the axes of the operands."""
    return {**options, "axis": order[options["axis"]]}, order


def over_axes(options: Options, order: Order) -> Reordered:
    """Ops over `axes` in any order, whose results have the axes of the operands."""
    return {**options, "axes": tuple(sorted(order[axis] for axis in options["axes"]))}, order


def reduced(options: Options, order: Order) -> Reordered:
    """Ops that leave out `axes` unless `keepdims` says otherwise."""
    changed, _ = over_axes(options, order)
    if options["keepdims"]:
        return changed, order
    rest = [source for axis, source in enumerate(order) if axis not in options["axes"]]
    return changed, tuple(sorted(rest).index(source) for source in rest)


def spread(options: Options, order: Order) -> Reordered:
    """Ops that stretch their operand to a `shape` over `axes`."""
    changed, _ = over_axes(options, order)
    shape = tuple(options["shape"][axis] for axis in inverse(order))
    return {**changed, "shape": shape}, order


def windows(options: Options, order: Order) -> Reordered | None:
    """Ops with a number for each of `axes`, which must keep their order among themselves."""
    axes = tuple(order[axis] for axis in options["axes"])
    return ({**options, "axes": axes}, order) if list(axes) == sorted(axes) else None
