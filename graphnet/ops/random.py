"""Ops that draw random numbers, each from a stream of its own."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _mask(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not 0.0 <= options["p"] < 1.0:
        raise OpError(f"p must be at least 0 and below 1, not {options['p']}")
    return (types[0],)


DROPOUT_MASK = Op(
    name="dropout_mask",
    formula="out = floor(u + 1 - p) / (1 - p), u uniform on [0, 1) from the stream named by `stream`; "
    "like is looked at for its shape only",
    operands=("like",),
    results=("out",),
    infer=_mask,
    attributes=("p", "stream"),
    adjoint=None,
    shape_only=("like",),
)

OPS = (DROPOUT_MASK,)
