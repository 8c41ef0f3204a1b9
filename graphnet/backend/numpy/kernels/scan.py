"""Kernels of ops along axes."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call


def _along(array: Array, axis: int, part: slice) -> Array:
    return array[(slice(None),) * axis + (part,)]


BACKWARDS = slice(None, None, -1)


def _max(b: Binding) -> list[Step]:
    axes, keepdims = b.options["axes"], b.options["keepdims"]
    return [call(np.maximum.reduce, b.reads[0], axes, None, b.out, keepdims)]


def _argmax(b: Binding) -> list[Step]:
    # Along any but the last axis of one piece, NumPy would make a copy of its own.
    (x,), (out, turned) = b.reads, b.writes
    moved = np.moveaxis(x, b.options["axis"], -1)
    if moved.flags.c_contiguous:
        return [call(moved.argmax, -1, out)]
    return [call(np.copyto, turned, moved), call(turned.argmax, -1, out)]


def _prod(b: Binding) -> list[Step]:
    return [call(np.multiply.reduce, b.reads[0], b.options["axis"], None, b.out, True)]


def _prod_others(b: Binding) -> list[Step]:
    # What comes before an element times what comes after it: no division, which zeros would forbid.
    (x,), (out, after), axis = b.reads, b.writes, b.options["axis"]
    steps = [call(out.fill, 1), call(after.fill, 1)]
    if x.shape[axis] == 1:
        return steps[:1]
    first, rest, back = slice(None, -1), slice(1, None), BACKWARDS
    following = _along(_along(x, axis, rest), axis, back)
    target = _along(_along(after, axis, first), axis, back)
    return [
        *steps,
        call(np.multiply.accumulate, _along(x, axis, first), axis, None, _along(out, axis, rest)),
        call(np.multiply.accumulate, following, axis, None, target),
        call(np.multiply, out, after, out),
    ]


def _cumsum(b: Binding) -> list[Step]:
    x, out, axis = b.reads[0], b.out, b.options["axis"]
    if b.options["reverse"]:
        x, out = _along(x, axis, BACKWARDS), _along(out, axis, BACKWARDS)
    return [call(np.add.accumulate, x, axis, None, out)]


def _flip(b: Binding) -> list[Step]:
    return [call(np.copyto, b.out, _along(b.reads[0], b.options["axis"], BACKWARDS))]


KERNELS: dict[str, Kernel] = {
    "max": _max,
    "argmax": _argmax,
    "prod": _prod,
    "prod_others": _prod_others,
    "cumsum": _cumsum,
    "flip": _flip,
}
