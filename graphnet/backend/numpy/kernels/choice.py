"""Kernels of comparison and choice."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat

_RELATIONS = {
    "equal": np.equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "not_equal": np.not_equal,
}


def _compare(b: Binding) -> list[Step]:
    return [call(_RELATIONS[b.options["relation"]], *flat(*b.reads, b.out))]


def _where(b: Binding) -> list[Step]:
    condition, x, y = b.reads
    out, truth = b.writes
    return [
        call(np.not_equal, *flat(condition, np.zeros((), condition.dtype), truth)),
        call(np.copyto, out, y),
        call(np.copyto, out, x, where=truth),
    ]


def _minimum(b: Binding) -> list[Step]:
    x, y, out = flat(*b.reads, b.out)
    return [call(np.minimum, x, y, out=out)]


def _detach(b: Binding) -> list[Step]:
    return [call(np.copyto, b.out, b.reads[0])]


KERNELS: dict[str, Kernel] = {
    "compare": _compare,
    "where": _where,
    "minimum": _minimum,
    "detach": _detach,
}
