"""Kernels of regions: where they begin, and one call per tap over all of them at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number
from graphnet.backend.numpy.kernels.pooling import mark_steps


def _region_starts(b: Binding) -> list[Step]:
    (u,), (out, places, first) = b.reads, b.writes
    column, stop, count = b.options["column"], b.options["stop"], out.shape[-1]
    if count == 1:
        return [call(out.fill, stop)]
    kind = u.dtype.type
    apart = float(kind(stop) / kind(count - 1))
    single, every = flat(first)[0], flat(places)[0]
    return [
        # fmax and fmin take what is not a number for the bound, so that every place lies inside.
        call(np.fmax, u[..., column, None], np.asarray(0, u.dtype), first),
        call(np.fmin, single, number(1.0, single), single),
        call(np.add, first, np.arange(count, dtype=u.dtype), places),
        call(np.multiply, every, number(apart, every), every),
        call(np.floor, every, every),
        call(np.multiply, single, number(apart, single), single),
        call(np.floor, single, single),
        call(np.subtract, places, first, places),
        call(places[..., -1].fill, stop),
        call(np.copyto, out, places, "unsafe"),
    ]


def _corner_steps(starts: Sequence[Array], spatial: Sequence[int], out: Array) -> list[Step]:
    """Return the calls that give the position of each region's first element along the joined axes."""
    rank, steps = len(starts), list[Step]()
    for axis, (places, size) in enumerate(zip(starts, spatial, strict=True)):
        turned = (Ellipsis, *(None,) * axis, slice(None), *(None,) * (rank - 1 - axis))
        along = places[turned]
        if axis == 0:
            steps.append(call(np.copyto, out, along))
            continue
        (joined,) = flat(out)
        steps += [
            call(np.multiply, joined, number(size, joined), joined),
            call(np.add, out, along, out),
        ]
    return steps


def _region_max(b: Binding) -> list[Step]:
    # Places are worked out among all elements of x, so that one call takes a tap of every region. At the
    # end the number of the tap that was largest gives the position again, now within its own plane.
    (x, *starts), (out, index, element, found, tap, work, places) = b.reads, b.writes
    kernel = b.options["kernel"]
    rank, spatial = len(kernel), x.shape[-len(kernel) :]
    lead, source = x.shape[:-rank], x.reshape(-1)
    planes = np.arange(math.prod(lead)).reshape(*lead, *(1,) * rank) * math.prod(spatial)
    taps = np.ravel_multi_index(tuple(np.indices(kernel).reshape(rank, -1)), spatial)
    best, one, larger = flat(out, element, found)
    at, base = flat(places, index)
    steps = [
        *_corner_steps(starts, spatial, index),
        call(np.add, index, planes, index),
        call(source.take, index, None, out, "clip"),
        call(tap.fill, 0),
    ]
    for which, offset in list(enumerate(taps.tolist()))[1:]:
        steps += [
            call(np.add, base, number(offset, base), at),
            call(source.take, places, None, element, "clip"),
            call(np.greater, one, best, larger),
            *mark_steps(found, which, tap, work),
            call(np.maximum, one, best, out=best),
        ]
    return [
        *steps,
        call(np.copyto, places, tap),
        call(taps.take, places, None, index, "clip"),
        *_corner_steps(starts, spatial, places),
        call(np.add, base, at, base),
    ]


KERNELS: dict[str, Kernel] = {"region_starts": _region_starts, "region_max": _region_max}
