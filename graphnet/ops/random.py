"""Ops that draw random numbers from named streams, a fixed count for each element."""

from __future__ import annotations

from graphnet.ir import FLOATS, TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _drawn(types: Types, options: Options) -> tuple[TensorType, ...]:
    if options["dtype"] not in FLOATS:
        raise OpError(f"draws floating point numbers, not {options['dtype']}")
    return (TensorType(tuple(options["shape"]), options["dtype"]),)


def _mask(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not 0.0 <= options["p"] < 1.0:
        raise OpError(f"p must be at least 0 and below 1, not {options['p']}")
    return _drawn(types, options)


DROPOUT_MASK = Op(
    name="dropout_mask",
    formula="out = floor(u + 1 - p) / (1 - p), u uniform on [0, 1) from the stream named by `stream`",
    operands=(),
    results=("out",),
    infer=_mask,
    attributes=("dtype", "p", "shape", "stream"),
    adjoint=None,
    draws=1,
)

UNIFORM = Op(
    name="uniform",
    formula="out = u, uniform on [0, 1) from the stream named by `stream`",
    operands=(),
    results=("out",),
    infer=_drawn,
    attributes=("dtype", "shape", "stream"),
    adjoint=None,
    draws=1,
)

STANDARD_NORMAL = Op(
    name="standard_normal",
    formula="out = sqrt(-2 log(1 - u)) cos(2 pi v), u and then v as many uniform numbers on [0, 1) from the "
    "stream named by `stream` (Box and Muller 1958)",
    operands=(),
    results=("out",),
    infer=_drawn,
    attributes=("dtype", "shape", "stream"),
    adjoint=None,
    scratch=_drawn,
    draws=2,
)

OPS = (DROPOUT_MASK, UNIFORM, STANDARD_NORMAL)
