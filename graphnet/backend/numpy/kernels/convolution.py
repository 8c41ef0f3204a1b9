"""Kernels of convolution: patches are gathered for as many windows as fit into the cache, and multiplied."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call
from graphnet.backend.numpy.kernels.windows import (
    Box,
    boxes,
    inside,
    pad_steps,
    rows_of,
    window_view,
)
from graphnet.ops.convolution import PATCH_ELEMENTS, turned_windows
from graphnet.ops.window import Windows


class Patches:
    """Matrices of patches of one operand, box of windows by box, in one workspace."""

    def __init__(self, view: Array, workspace: Array, rank: int) -> None:
        """Look at the windows.

        Args:
            view: All windows, (c, taps ..., windows ..., n).
            workspace: A vector for the matrix of as many windows as fit.
            rank: Number of axes windows slide along.
        """
        self.view, self._workspace, self._rank = view, workspace, rank
        self.counts = view.shape[1 + rank : -1]
        self._taps = math.prod(view.shape[: 1 + rank])

    def boxes(self) -> list[Box]:
        """Return the boxes that the workspace and the cache have room for."""
        one = self._taps * self.view.shape[-1]
        limit = max(1, min(self._workspace.size, PATCH_ELEMENTS) // one)
        return list(boxes(self.counts, limit))

    def windows(self, box: Box) -> Array:
        """Return the windows of a box where they are."""
        return self.view[(slice(None),) * (1 + self._rank) + box]

    def gathered(self, box: Box) -> Array:
        """Return the workspace in the shape of a box's windows."""
        shape = self.windows(box).shape
        return self._workspace[: math.prod(shape)].reshape(shape)

    def matrix(self, box: Box, groups: int) -> Array:
        """Return the workspace as a matrix of patches per group: (groups, c / groups * taps, elements)."""
        return self.gathered(box).reshape(groups, self._taps // groups, -1)


def _product(left: Array, right: Array, out: Array) -> Step:
    """Return a product of stacked matrices; of single ones where there is one group."""
    if len(left) == 1:
        return call(np.matmul, left[0], right[0], out[0])
    return call(np.matmul, left, right, out)


def _by_group(weight: Array, groups: int) -> Array:
    return weight.reshape(groups, len(weight) // groups, -1)


def _whole_box(x: Array) -> Box:
    return (slice(None),) * (x.ndim - 2)


def _forward(
    x: Array, weight: Array, out: Array, windows: Windows, groups: int, scratch: Sequence[Array]
) -> list[Step]:
    """Return the calls that convolve `x` with a matrix per group."""
    if windows.plain:
        box = _whole_box(x)
        return [_product(weight, rows_of(x, box, groups), rows_of(out, box, groups))]
    steps: list[Step] = []
    workspace, *padded = scratch
    if padded:
        steps += pad_steps(x, windows, padded[0])
        x = padded[0]
    patches = Patches(window_view(x, windows, out.shape[1:-1]), workspace, len(windows.kernel))
    for box in patches.boxes():
        steps += [
            call(np.copyto, patches.gathered(box), patches.windows(box)),
            _product(weight, patches.matrix(box, groups), rows_of(out, box, groups)),
        ]
    return steps


def _conv(b: Binding) -> list[Step]:
    (x, weight), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows = Windows.of(b.options, weight.shape[2:])
    return _forward(x, _by_group(weight, groups), out, windows, groups, scratch)


def _conv_input_gradient(b: Binding) -> list[Step]:
    (g, weight), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows = Windows.of(b.options, weight.shape[2:])
    turned = None if windows.plain else turned_windows(out.shape, g.shape, windows)
    if turned is not None:
        workspace, matrix, *padded = scratch
        steps, matrix = _turned_weight(weight, groups, matrix)
        return steps + _forward(g, matrix, out, turned, groups, (workspace, *padded))
    columns = _by_group(weight, groups).swapaxes(1, 2)
    if windows.plain:
        box = _whole_box(g)
        return [_product(columns, rows_of(g, box, groups), rows_of(out, box, groups))]
    return _summed(g, columns, out, windows, groups, scratch)


def _turned_weight(weight: Array, groups: int, workspace: Array) -> tuple[list[Step], Array]:
    """Return the weight with taps in reverse order, results and channels of each group exchanged."""
    results, channels, *kernel = weight.shape
    reverse = (slice(None), slice(None), *(slice(None, None, -1) for _ in kernel))
    source = weight[reverse].reshape(groups, results // groups, channels, *kernel).swapaxes(1, 2)
    matrix = workspace.reshape(source.shape)
    return [call(np.copyto, matrix, source)], matrix.reshape(groups, channels, -1)


def _summed(
    g: Array, columns: Array, out: Array, windows: Windows, groups: int, scratch: Sequence[Array]
) -> list[Step]:
    """Return the calls that multiply gradients back to patches and add these up where they came from."""
    workspace, *padded = scratch
    target = padded[0] if padded else out
    rank = len(windows.kernel)
    patches = Patches(window_view(target, windows, g.shape[1:-1]), workspace, rank)
    steps = [call(target.fill, 0)]
    for box in patches.boxes():
        steps.append(_product(columns, rows_of(g, box, groups), patches.matrix(box, groups)))
        places, parts = patches.windows(box), patches.gathered(box)
        for tap in windows.taps():
            at: tuple[int | slice, ...] = (slice(None), *tap)
            steps.append(call(np.add, places[at], parts[at], places[at]))
    if padded:
        steps.append(call(np.copyto, out, target[inside(out.shape[1:-1], windows)]))
    return steps


def _conv_weight_gradient(b: Binding) -> list[Step]:
    (g, x), (out, *scratch), groups = b.reads, b.writes, b.options["groups"]
    windows, total = Windows.of(b.options), _by_group(out, groups)
    if windows.plain:
        box = _whole_box(g)
        return [_product(rows_of(g, box, groups), rows_of(x, box, groups).swapaxes(1, 2), total)]
    steps: list[Step] = []
    workspace, part, *padded = scratch
    if padded:
        steps += pad_steps(x, windows, padded[0])
        x = padded[0]
    part = _by_group(part, groups)
    patches = Patches(window_view(x, windows, g.shape[1:-1]), workspace, len(windows.kernel))
    for number, box in enumerate(patches.boxes()):
        target = part if number else total
        matrix = patches.matrix(box, groups).swapaxes(1, 2)
        steps += [
            call(np.copyto, patches.gathered(box), patches.windows(box)),
            _product(rows_of(g, box, groups), matrix, target),
        ]
        if number:
            steps.append(call(np.add, total, part, total))
    return steps


KERNELS: dict[str, Kernel] = {
    "conv": _conv,
    "conv_input_gradient": _conv_input_gradient,
    "conv_weight_gradient": _conv_weight_gradient,
}
