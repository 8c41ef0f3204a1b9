"""Circular functions and powers of each element."""

from __future__ import annotations

from graphnet.ops.adjoint import Adjoint
from graphnet.ops.elementwise import binary, float_unary
from graphnet.ops.op import AdjointRule, Op
from graphnet.ops.value import Value


def _function(name: str, formula: str, rule: AdjointRule) -> Op:
    return Op(
        name=name,
        formula=formula,
        operands=("x",),
        results=("out",),
        infer=float_unary,
        adjoint={"x": rule},
        elementwise=True,
        in_place=("x",),
    )


def _cos_back(c: Adjoint) -> Value:
    return c.emit("scale", c.emit("mul", c.g, c.emit("sin", c["x"])), factor=-1.0)


SIN = _function("sin", "out = sin(x)", lambda c: c.emit("mul", c.g, c.emit("cos", c["x"])))
COS = _function("cos", "out = cos(x)", _cos_back)


def _power_back(c: Adjoint) -> Value:
    exponent = float(c.options["exponent"])  # type: ignore[arg-type]
    if exponent == 0.0:  # 0^(0 - 1) is infinite, the gradient is 0 all the same
        return c.emit("scale", c.g, factor=0.0)
    slope = c.emit("power", c["x"], exponent=exponent - 1.0)
    return c.emit("mul", c.g, c.emit("scale", slope, factor=exponent))


POWER = Op(
    name="power",
    formula="out = x^exponent",
    operands=("x",),
    results=("out",),
    infer=float_unary,
    attributes=("exponent",),
    adjoint={"x": _power_back},
    elementwise=True,
    in_place=("x",),
)


def _base_back(c: Adjoint) -> Value:
    # An exponent of 0 gives no gradient, even where 0^(0 - 1) is infinite.
    a, b = c["a"], c["b"]
    slope = c.emit("mul", b, c.emit("pow", a, c.emit("shift", b, amount=-1.0)))
    some = c.emit("compare", b, c.constant(0.0), dtype=b.dtype, relation="not_equal")
    return c.like(c.emit("mul", c.g, c.emit("where", some, slope, c.constant(0.0))), a.type)


def _exponent_back(c: Adjoint) -> Value:
    # 0^b does not change with b > 0, so that its gradient is 0, though log(0) is infinite.
    a, b, zero = c["a"], c["b"], c.constant(0.0)
    slope = c.emit("mul", c["out"], c.emit("log", a))
    some = c.emit("compare", a, zero, dtype=a.dtype, relation="not_equal")
    return c.like(c.emit("mul", c.g, c.emit("where", some, slope, zero)), b.type)


POW = Op(
    name="pow",
    formula="out = a^b",
    operands=("a", "b"),
    results=("out",),
    infer=binary,
    adjoint={"a": _base_back, "b": _exponent_back},
    elementwise=True,
    in_place=("a", "b"),
)

OPS = (SIN, COS, POWER, POW)
