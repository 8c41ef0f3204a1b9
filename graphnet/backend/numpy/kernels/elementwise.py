"""Kernels of arithmetic on equal positions."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def _ufunc(function: np.ufunc) -> Kernel:
    """Return the kernel of an op that is one NumPy function of all its operands."""

    def bind(b: Binding) -> list[Step]:
        return [call(function, *flat(*b.reads, b.out))]

    return bind


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
    "add": _ufunc(np.add),
    "sub": _ufunc(np.subtract),
    "mul": _ufunc(np.multiply),
    "div": _ufunc(np.divide),
    "scale": _scale,
    "shift": _shift,
    "square": _square,
    "sqrt": _ufunc(np.sqrt),
    "exp": _ufunc(np.exp),
    "log": _ufunc(np.log),
    "abs": _ufunc(np.absolute),
    "sign": _ufunc(np.sign),
    "maximum": _maximum,
    "maximum_share": _maximum_share,
    "copy": _copy,
}
