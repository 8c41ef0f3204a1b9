"""Pieces that losses are composed of."""

from __future__ import annotations

from graphnet.ops import Emitter, Value


def spread(e: Emitter, value: Value, rank: int) -> Value:
    """Give (N,) as many dimensions of 1 behind the first that it has `rank`."""
    if value.rank == rank:
        return value
    return e.emit("reshape", value, shape=(*value.shape, *(1,) * (rank - value.rank)))


def per_sample(e: Emitter, values: Value, *, mean: bool) -> Value:
    """Add up or average all dimensions but the first."""
    axes = tuple(range(1, values.rank))
    if not axes:
        return values
    return e.emit("mean" if mean else "sum", values, axes=axes, keepdims=False)


def softplus(e: Emitter, x: Value) -> Value:
    """Emit log(1 + exp(x)), stable for any x."""
    return e.emit("bce_with_logits", x, e.constant(0.0, x.dtype, x.shape))
