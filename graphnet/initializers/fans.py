"""Fans: how many values flow into and out of one element of a parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Fans:
    """Inputs per output element, and outputs per input element, as torch counts them."""

    fan_in: int
    fan_out: int


def fans_of(shape: tuple[int, ...]) -> Fans:
    """Return the fans of a parameter: (out, in, *kernel) gives (in * kernel, out * kernel).

    Vectors and single numbers have the fans of their size; torch refuses to scale by those.

    Example:
        >>> fans_of((16, 3, 5, 5))
        Fans(fan_in=75, fan_out=400)
    """
    if len(shape) < 2:
        return Fans(math.prod(shape), math.prod(shape))
    kernel = math.prod(shape[2:])
    return Fans(shape[1] * kernel, shape[0] * kernel)
