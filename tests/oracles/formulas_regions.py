"""Formulas of regions at given places, element by element; see `formulas`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = Sequence[int]


def region_starts(u: Array, column: int, count: int, stop: int) -> Array:
    out = np.empty((*u.shape[:-1], count), np.int64)
    kind = u.dtype.type
    for place in np.ndindex(*u.shape[:-1]):
        v = min(max(u[(*place, column)], kind(0)), kind(1))
        for i in range(count - 1):
            a = kind(stop) / kind(count - 1)
            out[(*place, i)] = int((kind(i) + v) * a) - int(v * a)
        out[(*place, count - 1)] = stop
    return out


def region_max(x: Array, *starts: Array, kernel: Sizes) -> tuple[Array, Array]:
    rank = len(kernel)
    lead, spatial = x.shape[:-rank], x.shape[-rank:]
    out = np.empty((*lead, *(at.shape[-1] for at in starts)), x.dtype)
    index = np.empty(out.shape, np.int64)
    for place in np.ndindex(*out.shape):
        plane, p = place[: len(lead)], place[len(lead) :]
        first = [int(at[(*plane, i)]) for at, i in zip(starts, p, strict=True)]
        best = None
        for t in np.ndindex(*kernel):
            here = tuple(a + b for a, b in zip(first, t, strict=True))
            element = x[(*plane, *here)]
            if best is None or element.real > best.real:
                best = element
                index[place] = np.ravel_multi_index(here, spatial)
        out[place] = best
    return out, index


def unpool_sum(g: Array, index: Array, size: int) -> Array:
    out = np.zeros((*g.shape[:-1], size), g.dtype)
    for place in np.ndindex(*g.shape):
        out[(*place[:-1], index[place])] += g[place]
    return out
