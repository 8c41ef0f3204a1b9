"""Kernels that draw random numbers."""

from __future__ import annotations

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


KERNELS: dict[str, Kernel] = {"dropout_mask": _dropout_mask}
