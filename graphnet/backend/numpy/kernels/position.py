"""Kernels of constants that depend on positions; they run once, when a batch size is bound."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call


def _causal_mask(b: Binding) -> list[Step]:
    rows, size = b.out.shape
    return [call(np.copyto, b.out, np.tri(rows, size, dtype=b.out.dtype))]


def _position_angles(b: Binding) -> list[Step]:
    rows, size = b.out.shape
    rates = b.options["base"] ** (-np.arange(size) / size)
    return [call(np.copyto, b.out, np.outer(np.arange(rows), rates).astype(b.out.dtype))]


KERNELS: dict[str, Kernel] = {
    "causal_mask": _causal_mask,
    "position_angles": _position_angles,
}
