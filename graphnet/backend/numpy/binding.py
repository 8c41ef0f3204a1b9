"""Binding: what a kernel gets to turn an instruction into calls without arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.streams import Streams


@dataclass(frozen=True)
class Binding:
    """One instruction with its live arrays.

    Attributes:
        reads: Operands, in the op's order.
        writes: Results, then scratch.
        accumulates: Buffers that are changed.
        options: The instruction's attributes.
        streams: Where random numbers come from.
    """

    reads: Sequence[Array]
    writes: Sequence[Array]
    accumulates: Sequence[Array]
    options: Mapping[str, Any]
    streams: Streams

    @property
    def out(self) -> Array:
        """The first result."""
        return self.writes[0]


Kernel = Callable[[Binding], list[Step]]


def flat(*arrays: Array) -> list[Array]:
    """Return equally shaped arrays as vectors, where all lie in one piece: one loop in place of nested.

    A call on vectors costs a third of one on matrices; single numbers are spread with stride 0.
    """
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    plain = all(a.flags.c_contiguous and a.shape in (shape, ()) for a in arrays)
    if not plain or not shape:
        return list(arrays)
    size = int(np.prod(shape))
    return [np.broadcast_to(a, (size,)) if a.shape == () else a.reshape(-1) for a in arrays]


def number(value: float, like: Array) -> Array:
    """Return a single number of an array's element type, spread over a vector's length."""
    single = np.asarray(value, like.dtype)
    return np.broadcast_to(single, like.shape) if like.ndim == 1 else single


def call(function: Callable[..., object], *arguments: object, **keywords: object) -> Step:
    """Return a call that needs no arguments any more."""
    return partial(function, *arguments, **keywords)


def one_call(function: Callable[..., object]) -> Kernel:
    """Return the kernel of an op that is one NumPy function of all its operands."""

    def bind(b: Binding) -> list[Step]:
        return [call(function, *flat(*b.reads, b.out))]

    return bind


LONG = 2048
"""Elements from which a vector is faster clipped than compared with a single number."""


def clipped(x: Array, out: Array, low: float = -math.inf, high: float = math.inf) -> Step:
    """Return the call that puts `min(max(x, low), high)` into out.

    NumPy compares with a number spread over a vector one by one, and clips in wide registers.
    """
    if x.size >= LONG or (-math.inf < low and high < math.inf):
        return call(x.clip, np.asarray(low, x.dtype), np.asarray(high, x.dtype), out)
    if low > -math.inf:
        return call(np.maximum, x, number(low, x), out=out)
    return call(np.minimum, x, number(high, x), out=out)
