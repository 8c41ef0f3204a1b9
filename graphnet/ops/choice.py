"""Comparison, choice by a condition, and values that are held fixed."""

from __future__ import annotations

from graphnet.ir import FLOATS, TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.elementwise import binary, broadcast
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value

RELATIONS = ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
"""How two numbers can be compared."""


def _compare(types: Types, options: Options) -> tuple[TensorType, ...]:
    a, b = types
    if a.dtype != b.dtype:
        raise OpError(f"element types {a.dtype} and {b.dtype} do not fit together")
    if options["relation"] not in RELATIONS:
        raise OpError(f"there is no relation {options['relation']!r}")
    if options["dtype"] not in (*FLOATS, "int64"):
        raise OpError(f"gives numbers, not {options['dtype']}")
    return (TensorType(broadcast(a.shape, b.shape), options["dtype"]),)


COMPARE = Op(
    name="compare",
    formula="out = 1 where a stands to b in the relation, else 0",
    operands=("a", "b"),
    results=("out",),
    infer=_compare,
    attributes=("dtype", "relation"),
    adjoint=None,
    elementwise=True,
    held=("a", "b"),
)


def _where(types: Types, options: Options) -> tuple[TensorType, ...]:
    condition, a, b = types
    if a.dtype != b.dtype:
        raise OpError(f"element types {a.dtype} and {b.dtype} do not fit together")
    return (TensorType(broadcast(condition.shape, broadcast(a.shape, b.shape)), a.dtype),)


def _truth(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0].with_dtype("bool"),)


def _chosen(c: Adjoint) -> Value:
    return c.like(c.emit("where", c["condition"], c.g, c.constant(0.0)), c["a"].type)


def _left(c: Adjoint) -> Value:
    return c.like(c.emit("where", c["condition"], c.constant(0.0), c.g), c["b"].type)


WHERE = Op(
    name="where",
    formula="out = a where condition is not 0, else b",
    operands=("condition", "a", "b"),
    results=("out",),
    infer=_where,
    adjoint={"a": _chosen, "b": _left},
    scratch=_truth,
    elementwise=True,
    held=("condition",),
)

MINIMUM = Op(
    name="minimum",
    formula="out = min(a, b)",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={
        "a": lambda c: c.like(
            c.emit("mul", c.g, c.emit("maximum_share", c["b"], c["a"])), c["a"].type
        ),
        "b": lambda c: c.like(
            c.emit("mul", c.g, c.emit("maximum_share", c["a"], c["b"])), c["b"].type
        ),
    },
    elementwise=True,
    in_place=("a", "b"),
)

DETACH = Op(
    name="detach",
    formula="out = x, taken as given: no gradient flows back",
    operands=("x",),
    results=("out",),
    infer=lambda types, options: (types[0],),
    adjoint=None,
    elementwise=True,
    in_place=("x",),
    held=("x",),
)

OPS = (COMPARE, WHERE, MINIMUM, DETACH)
