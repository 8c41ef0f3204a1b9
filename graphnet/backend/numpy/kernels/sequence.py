"""Kernels of sequences of different lengths."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call


def _reverse_sequence(b: Binding) -> list[Step]:
    (x, lengths), (out, places, after) = b.reads, b.writes
    count, size = x.shape[:2]
    steps, starts = np.arange(size), np.arange(count).reshape(-1, 1) * size
    ends, rows = lengths.reshape(-1, 1), (count * size, -1)
    if x.size == 0:
        return []
    # places = starts + (lengths - 1 - t where that is not negative, else t)
    return [
        call(np.subtract, ends, steps + 1, places),
        call(np.less, places, 0, after),
        call(np.copyto, places, steps, where=after),
        call(np.add, places, starts, places),
        call(np.take, x.reshape(rows), places.reshape(-1), 0, out.reshape(rows), "clip"),
    ]


def _length_mask(b: Binding) -> list[Step]:
    (lengths,), out = b.reads, b.out
    return [call(np.less, np.arange(out.shape[1]), lengths.reshape(-1, 1), out, casting="unsafe")]


KERNELS: dict[str, Kernel] = {
    "reverse_sequence": _reverse_sequence,
    "length_mask": _length_mask,
}
