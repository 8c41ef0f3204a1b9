"""Kernels of ops that move elements; most of them were turned into views before they get here."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call


def _along(array: Array, axis: int, start: int, stop: int) -> Array:
    return array[(slice(None),) * axis + (slice(start, stop),)]


def _reshape(b: Binding) -> list[Step]:
    # The result lies in one piece, so it can always take the operand's shape without a copy.
    return [call(np.copyto, b.out.reshape(b.reads[0].shape), b.reads[0])]


def _permute(b: Binding) -> list[Step]:
    return [call(np.copyto, b.out, b.reads[0].transpose(b.options["axes"]))]


def _slice(b: Binding) -> list[Step]:
    part = _along(b.reads[0], b.options["axis"], b.options["start"], b.options["stop"])
    return [call(np.copyto, b.out, part)]


def _unslice(b: Binding) -> list[Step]:
    (x,), axis, start = b.reads, b.options["axis"], b.options["start"]
    part = _along(b.out, axis, start, start + x.shape[axis])
    return [call(b.out.fill, 0), call(np.copyto, part, x)]


def _concat(b: Binding) -> list[Step]:
    axis, start, steps = b.options["axis"], 0, []
    for x in b.reads:
        stop = start + x.shape[axis]
        steps.append(call(np.copyto, _along(b.out, axis, start, stop), x))
        start = stop
    return steps


KERNELS: dict[str, Kernel] = {
    "reshape": _reshape,
    "permute": _permute,
    "slice": _slice,
    "unslice": _unslice,
    "concat": _concat,
}
