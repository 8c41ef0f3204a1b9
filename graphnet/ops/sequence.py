"""Ops on sequences of different lengths, padded to one."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _reversed(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, lengths = types
    if x.rank < 2 or lengths.dtype != "int64" or lengths.shape != x.shape[:1]:
        raise OpError(f"cannot reverse {x} by lengths {lengths}")
    return (x,)


def _places(types: Types, options: Options) -> tuple[TensorType, ...]:
    steps = types[1].with_shape(*types[0].shape[:2])
    return (steps, steps.with_dtype("bool"))


def _mask(types: Types, options: Options) -> tuple[TensorType, ...]:
    (lengths,) = types
    if lengths.dtype != "int64" or lengths.rank != 1:
        raise OpError(f"needs one whole number a sample, not {lengths}")
    return (TensorType((*lengths.shape, options["size"]), options["dtype"]),)


REVERSE_SEQUENCE = Op(
    name="reverse_sequence",
    formula="out[n, t] = x[n, lengths[n] - 1 - t] for t < lengths[n], x[n, t] after that",
    operands=("x", "lengths"),
    results=("out",),
    infer=_reversed,
    adjoint={"x": lambda c: c.emit("reverse_sequence", c.g, c["lengths"])},
    scratch=_places,
    contiguous=("x",),
)

LENGTH_MASK = Op(
    name="length_mask",
    formula="out[n, t] = 1 if t < lengths[n], else 0",
    operands=("lengths",),
    results=("out",),
    infer=_mask,
    attributes=("dtype", "size"),
    adjoint=None,
)

OPS = (REVERSE_SEQUENCE, LENGTH_MASK)
