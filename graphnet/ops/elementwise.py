"""Arithmetic on equal positions: binary ops with broadcasting, unary ops, scaling by constants."""

from __future__ import annotations

from graphnet.ir import Dim, Shape, TensorType, shape_text
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, TypeRule, Types
from graphnet.ops.value import Value


def broadcast(a: Shape, b: Shape) -> Shape:
    """Return the shape of `a` and `b` broadcast together, as NumPy aligns them.

    Raises:
        OpError: When a pair of dimensions is neither equal nor 1.
    """
    rank = max(len(a), len(b))
    left = (1,) * (rank - len(a)) + a
    right = (1,) * (rank - len(b)) + b
    joined: list[Dim] = []
    for one, other in zip(left, right, strict=True):
        if one != other and 1 not in (one, other):
            raise OpError(f"shapes {shape_text(a)} and {shape_text(b)} do not fit together")
        joined.append(other if one == 1 else one)
    return tuple(joined)


def same_type(types: Types, options: Options) -> tuple[TensorType, ...]:
    """Type rule: the result is like the first operand, and so are all others."""
    for other in types[1:]:
        if other != types[0]:
            raise OpError(f"{types[0]} and {other} differ")
    return (types[0],)


def binary(types: Types, options: Options) -> tuple[TensorType, ...]:
    """Type rule: two operands of one floating point type, broadcast together."""
    a, b = types
    if a.dtype != b.dtype or not a.is_float:
        raise OpError(f"element types {a.dtype} and {b.dtype} do not fit together")
    return (TensorType(broadcast(a.shape, b.shape), a.dtype),)


def float_unary(types: Types, options: Options) -> tuple[TensorType, ...]:
    """Type rule: the result is like the operand, which holds floating point numbers."""
    if not types[0].is_float:
        raise OpError(f"needs floating point numbers, not {types[0].dtype}")
    return (types[0],)


def first_like(count: int) -> TypeRule:
    """Return a scratch rule: `count` workspaces like the first operand."""
    return lambda types, options: (types[0],) * count


def _negate(c: Adjoint) -> Value:
    return c.like(c.emit("scale", c.g, factor=-1.0), c["b"].type)


def _quotient_b(c: Adjoint) -> Value:
    share = c.emit("div", c.emit("mul", c.g, c["out"]), c["b"])
    return c.like(c.emit("scale", share, factor=-1.0), c["b"].type)


ADD = Op(
    name="add",
    formula="out = a + b",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={"a": lambda c: c.like(c.g, c["a"].type), "b": lambda c: c.like(c.g, c["b"].type)},
    elementwise=True,
    in_place=("a", "b"),
)

SUB = Op(
    name="sub",
    formula="out = a - b",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={"a": lambda c: c.like(c.g, c["a"].type), "b": _negate},
    elementwise=True,
    in_place=("a", "b"),
)

MUL = Op(
    name="mul",
    formula="out = a * b",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={
        "a": lambda c: c.like(c.emit("mul", c.g, c["b"]), c["a"].type),
        "b": lambda c: c.like(c.emit("mul", c.g, c["a"]), c["b"].type),
    },
    elementwise=True,
    in_place=("a", "b"),
)

DIV = Op(
    name="div",
    formula="out = a / b",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={
        "a": lambda c: c.like(c.emit("div", c.g, c["b"]), c["a"].type),
        "b": _quotient_b,
    },
    elementwise=True,
    in_place=("a", "b"),
)

SCALE = Op(
    name="scale",
    formula="out = factor * x",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    attributes=("factor",),
    adjoint={"x": lambda c: c.emit("scale", c.g, factor=c.options["factor"])},
    elementwise=True,
    in_place=("x",),
)

SHIFT = Op(
    name="shift",
    formula="out = x + amount",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    attributes=("amount",),
    adjoint={"x": lambda c: c.g},
    elementwise=True,
    in_place=("x",),
)

SQUARE = Op(
    name="square",
    formula="out = x * x",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint={"x": lambda c: c.emit("mul", c.g, c.emit("scale", c["x"], factor=2.0))},
    elementwise=True,
    in_place=("x",),
)

SQRT = Op(
    name="sqrt",
    formula="out = sqrt(x)",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint={"x": lambda c: c.emit("scale", c.emit("div", c.g, c["out"]), factor=0.5)},
    elementwise=True,
    in_place=("x",),
)

EXP = Op(
    name="exp",
    formula="out = exp(x)",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint={"x": lambda c: c.emit("mul", c.g, c["out"])},
    elementwise=True,
    in_place=("x",),
)

LOG = Op(
    name="log",
    formula="out = log(x), to base e",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint={"x": lambda c: c.emit("div", c.g, c["x"])},
    elementwise=True,
    in_place=("x",),
)

ABS = Op(
    name="abs",
    formula="out = |x|; its gradient at 0 is 0, as in torch",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint={"x": lambda c: c.emit("mul", c.g, c.emit("sign", c["x"]))},
    elementwise=True,
    in_place=("x",),
)

SIGN = Op(
    name="sign",
    formula="out = -1, 0 or 1 as x is below, at or above 0",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    adjoint=None,
    elementwise=True,
    in_place=("x",),
)

MAXIMUM = Op(
    name="maximum",
    formula="out = max(a, b)",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={
        "a": lambda c: c.like(
            c.emit("mul", c.g, c.emit("maximum_share", c["a"], c["b"])), c["a"].type
        ),
        "b": lambda c: c.like(
            c.emit("mul", c.g, c.emit("maximum_share", c["b"], c["a"])), c["b"].type
        ),
    },
    elementwise=True,
    in_place=("a", "b"),
)

MAXIMUM_SHARE = Op(
    name="maximum_share",
    formula="out = 1 where a > b, 1/2 where a = b as in torch, else 0",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint=None,
    elementwise=True,
    in_place=("a", "b"),
)

COPY = Op(
    name="copy",
    formula="out = x",
    operands=("x",),
    results=("out",),
    infer=lambda types, options: (types[0],),
    adjoint={"x": lambda c: c.g},
    elementwise=True,
    in_place=("x",),
)

OPS = (
    ADD,
    SUB,
    MUL,
    DIV,
    SCALE,
    SHIFT,
    SQUARE,
    SQRT,
    EXP,
    LOG,
    ABS,
    SIGN,
    MAXIMUM,
    MAXIMUM_SHARE,
    COPY,
)
