"""Kernels of selection by whole numbers. Indices were checked where data entered; clip only saves a copy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def _gather_rows(b: Binding) -> list[Step]:
    weight, index = b.reads
    return [call(weight.take, index, 0, b.out, "clip")]


def _scatter_rows(b: Binding) -> list[Step]:
    (g, index), (out, *scratch), padding = b.reads, b.writes, b.options["padding_index"]
    g, index = g.reshape(-1, g.shape[-1]), index.reshape(-1)
    if scratch and len(index):
        return _sums_by_products(g, index, out, scratch, padding)
    steps = [call(out.fill, 0), call(np.add.at, out, index, g)]
    return [*steps, call(out[padding].fill, 0)] if padding >= 0 else steps


def _sums_by_products(
    g: Array, index: Array, out: Array, scratch: Sequence[Array], padding: int
) -> list[Step]:
    """Return the calls that multiply by rows of 0 and 1, which are rows of the identity."""
    identity, picked, part = scratch
    steps = [call(identity.fill, 0), call(identity.reshape(-1)[:: len(out) + 1].fill, 1)]
    if padding >= 0:
        steps.append(call(identity[padding].fill, 0))
    for start in range(0, len(index), len(picked)):
        which, target = index[start : start + len(picked)], part if start else out
        ones = picked[: len(which)]
        steps += [
            call(identity.take, which, 0, ones, "clip"),
            call(np.dot, ones.T, g[start : start + len(which)], target),
        ]
        if start:
            steps.append(call(np.add, out, part, out))
    return steps


def _base_positions(b: Binding) -> list[Step]:
    shape, axis = b.out.shape, b.options["axis"]
    size = b.options["shape"][axis]
    full = (*shape[:axis], size, *shape[axis:])
    steps = np.arange(math.prod(full)).reshape(full)
    return [call(np.copyto, b.out, steps.take(0, axis))]


def position_steps(index: Array, base: Array, out: Array, stride: int) -> list[Step]:
    """Return the calls that put `base + index * stride` into out: positions among all elements."""
    index, base, out = flat(index, base, out)
    if stride == 1:
        return [call(np.add, base, index, out)]
    return [call(np.multiply, index, number(stride, index), out), call(np.add, base, out, out)]


def inner_size(shape: tuple[int, ...], axis: int) -> int:
    """Return how many elements lie between two neighbours along an axis."""
    return math.prod(shape[axis + 1 :])


def _pick(b: Binding) -> list[Step]:
    (x, index, base), (out, positions) = b.reads, b.writes
    steps = position_steps(index, base, positions, inner_size(x.shape, b.options["axis"]))
    return [*steps, call(x.reshape(-1).take, positions, None, out, "clip")]


def _unpick(b: Binding) -> list[Step]:
    (g, index, base), (out, positions) = b.reads, b.writes
    steps = position_steps(index, base, positions, inner_size(out.shape, b.options["axis"]))
    return [*steps, call(out.fill, 0), call(out.reshape(-1).put, positions, g, "clip")]


def _put_row(b: Binding) -> list[Step]:
    (v, index), (m,) = b.reads, b.accumulates
    last = len(m) - 1

    def step_put_row() -> None:
        m[min(max(index.item(), 0), last)] = v

    return [step_put_row]


KERNELS: dict[str, Kernel] = {
    "gather_rows": _gather_rows,
    "scatter_rows": _scatter_rows,
    "base_positions": _base_positions,
    "pick": _pick,
    "unpick": _unpick,
    "put_row": _put_row,
}
