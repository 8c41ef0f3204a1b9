"""Pieces that losses are composed of."""

from __future__ import annotations

from graphnet.ops import Emitter, Value, root

EXACT = 1000.0
"""A threshold of softplus beyond which it is its operand in float64 too."""
TINY = 1e-37
"""What stands for 0 where a logarithm is taken or something is divided by."""


def spread(e: Emitter, value: Value, rank: int) -> Value:
    """Give (N,) as many dimensions of 1 behind the first that it has `rank`."""
    if value.rank == rank:
        return value
    return e.emit("reshape", value, shape=(*value.shape, *(1,) * (rank - value.rank)))


def per_sample(e: Emitter, values: Value) -> Value:
    """Add up all dimensions but the first."""
    axes = tuple(range(1, values.rank))
    return e.emit("sum", values, axes=axes, keepdims=False) if axes else values


def over_last(e: Emitter, op: str, values: Value) -> Value:
    """Emit the sum or mean over the last dimension."""
    return e.emit(op, values, axes=(values.rank - 1,), keepdims=False)


def negative(e: Emitter, x: Value) -> Value:
    """Emit -x."""
    return e.emit("scale", x, factor=-1.0)


def below(e: Emitter, number: float, x: Value) -> Value:
    """Emit number - x."""
    return e.emit("shift", negative(e, x), amount=number)


def at_least(e: Emitter, x: Value, low: float) -> Value:
    """Emit max(x, low), which has no gradient where x is smaller."""
    if low == 0.0:
        return e.emit("relu", x)
    return e.emit("shift", e.emit("relu", e.emit("shift", x, amount=-low)), amount=low)


def softplus(e: Emitter, x: Value) -> Value:
    """Emit log(1 + exp(x)), stable for any x."""
    return e.emit("softplus", x, beta=1.0, threshold=EXACT)


def power(e: Emitter, x: Value, exponent: float) -> Value:
    """Emit x^exponent for x >= 0."""
    if exponent == 1.0:
        return x
    if exponent == 2.0:
        return e.emit("square", x)
    return e.emit("power", x, exponent=exponent) if exponent > 1.0 else root(e, x, exponent)


def dot(e: Emitter, a: Value, b: Value) -> Value:
    """Emit the sum of products over the last dimension."""
    return over_last(e, "sum", e.emit("mul", a, b))


def distance(e: Emitter, a: Value, b: Value, *, p: float = 2.0, eps: float = 1e-6) -> Value:
    """Emit torch's pairwise distance, the p-norm of a - b + eps over the last dimension."""
    difference = e.emit("shift", e.emit("sub", a, b), amount=eps)
    sizes = difference if p == 2.0 else e.emit("abs", difference)
    summed = over_last(e, "sum", power(e, sizes, p))
    return power(e, summed, 1.0 / p)


def cosine(e: Emitter, a: Value, b: Value, *, eps: float = 1e-12) -> Value:
    """Emit the cosine of the angle between a and b over the last dimension; eps is added to squared sizes."""
    sizes = [e.emit("shift", dot(e, x, x), amount=eps) for x in (a, b)]
    return e.emit("div", dot(e, a, b), e.emit("sqrt", e.emit("mul", *sizes)))
