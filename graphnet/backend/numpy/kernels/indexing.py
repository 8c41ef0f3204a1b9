"""Kernels of selection by whole numbers. Indices were checked where data entered; clip only saves a copy."""

from __future__ import annotations

import math

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def _gather_rows(b: Binding) -> list[Step]:
    weight, index = b.reads
    return [call(weight.take, index, 0, b.out, "clip")]


def _scatter_rows(b: Binding) -> list[Step]:
    g, index = b.reads
    steps = [
        call(b.out.fill, 0),
        call(np.add.at, b.out, index.reshape(-1), g.reshape(-1, g.shape[-1])),
    ]
    padding = b.options["padding_index"]
    return [*steps, call(b.out[padding].fill, 0)] if padding >= 0 else steps


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
