"""Ops that make something of targets: no gradient ever flows into those."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.op import Op, OpError, Options, Types


def _literal(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not options["values"]:
        raise OpError("needs at least one value")
    return (TensorType((len(options["values"]),), options["dtype"]),)


LITERAL = Op(
    name="literal",
    formula="out = values",
    operands=(),
    results=("out",),
    infer=_literal,
    attributes=("dtype", "values"),
    adjoint=None,
)


def _class_weights(types: Types, options: Options) -> tuple[TensorType, ...]:
    table, index = types
    if table.rank != 1 or not table.is_float or index.dtype != "int64":
        raise OpError(f"needs a weight for each class and class indices, not {table} and {index}")
    return (index.with_dtype(table.dtype), index)


CLASS_WEIGHTS = Op(
    name="class_weights",
    formula="weight = table[index], kept = index; both are 0 where index = ignore_index",
    operands=("table", "index"),
    results=("weight", "kept"),
    infer=_class_weights,
    attributes=("ignore_index",),
    adjoint=None,
    scratch=lambda types, options: (types[1].with_dtype("bool"),),
    contiguous=("table", "index"),
)


def _multi_hot(types: Types, options: Options) -> tuple[TensorType, ...]:
    index, base = types
    if index.rank != 2 or index.dtype != "int64" or base != index.with_shape(index.shape[0]):
        raise OpError(f"needs lists of class indices and where rows begin, not {index} and {base}")
    return (index.with_dtype(options["dtype"]),)


def _rows(types: Types, options: Options) -> tuple[TensorType, ...]:
    row = types[1]
    return (row.with_dtype("bool"), row, row.with_dtype(options["dtype"]))


MULTI_HOT = Op(
    name="multi_hot",
    formula="out[n, c] = how often c stands in index[n] before the first ignore_index; base = "
    "base_positions of out along axis 1",
    operands=("index", "base"),
    results=("out",),
    infer=_multi_hot,
    attributes=("dtype", "ignore_index"),
    adjoint=None,
    scratch=_rows,
    contiguous=("index", "base"),
)

OPS = (LITERAL, CLASS_WEIGHTS, MULTI_HOT)
