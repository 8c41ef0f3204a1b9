"""Kernels of pooling: one call per tap of the window, over all windows at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat
from graphnet.ops.window import Windows

Place = tuple[int | slice, ...]


def _span(size: int, count: int, tap: int, windows: Windows, axis: int) -> tuple[slice, slice]:
    """Return for which windows a tap lies inside the elements, and which elements these are."""
    stride, shift = windows.stride[axis], tap * windows.dilation[axis] - windows.before[axis]
    first = max(0, -(shift // stride))
    stop = min(count, (size - 1 - shift) // stride + 1)
    start = first * stride + shift
    if stop <= first:
        return slice(0, 0), slice(0, 0)
    return slice(first, stop), slice(start, start + (stop - first - 1) * stride + 1, stride)


def tap_places(
    x: Array, out: Array, axes: tuple[int, ...], windows: Windows
) -> Iterator[tuple[int, tuple[slice, ...], tuple[slice, ...]]]:
    """Give the number of each tap, the windows whose tap lies inside the elements, and these elements."""
    for number, tap in enumerate(windows.taps()):
        ours = [slice(None)] * x.ndim
        theirs = [slice(None)] * x.ndim
        for index, (axis, at) in enumerate(zip(axes, tap, strict=True)):
            ours[axis], theirs[axis] = _span(x.shape[axis], out.shape[axis], at, windows, index)
        if out[tuple(ours)].size:
            yield number, tuple(ours), tuple(theirs)


def first_taps(x: Array, out: Array, axes: tuple[int, ...], windows: Windows) -> Array:
    """Return the number of the first tap inside the elements for each window, 1 along other axes."""
    total = np.zeros((1,) * x.ndim, np.int64)
    for index, axis in enumerate(axes):
        starts = np.arange(out.shape[axis]) * windows.stride[index] - windows.before[index]
        first = np.maximum(0, -(starts // windows.dilation[index]))
        shape = [1] * x.ndim
        shape[axis] = len(first)
        total = total * windows.kernel[index] + first.reshape(shape)
    return total


def _max_pool(b: Binding) -> list[Step]:
    (x,), (out, tap, mask, work) = b.reads, b.writes
    axes, windows = b.options["axes"], Windows.of(b.options)
    steps: list[Step] = []
    places = list(tap_places(x, out, axes, windows))
    if windows.padded:
        first = first_taps(x, out, axes, windows).astype(tap.dtype)
        steps += [call(out.fill, -np.inf), call(np.copyto, tap, first)]
    else:
        steps += [call(np.copyto, out, x[places.pop(0)[2]]), call(tap.fill, 0)]
    for number, ours, theirs in places:
        element, best, found = x[theirs], out[ours], mask[ours]
        steps += [
            call(np.greater, element, best, found),
            *mark_steps(found, number, tap[ours], work[ours]),
            call(np.maximum, element, best, out=best),
        ]
    return steps


def _window_max(b: Binding) -> list[Step]:
    (x,), out, axes = b.reads, b.out, b.options["axes"]
    windows = Windows.of(b.options)
    places = list(tap_places(x, out, axes, windows))
    low = call(out.fill, -np.inf) if windows.padded else call(np.copyto, out, x[places.pop(0)[2]])
    return [
        low,
        *(call(np.maximum, out[ours], x[theirs], out=out[ours]) for _, ours, theirs in places),
    ]


def mark_steps(found: Array, number: int, tap: Array, work: Array) -> list[Step]:
    """Return the calls that put a number, larger than all before it, wherever something was found."""
    found, tap, work = flat(found, tap, work)
    single = np.broadcast_to(np.asarray(number, tap.dtype), tap.shape)
    if tap.dtype == np.uint8:
        # Products and largest of bytes run through wide registers; copying by a mask does not.
        found = found.view(np.uint8)
        return [call(np.multiply, found, single, work), call(np.maximum, tap, work, out=tap)]
    return [call(np.copyto, tap, single, where=found)]


def _max_pool_gradient(b: Binding) -> list[Step]:
    (g, tap), (out, mask, work) = b.reads, b.writes
    axes, windows = b.options["axes"], Windows.of(b.options)
    apart = all(k == 1 or (d == 1 and s >= k) for k, s, d in _rows(windows))
    steps = [] if apart and _covers(g, out, axes, windows) else [call(out.fill, 0)]
    for number, ours, theirs in tap_places(out, g, axes, windows):
        gradient, found, part = g[ours], mask[ours], out[theirs]
        steps.append(call(np.equal, tap[ours], np.asarray(number, tap.dtype), found))
        if apart:
            steps.append(call(np.multiply, gradient, found, part))
            continue
        steps += [
            call(np.multiply, gradient, found, work[ours]),
            call(np.add, part, work[ours], part),
        ]
    return steps


def _rows(windows: Windows) -> Iterator[tuple[int, int, int]]:
    return zip(windows.kernel, windows.stride, windows.dilation, strict=True)


def _covers(g: Array, out: Array, axes: tuple[int, ...], windows: Windows) -> bool:
    """Whether every element lies in a window, given that none lies in two."""
    return not windows.padded and all(
        out.shape[axis] == g.shape[axis] * kernel == g.shape[axis] * stride
        for axis, kernel, stride in zip(axes, windows.kernel, windows.stride, strict=True)
    )


def _tap_positions(b: Binding) -> list[Step]:
    (tap,), (out, index) = b.reads, b.writes
    axes, spatial = b.options["axes"], b.options["spatial"]
    offsets = np.zeros((), np.int64)
    base = np.zeros((1,) * tap.ndim, np.int64)
    starts = list(b.options["starts"])
    for axis, size, kernel, dilation in zip(
        axes, spatial, b.options["kernel"], b.options["dilation"], strict=True
    ):
        offsets = np.add.outer(offsets * size, np.arange(kernel) * dilation)
        count = tap.shape[axis]
        shape = [1] * tap.ndim
        shape[axis] = count
        base = base * size + np.reshape(starts[:count], shape)
        del starts[:count]
    return [
        call(np.copyto, index, tap),
        call(offsets.reshape(-1).take, index, None, out, "clip"),
        call(np.add, out, base, out),
    ]


def _window_sum(b: Binding) -> list[Step]:
    (x,), out, axes = b.reads, b.out, b.options["axes"]
    windows = Windows.of(b.options)
    places = list(tap_places(x, out, axes, windows))
    first = call(out.fill, 0) if windows.padded else call(np.copyto, out, x[places.pop(0)[2]])
    return [
        first,
        *(call(np.add, out[ours], x[theirs], out[ours]) for _, ours, theirs in places),
    ]


def _window_spread(b: Binding) -> list[Step]:
    (g,), out, axes = b.reads, b.out, b.options["axes"]
    windows = Windows.of(b.options)
    places = [(g[ours], out[theirs]) for _, ours, theirs in tap_places(out, g, axes, windows)]
    if all(s >= k for k, s, _ in _rows(windows)):
        steps = [] if _covers(g, out, axes, windows) else [call(out.fill, 0)]
        return steps + [call(np.copyto, part, gradient) for gradient, part in places]
    return [
        call(out.fill, 0),
        *(call(np.add, part, gradient, part) for gradient, part in places),
    ]


KERNELS: dict[str, Kernel] = {
    "max_pool": _max_pool,
    "window_max": _window_max,
    "max_pool_gradient": _max_pool_gradient,
    "tap_positions": _tap_positions,
    "window_sum": _window_sum,
    "window_spread": _window_spread,
}
