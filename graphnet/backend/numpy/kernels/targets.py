"""Kernels of ops on targets."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
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


def _multi_hot(b: Binding) -> list[Step]:
    (index, base), (out, alive, place, one) = b.reads, b.writes
    whole, ignored = out.reshape(-1), number(b.options["ignore_index"], base)

    def column_steps(column: Array) -> list[Step]:
        # What comes after the end of a list adds 0 at the row's first place.
        return [
            call(np.not_equal, column, ignored, place),
            call(np.logical_and, alive, place, alive),
            call(np.multiply, column, alive, place),
            call(np.add, base, place, place),
            call(np.copyto, one, alive),
            call(np.add.at, whole, place, one),
        ]

    steps = [call(out.fill, 0), call(alive.fill, True)]
    return steps + [step for column in index.T for step in column_steps(column)]


KERNELS: dict[str, Kernel] = {
    "literal": _literal,
    "class_weights": _class_weights,
    "multi_hot": _multi_hot,
}
