"""Activations that pay as ops of their own, each with its gradient op beside it."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.elementwise import first_like, same_type
from graphnet.ops.op import Op, Options, Types

TANH = Op(
    name="tanh",
    formula="y = tanh(x)",
    operands=("x",),
    results=("y",),
    infer=same_type,
    adjoint={"x": lambda c: c.emit("tanh_gradient", c.g, c["y"])},
    elementwise=True,
    in_place=("x",),
)

TANH_GRADIENT = Op(
    name="tanh_gradient",
    formula="out = g * (1 - y^2)",
    operands=("g", "y"),
    results=("out",),
    infer=same_type,
    adjoint=None,
    scratch=first_like(1),
    elementwise=True,
    in_place=("g",),
)

SIGMOID = Op(
    name="sigmoid",
    formula="y = 1 / (1 + exp(-x))",
    operands=("x",),
    results=("y",),
    infer=same_type,
    adjoint={"x": lambda c: c.emit("sigmoid_gradient", c.g, c["y"])},
    elementwise=True,
    in_place=("x",),
)

SIGMOID_GRADIENT = Op(
    name="sigmoid_gradient",
    formula="out = g * y * (1 - y)",
    operands=("g", "y"),
    results=("out",),
    infer=same_type,
    adjoint=None,
    scratch=first_like(1),
    elementwise=True,
    in_place=("g",),
)

RELU = Op(
    name="relu",
    formula="y = max(x, 0); its gradient at 0 is 0, as in torch",
    operands=("x",),
    results=("y",),
    infer=same_type,
    adjoint={"x": lambda c: c.emit("relu_gradient", c.g, c["y"])},
    elementwise=True,
    in_place=("x",),
)


def _mask(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0].with_dtype("bool"),)


RELU_GRADIENT = Op(
    name="relu_gradient",
    formula="out = g * (1 where y > 0, else 0)",
    operands=("g", "y"),
    results=("out",),
    infer=same_type,
    adjoint=None,
    scratch=_mask,
    elementwise=True,
    in_place=("g",),
)

OPS = (TANH, TANH_GRADIENT, SIGMOID, SIGMOID_GRADIENT, RELU, RELU_GRADIENT)
