"""Arithmetic that optimizers share: averages, decay, and numbers that may change from update to update."""

from __future__ import annotations

from graphnet.ops import Emitter, Value
from graphnet.optimizers.vector import Number, ParameterVector


def single(e: Emitter, number: Number) -> Value:
    """Return a number as a single float64."""
    return number if isinstance(number, Value) else e.constant(number, "float64")


def narrowed(e: Emitter, number: Value, dtype: str) -> Value:
    """Return a single float64 in the element type of the network."""
    return e.emit("affine", number, factor=1.0, offset=0.0, dtype=dtype)


def times(e: Emitter, x: Value, factor: Number, into: Value | None = None) -> Value:
    """Emit `factor * x`."""
    if isinstance(factor, Value):
        return e.emit("mul", x, narrowed(e, factor, x.dtype), into=into)
    return e.emit("scale", x, into=into, factor=factor)


def complement(e: Emitter, number: Number) -> Number:
    """Return `1 - number`, emitted where it changes."""
    if isinstance(number, Value):
        return e.emit("affine", number, factor=-1.0, offset=1.0, dtype="float64")
    return 1.0 - number


def average_into(e: Emitter, average: Value, value: Value, beta: Number) -> None:
    """Emit `average = beta * average + (1 - beta) * value`, in place."""
    times(e, average, beta, into=average)
    e.emit("add", average, times(e, value, complement(e, beta)), into=average)


def decayed(e: Emitter, v: ParameterVector, weight_decay: float) -> Value:
    """Emit `g + weight_decay * p`, the gradient of an added L2 penalty; nothing for 0."""
    decay = v.setting("weight_decay", weight_decay)
    if decay == 0.0:
        return v.g
    return e.emit("add", v.g, times(e, v.p, decay))


def shrink(e: Emitter, v: ParameterVector, weight_decay: float) -> None:
    """Emit `p = p (1 - lr * weight_decay)`, decay apart from the gradient; nothing for 0."""
    decay = v.setting("weight_decay", weight_decay)
    if decay == 0.0:
        return
    if isinstance(decay, Value):
        share = e.emit("mul", v.lr, decay)
        kept = e.emit("affine", share, factor=-1.0, offset=1.0, dtype=v.p.dtype)
    else:
        kept = e.emit("affine", v.lr, factor=-decay, offset=1.0, dtype=v.p.dtype)
    e.emit("mul", v.p, kept, into=v.p)


def descend(e: Emitter, v: ParameterVector, move: Value, rate: Value | None = None) -> None:
    """Emit `p = p - rate * move`.

    Args:
        e: Where instructions go.
        v: Whose `p` is changed.
        move: (P,).
        rate: A single number of the network's type; the learning rate where left out.
    """
    size = narrowed(e, v.lr, v.p.dtype) if rate is None else rate
    e.emit("sub", v.p, e.emit("mul", move, size), into=v.p)


def counted(e: Emitter, v: ParameterVector) -> Value:
    """Declare the count of updates, `step`, and emit its increment: 1 in the first update."""
    step = v.counter("step")
    e.emit("increment", accumulates=(step,))
    return step


def correction(e: Emitter, step: Value, beta: Number, power: float, dtype: str) -> Value:
    """Emit `(1 - beta^t)^power`: what averages that start at zero are too small by after t updates."""
    if isinstance(beta, Value):
        left = e.emit("raised", beta, step, dtype="float64")
        whole = complement(e, left)
        raised = e.emit("raised", single(e, whole), single(e, power), dtype="float64")
        return narrowed(e, raised, dtype)
    return e.emit("bias_correction", step, beta=beta, delay=0, power=power, dtype=dtype)


def norm(e: Emitter, vector: Value) -> Value:
    """Emit the length of a vector, a single number of its own type."""
    return e.emit("sqrt", e.emit("dot", vector, vector))


def ratio_or_one(e: Emitter, above: Value, below: Value) -> Value:
    """Emit `above / below` where both single numbers are above 0, else 1."""
    both = e.emit("mul", e.emit("sign", above), e.emit("sign", below))
    other = e.emit("shift", e.emit("scale", both, factor=-1.0), amount=1.0)
    top = e.emit("add", e.emit("mul", above, both), other)
    return e.emit("div", top, e.emit("add", e.emit("mul", below, both), other))
