"""Kernels of circular functions and powers."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number, one_call


def _power(b: Binding) -> list[Step]:
    x, out = flat(b.reads[0], b.out)
    return [call(np.power, x, number(b.options["exponent"], x), out)]


KERNELS: dict[str, Kernel] = {
    "sin": one_call(np.sin),
    "cos": one_call(np.cos),
    "power": _power,
    "pow": one_call(np.power),
}
