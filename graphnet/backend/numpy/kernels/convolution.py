"""Kernels of convolution: patches are gathered for as many windows as fit into the cache, and multiplied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call
from graphnet.backend.numpy.kernels.bands import Band, bands_in, lifted
from graphnet.backend.numpy.kernels.windows import inside, pad_steps, rows_of
from graphnet.ops.bands import Bands
from graphnet.ops.convolution import bands_of, split_windows, turned_windows
from graphnet.ops.window import Windows


def _product(left: Array, right: Array, out: Array) -> Step:
    """Return a product of stacked matrices; of single ones where the stack is one high."""
    while out.ndim > 2 and len(out) == 1:
        left, right, out = left[0], right[0], out[0]
    return call(np.matmul, left, right, out)


def _by_group(weight: Array, groups: int) -> Array:
    """Return (results, channels, taps ...) as (groups, results of each, channels, taps ...)."""
    return weight.reshape(groups, len(weight) // groups, *weight.shape[1:])


def _plain_product(weight: Array, x: Array, out: Array, groups: int) -> list[Step]:
    """Return the product of a matrix per group with single elements."""
    box = (slice(None),) * (x.ndim - 2)
    return [_product(weight, rows_of(x, box, groups), rows_of(out, box, groups))]


def _by_rows(weight: Array, bands: Bands) -> Array:
    """Return (..., channels, taps ...) as (..., taps of the first axis, channels, other taps ...), a view."""
    if weight.ndim - 3 < len(bands.counts):
        weight = np.expand_dims(weight, 3)
    turned: Array = weight.swapaxes(2, 3)
    return turned


def _laid_out(weight: Array, bands: Bands, workspace: Array) -> tuple[Step, Array]:
    """Return a weight by groups as matrices for bands, and the call that puts it there."""
    source = _by_rows(weight, bands)
    matrix = workspace.reshape(source.shape)
    groups, results = source.shape[:2]
    return call(np.copyto, matrix, source), matrix.reshape(groups, 1, results, -1)


def _padded(x: Array, windows: Windows, workspaces: Sequence[Array]) -> tuple[list[Step], Array]:
    """Return an operand with what stands around it, if anything does, and the calls that put it there."""
    if not workspaces:
        return [], x
    return pad_steps(x, windows, workspaces[0]), workspaces[0]


def _forward(
    x: Array, weight: Array, out: Array, windows: Windows, scratch: Sequence[Array]
) -> list[Step]:
    """Return the calls that convolve `x` with a weight by groups."""
    workspace, matrix, *padded = scratch
    bands = bands_of(x.shape, windows, out.shape[1:-1])
    laid, matrix = _laid_out(weight, bands, matrix)
    pads, x = _padded(x, windows, padded)
    return [laid, *pads, *_convolved(x, matrix, out, bands, workspace)]


def _convolved(x: Array, matrix: Array, out: Array, bands: Bands, workspace: Array) -> list[Step]:
    """Return the calls that gather patches of a padded `x` and multiply them by a matrix per group."""
    out, groups = lifted(out, bands), len(matrix)
    steps = []
    for band in bands_in(x, workspace, bands, groups):
        steps += [
            call(np.copyto, band.gathered, band.source),
            _product(matrix, band.matrices, band.part_of(out, groups)),
        ]
    return steps


def _conv(b: Binding) -> list[Step]:
    (x, weight), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows = Windows.of(b.options, weight.shape[2:])
    weight = _by_group(weight, groups)
    if windows.plain:
        return _plain_product(weight.reshape(*weight.shape[:2], -1), x, out, groups)
    return _forward(x, weight, out, windows, scratch)


def _conv_input_gradient(b: Binding) -> list[Step]:
    (g, weight), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows = Windows.of(b.options, weight.shape[2:])
    weight = _by_group(weight, groups)
    if windows.plain:
        columns = weight.reshape(*weight.shape[:2], -1).swapaxes(1, 2)
        return _plain_product(columns, g, out, groups)
    turned = turned_windows(out.shape, g.shape, windows)
    split = split_windows(out.shape, g.shape, windows)
    if turned is None and split is not None:
        return _summed_along_others(g, weight, out, split, scratch)
    if turned is None:
        return _summed(g, weight, out, windows, scratch)
    # Taps in reverse order, results and channels of each group exchanged.
    reverse = (slice(None),) * 3 + (slice(None, None, -1),) * len(windows.kernel)
    return _forward(g, weight[reverse].swapaxes(1, 2), out, turned, scratch)


def _summed(
    g: Array, weight: Array, out: Array, windows: Windows, scratch: Sequence[Array]
) -> list[Step]:
    """Return the calls that multiply gradients back to patches and add these up where they came from."""
    workspace, matrix, *padded = scratch
    groups = len(weight)
    bands = bands_of(out.shape, windows, g.shape[1:-1], apart=True)
    laid, matrix = _laid_out(weight, bands, matrix)
    target = padded[0] if padded else out
    g = lifted(g, bands)
    steps = [laid, call(target.fill, 0)]
    for band in bands_in(target, workspace, bands, groups):
        steps.append(_product(matrix.swapaxes(2, 3), band.part_of(g, groups), band.matrices))
        steps += _added(band, bands)
    if padded:
        steps.append(call(np.copyto, out, target[inside(out.shape[1:-1], windows)]))
    return steps


def _added(band: Band, bands: Bands) -> list[Step]:
    """Return the calls that add patches up, tap by tap."""
    steps = []
    for first, *rest in bands.windows.taps():
        at: tuple[int | slice, ...] = (slice(None), slice(None), first, slice(None), *rest)
        place = band.source[at]
        steps.append(call(np.add, place, band.gathered[at], place))
    return steps


def _summed_along_others(
    g: Array,
    weight: Array,
    out: Array,
    split: tuple[Windows, Windows],
    scratch: Sequence[Array],
) -> list[Step]:
    """Return the calls that convolve gradients along the first axis and add up along the others."""
    workspace, matrix, sums, *padded = scratch
    first, others = split
    bands = bands_of(g.shape, first, (out.shape[1], *g.shape[2:-1]))
    pads, g = _padded(g, first, padded[: first.padded])
    target = padded[-1] if others.padded else out
    # A result for each channel and tap of the other axes; taps of the first axis in reverse order.
    source = np.moveaxis(weight[:, :, :, ::-1], (3, 1), (-2, -1))
    if len(bands.counts) > len(first.kernel):
        source = source.swapaxes(-2, -1)
    matrix = matrix.reshape(source.shape)
    products = matrix.reshape(len(source), 1, -1, source.shape[-2] * source.shape[-1])
    steps = [
        call(np.copyto, matrix, source),
        *pads,
        *_convolved(g, products, sums, bands, workspace),
        call(target.fill, 0),
    ]
    parts = sums.reshape(len(out), *others.kernel, *sums.shape[1:])
    for tap in others.taps():
        place = target[_places(tap, sums.shape[1:-1], others)]
        part: tuple[int | slice, ...] = (slice(None), *tap)
        steps.append(call(np.add, place, parts[part], place))
    if others.padded:
        steps.append(call(np.copyto, out, target[inside(out.shape[1:-1], others)]))
    return steps


def _places(tap: tuple[int, ...], counts: Sequence[int], windows: Windows) -> tuple[slice, ...]:
    """Return where the elements under a tap of all windows lie."""
    rows = zip(tap, counts, windows.stride, windows.dilation, strict=True)
    return (slice(None), *(slice(t * d, t * d + (n - 1) * s + 1, s) for t, n, s, d in rows))


def _conv_weight_gradient(b: Binding) -> list[Step]:
    (g, x), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows, out = Windows.of(b.options), _by_group(out, groups)
    if windows.plain:
        box = (slice(None),) * (x.ndim - 2)
        columns = rows_of(x, box, groups).swapaxes(1, 2)
        return [_product(rows_of(g, box, groups), columns, out.reshape(*out.shape[:2], -1))]
    workspace, total, part, *padded = scratch
    bands = bands_of(x.shape, windows, g.shape[1:-1])
    pads, x = _padded(x, windows, padded)
    g, target = lifted(g, bands), np.moveaxis(_by_rows(out, bands), 1, -1)
    # The patches on the left: the product with few results on the right is quicker.
    total, part = (a.reshape(groups, -1, out.shape[1]) for a in (total, part))
    steps = [*pads]
    for number, (gather, patches, gradient) in enumerate(_rows(g, x, workspace, bands, groups)):
        steps += [*gather, _product(patches, gradient, part if number else total)]
        if number:
            steps.append(call(np.add, total, part, total))
    return [*steps, call(np.copyto, target, total.reshape(target.shape))]


def _rows(
    g: Array, x: Array, workspace: Array, bands: Bands, groups: int
) -> list[tuple[list[Step], Array, Array]]:
    """Return what to gather first, patches and gradients of each row of windows."""
    found = []
    for band in bands_in(x, workspace, bands, groups):
        gradients = band.part_of(g, groups).swapaxes(2, 3)
        for row in range(gradients.shape[1]):
            gather = [] if row else [call(np.copyto, band.gathered, band.source)]
            found.append((gather, band.matrices[:, row], gradients[:, row]))
    return found


KERNELS: dict[str, Kernel] = {
    "conv": _conv,
    "conv_input_gradient": _conv_input_gradient,
    "conv_weight_gradient": _conv_weight_gradient,
}
