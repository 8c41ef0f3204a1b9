"""Kernels of arithmetic on equal positions."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number, one_call


def _scale(b: Binding) -> list[Step]:
    x, out = flat(b.reads[0], b.out)
    return [call(np.multiply, x, number(b.options["factor"], x), out)]


def _shift(b: Binding) -> list[Step]:
    x, out = flat(b.reads[0], b.out)
    return [call(np.add, x, number(b.options["amount"], x), out)]


def _square(b: Binding) -> list[Step]:
    x, out = flat(b.reads[0], b.out)
    return [call(np.multiply, x, x, out)]


def _maximum(b: Binding) -> list[Step]:
    x, y, out = flat(*b.reads, b.out)
    return [call(np.maximum, x, y, out=out)]


def _maximum_share(b: Binding) -> list[Step]:
    # heaviside(a - b, 1/2) is 0, 1/2 or 1 as wanted.
    x, y, out = flat(*b.reads, b.out)
    return [call(np.subtract, x, y, out), call(np.heaviside, out, number(0.5, out), out)]


def _copy(b: Binding) -> list[Step]:
    return [call(np.copyto, b.out, b.reads[0])]


KERNELS: dict[str, Kernel] = {
    "add": one_call(np.add),
    "sub": one_call(np.subtract),
    "mul": one_call(np.multiply),
    "div": one_call(np.divide),
    "scale": _scale,
    "shift": _shift,
    "square": _square,
    "sqrt": one_call(np.sqrt),
    "exp": one_call(np.exp),
    "log": one_call(np.log),
    "abs": one_call(np.absolute),
    "sign": one_call(np.sign),
    "maximum": _maximum,
    "maximum_share": _maximum_share,
    "copy": _copy,
}
