"""Bands: how patches of a few rows of windows at a time are laid out. Pure whole-number arithmetic.

Windows of neighbouring rows share elements. Where all taps of one row of elements lie together, the patches
of a row of windows are the rows of elements it reaches, one after the other: a matrix that needs no copy of
its own, as its neighbour's begins one row further.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.ops.window import Windows

MATRIX_ELEMENTS = 2**19
"""Elements of the patches of one row of windows, which are to be in the cache when they are multiplied."""
BAND_ELEMENTS = 2**20
"""Elements of a band: many rows of windows gather few elements twice, few rows stay in the cache."""
USUAL_BATCH = 32
"""Samples for which bands get that size; workspaces grow with the batch."""
SHORT_ROW = 8
"""Windows of a row below which a product with the patches of all rows is quicker."""


@dataclass(frozen=True)
class Bands:
    """How the patches of an operand are laid out: (rows, channels, taps but the first axis', windows).

    Attributes:
        channels: Of the operand.
        windows: With an axis of one element before the others where all patches are to be one row.
        counts: Windows along each of these axes.
        shared: Whether windows of neighbouring rows share rows of elements.
    """

    channels: int
    windows: Windows
    counts: tuple[int, ...]
    shared: bool

    @classmethod
    def of(
        cls, channels: int, windows: Windows, counts: tuple[int, ...], *, apart: bool = False
    ) -> Bands:
        """Lay out the patches of an operand.

        Args:
            channels: Of the operand.
            windows: Along each axis.
            counts: How many there are along each axis.
            apart: Whether each window needs elements of its own, as patches do that are added up.
        """
        if apart or len(counts) == 1 or math.prod(counts[1:]) < SHORT_ROW:
            one, none = (1,), (0,)
            windows = Windows(
                one + windows.kernel,
                one + windows.stride,
                none + windows.before,
                none + windows.after,
                one + windows.dilation,
            )
            counts = one + counts
        shared = windows.dilation[0] == 1 and windows.stride[0] < windows.kernel[0]
        return cls(channels, windows, counts, shared)

    @property
    def height(self) -> int:
        """Elements one above the other in a row of elements: channels and taps."""
        return self.channels * math.prod(self.windows.kernel[1:])

    @property
    def step(self) -> int:
        """Rows of elements between the first ones of neighbouring rows of windows."""
        return self.windows.stride[0] if self.shared else self.windows.kernel[0]

    def reach(self, rows: int) -> int:
        """Return how many rows of elements so many rows of windows need."""
        return (rows - 1) * self.step + self.windows.kernel[0]

    def columns(self, batch: int, room: int) -> int:
        """Return how many windows of a row are taken at a time, where there is room for so many elements."""
        one = self.height * self.windows.kernel[0] * batch
        fitting = min(MATRIX_ELEMENTS // one, room // one - 1)
        return max(1, min(math.prod(self.counts[1:]), fitting))

    def rows(self, columns: int, batch: int, room: int) -> int:
        """Return how many rows of so many windows each are taken at a time."""
        fitting = min(BAND_ELEMENTS, room) // (self.length(columns) * self.height * batch)
        return max(1, min(self.counts[0], (fitting - self.windows.kernel[0]) // self.step + 1))

    def length(self, columns: int) -> int:
        """Return how far rows lie apart, in windows: one more, so that they share no places in a cache."""
        return columns + 1

    @property
    def elements(self) -> int:
        """Elements of a workspace for a band, for each sample."""
        columns = self.columns(USUAL_BATCH, 2 * MATRIX_ELEMENTS)
        rows = self.rows(columns, USUAL_BATCH, BAND_ELEMENTS)
        return self.reach(rows) * self.height * self.length(columns)
