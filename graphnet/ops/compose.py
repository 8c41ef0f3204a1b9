"""Compositions of ops that layers and losses share."""

from __future__ import annotations

from graphnet.ops.emitter import Emitter
from graphnet.ops.value import Value


def root(e: Emitter, x: Value, exponent: float = 0.5) -> Value:
    """Emit `x^exponent` of what is not negative; where it is 0 its gradient is 0, not infinite."""
    zero = e.emit("compare", x, e.constant(0.0, x.dtype), dtype=x.dtype, relation="equal")
    moved = e.emit("add", x, zero)
    taken = e.emit("sqrt", moved) if exponent == 0.5 else e.emit("power", moved, exponent=exponent)
    return e.emit("sub", taken, zero)
