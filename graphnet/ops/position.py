"""Constants that depend on positions alone; they are computed once, when a batch size is bound."""

from __future__ import annotations

from graphnet.ir import FLOATS, TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _table(types: Types, options: Options) -> tuple[TensorType, ...]:
    rows, size = options["rows"], options["size"]
    if rows < 1 or size < 1:
        raise OpError(f"a table of {rows} rows and {size} columns is empty")
    if options["dtype"] not in FLOATS:
        raise OpError(f"gives floating point numbers, not {options['dtype']}")
    return (TensorType((rows, size), options["dtype"]),)


def _angles(types: Types, options: Options) -> tuple[TensorType, ...]:
    if options["base"] <= 0:
        raise OpError(f"base must be above 0, not {options['base']}")
    return _table(types, options)


CAUSAL_MASK = Op(
    name="causal_mask",
    formula="out[i, j] = 1 for j <= i, else 0, i of rows and j of size",
    operands=(),
    results=("out",),
    infer=_table,
    attributes=("dtype", "rows", "size"),
    adjoint=None,
)

POSITION_ANGLES = Op(
    name="position_angles",
    formula="out[i, j] = i base^(-j / size), i of rows and j of size",
    operands=(),
    results=("out",),
    infer=_angles,
    attributes=("base", "dtype", "rows", "size"),
    adjoint=None,
)

OPS = (CAUSAL_MASK, POSITION_ANGLES)
