"""Declaration: what a network wants of one input or target."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Declaration:
    """One input or target as the network declares it, per sample.

    Attributes:
        name: Its name in the spec.
        shape: Shape of one sample; () for a single number.
        dtype: float32, float64 or int64.
        limit: For class and embedding indices: each must lie in [0, limit). None for any value.
        ignore: Number that is allowed beside those, where there is nothing to compare with.
        weighs: Whether it says how much samples count in a mean, so that no number may be negative.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    limit: int | None = None
    ignore: int | None = None
    weighs: bool = False

    @property
    def size(self) -> int:
        """Numbers per sample."""
        return math.prod(self.shape)
