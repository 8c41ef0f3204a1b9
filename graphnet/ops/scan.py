"""Ops along axes: greatest values and their places, products, running sums, turning round."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.reduction import reduced_shape
from graphnet.ops.value import Value


def _floats_along(types: Types, options: Options) -> TensorType:
    x, axis = types[0], options["axis"]
    if not x.is_float:
        raise OpError(f"needs floating point numbers, not {x.dtype}")
    if not 0 <= axis < x.rank:
        raise OpError(f"axis {axis} is outside {x}")
    return x


def _same(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (_floats_along(types, options),)


def _one(types: Types, options: Options) -> tuple[TensorType, ...]:
    x = _floats_along(types, options)
    return (x.with_shape(*reduced_shape(x.shape, (options["axis"],), keepdims=True)),)


def _places(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, axis = _floats_along(types, options), options["axis"]
    return (TensorType(x.shape[:axis] + x.shape[axis + 1 :], "int64"),)


def _axis_last(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, axis = types[0], options["axis"]
    return (x.with_shape(*x.shape[:axis], *x.shape[axis + 1 :], x.shape[axis]),)


def _max(types: Types, options: Options) -> tuple[TensorType, ...]:
    x = types[0]
    if not x.is_float:
        raise OpError(f"needs floating point numbers, not {x.dtype}")
    return (x.with_shape(*reduced_shape(x.shape, options["axes"], options["keepdims"])),)


def _max_back(c: Adjoint) -> Value:
    x, axes, keepdims = c["x"], c.options["axes"], c.options["keepdims"]
    wide = c.emit("expand", c["out"], shape=x.shape, axes=axes, mean=False)
    same = c.emit("compare", x, wide, dtype=x.dtype, relation="equal")
    share = c.emit("div", c.g, c.emit("sum", same, axes=axes, keepdims=keepdims))
    return c.emit("mul", same, c.emit("expand", share, shape=x.shape, axes=axes, mean=False))


MAX = Op(
    name="max",
    formula="out = the greatest of x over axes; all elements as great share its gradient evenly",
    operands=("x",),
    results=("out",),
    infer=_max,
    attributes=("axes", "keepdims"),
    adjoint={"x": _max_back},
)

ARGMAX = Op(
    name="argmax",
    formula="out = position along axis of the greatest of x, the first where several are",
    operands=("x",),
    results=("out",),
    infer=_places,
    attributes=("axis",),
    adjoint=None,
    scratch=_axis_last,
    held=("x",),
)


def _prod_back(c: Adjoint) -> Value:
    axis = c.options["axis"]
    return c.emit("mul", c.emit("prod_others", c["x"], axis=axis), c.g)


PROD = Op(
    name="prod",
    formula="out = product of x along axis, which stays with size 1",
    operands=("x",),
    results=("out",),
    infer=_one,
    attributes=("axis",),
    adjoint={"x": _prod_back},
)

PROD_OTHERS = Op(
    name="prod_others",
    formula="out = product of all other elements of x along axis",
    operands=("x",),
    results=("out",),
    infer=_same,
    attributes=("axis",),
    adjoint=None,
    scratch=_same,
)

CUMSUM = Op(
    name="cumsum",
    formula="out[i] = x[0] + ... + x[i] along axis, or x[i] + ... + x[last] if reverse",
    operands=("x",),
    results=("out",),
    infer=_same,
    attributes=("axis", "reverse"),
    adjoint={
        "x": lambda c: c.emit(
            "cumsum", c.g, axis=c.options["axis"], reverse=not c.options["reverse"]
        )
    },
)


def _flip(types: Types, options: Options) -> tuple[TensorType, ...]:
    if not 0 <= options["axis"] < types[0].rank:
        raise OpError(f"axis {options['axis']} is outside {types[0]}")
    return (types[0],)


FLIP = Op(
    name="flip",
    formula="out = x with its elements along axis in reverse order",
    operands=("x",),
    results=("out",),
    infer=_flip,
    attributes=("axis",),
    adjoint={"x": lambda c: c.emit("flip", c.g, axis=c.options["axis"])},
)

OPS = (MAX, ARGMAX, PROD, PROD_OTHERS, CUMSUM, FLIP)
