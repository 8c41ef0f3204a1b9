"""What generators share: named columns, and a random stream of their own."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]


def random_of(name: str, seed: int) -> np.random.Generator:
    """Return the stream of a generator: its name is part of the key, so that no two share one."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
    )
