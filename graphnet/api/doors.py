"""Doors: the quick look at a batch that already is as it should be.

Thorough checks and conversions cost more than a step of a small network. What passes the quick look needs
none of them; everything else takes the thorough way, and gets its error there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphnet.program import Port


@dataclass(frozen=True)
class Door:
    """What an input or target must look like.

    Attributes:
        name: Its name.
        shape: Shape of one sample.
        whole: Whether it takes whole numbers, in [0, limit) where there is a limit.
        limit: As said above.
    """

    name: str
    shape: tuple[int, ...]
    whole: bool
    limit: int | None

    @classmethod
    def of(cls, port: Port) -> Door:
        """Return the door of a port."""
        return cls(port.name, port.type.at(1)[1:], not port.type.is_float, port.limit)

    def admits(self, value: Any) -> bool:
        """Tell whether a value may pass as it is."""
        if type(value) is not np.ndarray or value.shape[1:] != self.shape or not value.size:
            return False
        if not self.whole:
            # A sum that overflows is sent the thorough way too, where it turns out to be harmless.
            return value.dtype.kind == "f" and math.isfinite(np.add.reduce(value, axis=None))
        if value.dtype != np.int64:
            return False
        if self.limit is None:
            return True
        low, high = np.minimum.reduce(value, axis=None), np.maximum.reduce(value, axis=None)
        return bool(low >= 0 and high < self.limit)


def quick_count(given: Mapping[str, Any], doors: Sequence[Door]) -> int | None:
    """Return the batch size, or None where something needs the thorough way."""
    if len(given) != len(doors):
        return None
    count = -1
    for door in doors:
        value: Any = given.get(door.name)
        if not door.admits(value) or (count >= 0 and len(value) != count):
            return None
        count = len(value)
    return count if count > 0 else None
