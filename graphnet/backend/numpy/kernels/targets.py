"""Kernels of ops on targets."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def _literal(b: Binding) -> list[Step]:
    return [call(np.copyto, b.out, np.asarray(b.options["values"], b.out.dtype))]


def _class_weights(b: Binding) -> list[Step]:
    table = b.reads[0]
    index, weight, kept, ignored = flat(b.reads[1], *b.writes)
    return [
        call(np.equal, index, number(b.options["ignore_index"], index), ignored),
        call(np.copyto, kept, index),
        call(np.copyto, kept, number(0, kept), where=ignored),
        call(table.take, kept, None, weight, "clip"),
        call(np.copyto, weight, number(0.0, weight), where=ignored),
    ]


KERNELS: dict[str, Kernel] = {"literal": _literal, "class_weights": _class_weights}
