"""Kernels of softmax and log-softmax."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat
from graphnet.backend.numpy.kernels.reduction import fast_sum_steps, product_sum_steps


def _softmax(b: Binding) -> list[Step]:
    (x,), (y, row, ones), axis = b.reads, b.writes, b.options["axis"]
    return [
        call(np.maximum.reduce, x, axis, None, row, True),
        call(np.subtract, x, row, y),
        call(np.exp, y, y),
        *fast_sum_steps(y, (axis,), row, ones),
        call(np.divide, y, row, y),
    ]


def _softmax_gradient(b: Binding) -> list[Step]:
    (g, y), (out, row), axis = b.reads, b.writes, b.options["axis"]
    return [
        *product_sum_steps(g, y, (axis,), row, out),
        call(np.subtract, g, row, out),
        call(np.multiply, *flat(out, y, out)),
    ]


def _log_softmax(b: Binding) -> list[Step]:
    (x,), (y, full, row, ones), axis = b.reads, b.writes, b.options["axis"]
    return [
        call(np.maximum.reduce, x, axis, None, row, True),
        call(np.subtract, x, row, y),
        call(np.exp, y, full),
        *fast_sum_steps(full, (axis,), row, ones),
        call(np.log, row, row),
        call(np.subtract, y, row, y),
    ]


def _log_softmax_gradient(b: Binding) -> list[Step]:
    (g, y), (out, row), axis = b.reads, b.writes, b.options["axis"]
    return [
        call(np.add.reduce, g, axis, None, row, True),
        call(np.exp, y, out),
        call(np.multiply, out, row, out),
        call(np.subtract, g, out, out),
    ]


KERNELS: dict[str, Kernel] = {
    "softmax": _softmax,
    "softmax_gradient": _softmax_gradient,
    "log_softmax": _log_softmax,
    "log_softmax_gradient": _log_softmax_gradient,
}
