"""Ops that move or regroup elements without changing them."""

from __future__ import annotations

from typing import Any

from graphnet.ir import Dim, TensorType, same_count, shape_text
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import AdjointRule, Op, OpError, Options, Types
from graphnet.ops.reorder import along_axis
from graphnet.ops.value import Value


def _reshape(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, shape = types[0], tuple(options["shape"])
    if not same_count(x.shape, shape):
        raise OpError(f"{shape_text(x.shape)} has not as many elements as {shape_text(shape)}")
    return (x.with_shape(*shape),)


def _permute(types: Types, options: Options) -> tuple[TensorType, ...]:
    axes = options["axes"]
    if sorted(axes) != list(range(types[0].rank)):
        raise OpError(f"axes {axes} are not an order of the {types[0].rank} dimensions")
    return (types[0].with_shape(*(types[0].shape[axis] for axis in axes)),)


def _unpermute(c: Adjoint) -> Value:
    axes: Any = c.options["axes"]
    back = tuple(sorted(range(c.g.rank), key=lambda axis: axes[axis]))
    return c.emit("permute", c.g, axes=back)


def _slice(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, axis, start, stop = types[0], options["axis"], options["start"], options["stop"]
    size = x.shape[axis] if 0 <= axis < x.rank else None
    if not isinstance(size, int) or not 0 <= start < stop <= size:
        raise OpError(f"cannot take {start}:{stop} of axis {axis} of {x}")
    return (_with_size(x, axis, stop - start),)


def _unslice(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, axis, start, size = types[0], options["axis"], options["start"], options["size"]
    inner = g.shape[axis]
    if not isinstance(inner, int) or start + inner > size:
        raise OpError(f"{g} does not fit into {size} along axis {axis} from {start}")
    return (_with_size(g, axis, size),)


def _with_size(kind: TensorType, axis: int, size: Dim) -> TensorType:
    return kind.with_shape(*(size if at == axis else dim for at, dim in enumerate(kind.shape)))


def _concat(types: Types, options: Options) -> tuple[TensorType, ...]:
    axis = options["axis"]
    if not 0 <= axis < types[0].rank:
        raise OpError(f"axis {axis} is outside {types[0]}")
    total = 0
    for kind in types:
        size = kind.shape[axis] if kind.rank == types[0].rank else None
        if not isinstance(size, int) or _with_size(kind, axis, 1) != _with_size(types[0], axis, 1):
            raise OpError(f"cannot join {types[0]} and {kind} along axis {axis}")
        total += size
    return (_with_size(types[0], axis, total),)


def _slice_back(c: Adjoint) -> Value:
    axis = int(c.options["axis"])  # type: ignore[arg-type]
    size, start = c["x"].shape[axis], c.options["start"]
    return c.emit("unslice", c.g, axis=axis, start=start, size=size)


def _unslice_back(c: Adjoint) -> Value:
    axis, start = int(c.options["axis"]), int(c.options["start"])  # type: ignore[arg-type]
    stop = start + int(c["x"].shape[axis])  # type: ignore[arg-type]
    return c.emit("slice", c.g, axis=axis, start=start, stop=stop)


def _part(c: Adjoint) -> Value:
    axis = int(c.options["axis"])  # type: ignore[arg-type]
    sizes = [int(value.shape[axis]) for value in c.every("xs")]  # type: ignore[arg-type]
    start = sum(sizes[: c.position])
    return c.emit("slice", c.g, axis=axis, start=start, stop=start + sizes[c.position])


_REGROUP: AdjointRule = lambda c: c.emit("reshape", c.g, shape=c["x"].shape)  # noqa: E731 - a rule

RESHAPE = Op(
    name="reshape",
    formula="out = x, the same elements in the same order, in another shape",
    operands=("x",),
    results=("out",),
    infer=_reshape,
    attributes=("shape",),
    adjoint={"x": _REGROUP},
)

PERMUTE = Op(
    name="permute",
    formula="out[i0, i1, ...] = x with axis axes[k] of x as axis k of out",
    operands=("x",),
    results=("out",),
    infer=_permute,
    attributes=("axes",),
    adjoint={"x": _unpermute},
)

SLICE = Op(
    name="slice",
    formula="out = x[start:stop] along axis",
    operands=("x",),
    results=("out",),
    infer=_slice,
    attributes=("axis", "start", "stop"),
    adjoint={"x": _slice_back},
    reorder=along_axis,
)

UNSLICE = Op(
    name="unslice",
    formula="out = 0 but for out[start:start + size of x] = x along axis of the given size",
    operands=("x",),
    results=("out",),
    infer=_unslice,
    attributes=("axis", "size", "start"),
    adjoint={"x": _unslice_back},
    reorder=along_axis,
)

CONCAT = Op(
    name="concat",
    formula="out = xs one after the other along axis",
    operands=("*xs",),
    results=("out",),
    infer=_concat,
    attributes=("axis",),
    adjoint={"xs": _part},
    reorder=along_axis,
)

OPS = (RESHAPE, PERMUTE, SLICE, UNSLICE, CONCAT)
