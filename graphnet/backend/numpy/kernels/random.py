"""Kernels that draw random numbers."""

from __future__ import annotations

import math

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def _dropout_mask(b: Binding) -> list[Step]:
    kept = 1.0 - b.options["p"]
    (out,) = flat(b.out)
    return [
        call(b.streams[b.options["stream"]].fill, out),
        call(np.add, out, number(kept, out), out),
        call(np.floor, out, out),
        call(np.divide, out, number(kept, out), out),
    ]


def _uniform(b: Binding) -> list[Step]:
    return [call(b.streams[b.options["stream"]].fill, *flat(b.out))]


def _standard_normal(b: Binding) -> list[Step]:
    # out = sqrt(-2 log1p(-u)) cos(2 pi v)
    out, turn = flat(*b.writes)
    return [
        call(b.streams[b.options["stream"]].fill, out, turn),
        call(np.negative, out, out),
        call(np.log1p, out, out),
        call(np.multiply, out, number(-2.0, out), out),
        call(np.sqrt, out, out),
        call(np.multiply, turn, number(2.0 * math.pi, turn), turn),
        call(np.cos, turn, turn),
        call(np.multiply, out, turn, out),
    ]


KERNELS: dict[str, Kernel] = {
    "dropout_mask": _dropout_mask,
    "uniform": _uniform,
    "standard_normal": _standard_normal,
}
