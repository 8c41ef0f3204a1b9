"""Softmax and log-softmax along one axis."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.elementwise import same_type
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.reorder import along_axis


def reduced(kind: TensorType, axis: int) -> TensorType:
    """Return the type with one axis shrunk to 1."""
    shape = list(kind.shape)
    shape[axis] = 1
    return kind.with_shape(*shape)


def _along(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not 0 <= options["axis"] < types[0].rank:
        raise OpError(f"axis {options['axis']} is outside {types[0]}")
    return same_type(types, options)


def _one_reduced(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (reduced(types[0], options["axis"]),)


def line(kind: TensorType, axis: int) -> TensorType:
    """Return the type of a vector along one axis: of the ones that a sum is a product with."""
    return kind.with_shape(kind.shape[axis])


def _reduced_and_line(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (*_one_reduced(types, options), line(types[0], options["axis"]))


def _full_and_reduced(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0], *_reduced_and_line(types, options))


SOFTMAX = Op(
    name="softmax",
    formula="y = exp(x - max x) / sum exp(x - max x), along axis",
    operands=("x",),
    results=("y",),
    infer=_along,
    attributes=("axis",),
    adjoint={"x": lambda c: c.emit("softmax_gradient", c.g, c["y"], axis=c.options["axis"])},
    scratch=_reduced_and_line,
    in_place=("x",),
    reorder=along_axis,
)

SOFTMAX_GRADIENT = Op(
    name="softmax_gradient",
    formula="out = y * (g - sum(g * y)), sums along axis",
    operands=("g", "y"),
    results=("out",),
    infer=_along,
    attributes=("axis",),
    adjoint=None,
    scratch=_one_reduced,
    in_place=(),
    reorder=along_axis,
)

LOG_SOFTMAX = Op(
    name="log_softmax",
    formula="y = x - max x - log sum exp(x - max x), along axis",
    operands=("x",),
    results=("y",),
    infer=_along,
    attributes=("axis",),
    adjoint={"x": lambda c: c.emit("log_softmax_gradient", c.g, c["y"], axis=c.options["axis"])},
    scratch=_full_and_reduced,
    in_place=("x",),
    reorder=along_axis,
)

LOG_SOFTMAX_GRADIENT = Op(
    name="log_softmax_gradient",
    formula="out = g - exp(y) * sum(g), sum along axis",
    operands=("g", "y"),
    results=("out",),
    infer=_along,
    attributes=("axis",),
    adjoint=None,
    scratch=_one_reduced,
    in_place=(),
    reorder=along_axis,
)

OPS = (SOFTMAX, SOFTMAX_GRADIENT, LOG_SOFTMAX, LOG_SOFTMAX_GRADIENT)
