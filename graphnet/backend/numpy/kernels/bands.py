"""Bands of patches as views of a workspace: what is copied, what is multiplied, what is added up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from numpy.lib.stride_tricks import as_strided

from graphnet.backend.arena import Array
from graphnet.backend.numpy.kernels.windows import Box, boxes, even_parts
from graphnet.ops.bands import Bands


@dataclass(frozen=True)
class Band:
    """The patches of some windows of some rows.

    Attributes:
        rows: Which rows of windows.
        box: Which windows of these rows.
        source: The elements where they are, in the shape of `gathered`.
        gathered: The elements in the workspace, (groups, rows ..., channels, taps ..., windows ..., n).
        matrices: A matrix of patches for each row of windows: (groups, rows, taps * channels, windows * n).
    """

    rows: slice
    box: Box
    source: Array
    gathered: Array
    matrices: Array

    def part_of(self, x: Array, groups: int) -> Array:
        """Return this part of (c, windows ..., n) as matrices: (groups, rows, c / groups, windows * n)."""
        at = (slice(None), self.rows, *self.box)
        part: Array = x[at]
        matrices: Array = part.reshape(groups, len(x) // groups, part.shape[1], -1).swapaxes(1, 2)
        return matrices


def lifted(x: Array, bands: Bands) -> Array:
    """Return (c, axes ..., n) with an axis of one element before the others where bands have one more."""
    return x[:, None] if x.ndim - 2 < len(bands.counts) else x


def bands_in(x: Array, workspace: Array, bands: Bands, groups: int) -> Iterator[Band]:
    """Give all bands of patches of an operand.

    Args:
        x: (c, axes ..., n), with its padding.
        workspace: A vector for one band.
        bands: How it is laid out.
        groups: Groups of channels.
    """
    x, batch = lifted(x, bands), x.shape[-1]
    columns = bands.columns(batch, workspace.size)
    for box in boxes(bands.counts[1:], columns):
        widest = math.prod(part.stop - part.start for part in box)
        limit = bands.rows(widest, batch, workspace.size)
        for rows in even_parts(bands.counts[0], limit):
            yield _band(x, workspace, bands, groups, rows, box)


def _band(x: Array, workspace: Array, bands: Bands, groups: int, rows: slice, box: Box) -> Band:
    source = _source(x, bands, groups, rows, box)
    count, counts, batch = rows.stop - rows.start, source.shape[-len(box) - 1 : -1], x.shape[-1]
    columns = math.prod(counts)
    reach, height = bands.reach(count), bands.height // groups
    length = bands.length(columns) * batch
    whole = workspace[: groups * reach * height * length].reshape(groups, reach, height, length)
    used = whole[..., : columns * batch]
    row = whole.strides[1]
    matrices = as_strided(
        used,
        (groups, count, bands.windows.kernel[0] * height, columns * batch),
        (whole.strides[0], bands.step * row, *whole.strides[2:]),
    )
    return Band(rows, box, source, used.reshape(source.shape), matrices)


def _source(x: Array, bands: Bands, groups: int, rows: slice, box: Box) -> Array:
    """Return elements as (groups, rows ..., channels, taps ..., windows ..., n), a view."""
    windows, count, each = bands.windows, rows.stop - rows.start, len(x) // groups
    starts = zip((rows, *box), windows.stride, strict=True)
    at = (slice(None), *(slice(part.start * stride, None) for part, stride in starts))
    corner: Array = x[at]
    channel, row, *columns, sample = corner.strides
    high, steps = [count, windows.kernel[0]], [windows.stride[0] * row, windows.dilation[0] * row]
    if bands.shared:
        high, steps = [bands.reach(count)], [row]
    taps = [s * d for s, d in zip(columns, windows.dilation[1:], strict=True)]
    strides = [s * d for s, d in zip(columns, windows.stride[1:], strict=True)]
    wide = [part.stop - part.start for part in box]
    return as_strided(
        corner,
        (groups, *high, each, *windows.kernel[1:], *wide, x.shape[-1]),
        (each * channel, *steps, channel, *taps, *strides, sample),
    )
