"""Kernels that lay out patches, and that put elements where indices say."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call
from graphnet.backend.numpy.kernels.pooling import Place, tap_places
from graphnet.ops.window import Windows


def _places(x: Array, patches: Array, windows: Windows) -> list[tuple[Place, Place]]:
    """Return for each tap the part of the patches that lies inside the elements, and these elements."""
    rank = len(windows.kernel)
    axes = tuple(range(x.ndim - rank, x.ndim))
    taps = list(windows.taps())
    lead: Place = (slice(None),) * (x.ndim - rank)
    single: Place = (*lead, *(0,) * rank)
    return [
        ((*lead, *taps[number], *ours[-rank:]), theirs)
        for number, ours, theirs in tap_places(x, patches[single], axes, windows)
    ]


def _unfold(b: Binding) -> list[Step]:
    (x,), out, windows = b.reads, b.out, Windows.of(b.options)
    steps = [call(out.fill, 0)] if windows.padded else []
    return steps + [
        call(np.copyto, out[ours], x[theirs]) for ours, theirs in _places(x, out, windows)
    ]


def _fold(b: Binding) -> list[Step]:
    (g,), out, windows = b.reads, b.out, Windows.of(b.options)
    return [
        call(out.fill, 0),
        *(
            call(np.add, out[theirs], g[ours], out[theirs])
            for ours, theirs in _places(out, g, windows)
        ),
    ]


def _positions(index: Array, size: int, positions: Array) -> Step:
    """Return the call that makes positions along the last axis positions among all elements."""
    rows = np.arange(index[..., 0].size).reshape(*index.shape[:-1], 1) * size
    return call(np.add, index, rows, positions)


def _unpool(b: Binding) -> list[Step]:
    (x, index), (out, positions) = b.reads, b.writes
    return [
        _positions(index, out.shape[-1], positions),
        call(out.fill, 0),
        call(out.reshape(-1).put, positions, x, "clip"),
    ]


def _unpool_gradient(b: Binding) -> list[Step]:
    (g, index), (out, positions) = b.reads, b.writes
    return [
        _positions(index, g.shape[-1], positions),
        call(g.reshape(-1).take, positions, None, out, "clip"),
    ]


def _unpool_sum(b: Binding) -> list[Step]:
    (g, index), (out, positions) = b.reads, b.writes
    return [
        _positions(index, out.shape[-1], positions),
        call(out.fill, 0),
        call(np.add.at, out.reshape(-1), positions.reshape(-1), g.reshape(-1)),
    ]


KERNELS: dict[str, Kernel] = {
    "unfold": _unfold,
    "fold": _fold,
    "unpool": _unpool,
    "unpool_gradient": _unpool_gradient,
    "unpool_sum": _unpool_sum,
}
