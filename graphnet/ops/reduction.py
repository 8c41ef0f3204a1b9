"""Sums and means over axes, and their adjoint: spreading a value back over them."""

from __future__ import annotations

from graphnet.ir import Shape, TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import AdjointRule, Op, OpError, Options, Types
from graphnet.ops.reorder import reduced, spread
from graphnet.ops.value import Value


def reduced_shape(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    """Return a shape without the axes, or with them as 1.

    Raises:
        OpError: When the axes are not ascending, different and inside the shape.
    """
    if list(axes) != sorted(set(axes)) or any(not 0 <= axis < len(shape) for axis in axes):
        raise OpError(f"axes {axes} do not fit {len(shape)} dimensions")
    kept = tuple(1 if axis in axes else dim for axis, dim in enumerate(shape))
    return kept if keepdims else tuple(d for axis, d in enumerate(shape) if axis not in axes)


def _reduce(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not types[0].is_float:
        raise OpError(f"needs floating point numbers, not {types[0].dtype}")
    return (
        types[0].with_shape(*reduced_shape(types[0].shape, options["axes"], options["keepdims"])),
    )


def _expand(types: Types, options: Options) -> tuple[TensorType, ...]:
    shape, axes = options["shape"], options["axes"]
    narrow = {reduced_shape(shape, axes, keepdims) for keepdims in (True, False)}
    if types[0].shape not in narrow:
        raise OpError(f"cannot spread {types[0]} over axes {axes}")
    return (types[0].with_shape(*shape),)


def _spread(mean: bool) -> AdjointRule:
    return lambda c: c.emit("expand", c.g, shape=c["x"].shape, axes=c.options["axes"], mean=mean)


def _fold(c: Adjoint) -> Value:
    op = "mean" if c.options["mean"] else "sum"
    same_rank = c["x"].rank == c["out"].rank
    return c.emit(op, c.g, axes=c.options["axes"], keepdims=same_rank)


SUM = Op(
    name="sum",
    formula="out = sum of x over axes",
    operands=("x",),
    results=("out",),
    infer=_reduce,
    attributes=("axes", "keepdims"),
    adjoint={"x": _spread(mean=False)},
    reorder=reduced,
)

MEAN = Op(
    name="mean",
    formula="out = mean of x over axes",
    operands=("x",),
    results=("out",),
    infer=_reduce,
    attributes=("axes", "keepdims"),
    adjoint={"x": _spread(mean=True)},
    reorder=reduced,
)

EXPAND = Op(
    name="expand",
    formula="out = x repeated over axes to shape, divided by their size if mean",
    operands=("x",),
    results=("out",),
    infer=_expand,
    attributes=("axes", "mean", "shape"),
    adjoint={"x": _fold},
    reorder=spread,
)


def _dot(types: Types, options: Options) -> tuple[TensorType, ...]:
    a, b = types
    if a != b or a.rank != 1 or not a.is_float:
        raise OpError(f"cannot sum products of {a} and {b}")
    return (a.with_shape(),)


DOT = Op(
    name="dot",
    formula="out = sum_i a[i] b[i]",
    operands=("a", "b"),
    results=("out",),
    infer=_dot,
    adjoint={
        "a": lambda c: c.emit("mul", c["b"], c.g),
        "b": lambda c: c.emit("mul", c["a"], c.g),
    },
    contiguous=("a", "b"),
)

OPS = (SUM, MEAN, EXPAND, DOT)
