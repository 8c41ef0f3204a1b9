"""Resampling: elements repeated, padded, averaged or interpolated along an axis."""

from __future__ import annotations

from typing import Any

from graphnet.ir import FLOATS, TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.reorder import Order, Reordered, along_axis, inverse
from graphnet.ops.value import Value
from graphnet.ops.window import resized, sizes_along


def _size(kind: TensorType, axis: int) -> int:
    (size,) = sizes_along(kind, (axis,))
    if not isinstance(size, int):
        raise OpError(f"axis {axis} of {kind} is not of a fixed size")
    return size


def _take(types: Types, options: Options) -> tuple[TensorType, ...]:
    (x,), axis, places = types, options["axis"], options["places"]
    size = _size(x, axis)
    if not places or min(places) < 0 or max(places) >= size:
        raise OpError(f"places {places} are not inside the {size} elements")
    return (resized(x, (axis,), (len(places),)),)


def _untake(types: Types, options: Options) -> tuple[TensorType, ...]:
    (g,), axis = types, options["axis"]
    x = resized(g, (axis,), (options["size"],))
    if _size(g, axis) != len(options["places"]) or (g,) != _take((x,), options):
        raise OpError(f"{g} are not {len(options['places'])} elements of {x}")
    return (x,)


def _untaken(c: Adjoint) -> Value:
    axis: Any = c.options["axis"]
    size = c["x"].shape[axis]
    return c.emit("untake", c.g, axis=axis, places=c.options["places"], size=size)


TAKE = Op(
    name="take",
    formula="out[..., k, ...] = x[..., places[k], ...] along axis",
    operands=("x",),
    results=("out",),
    infer=_take,
    attributes=("axis", "places"),
    adjoint={"x": _untaken},
    reorder=along_axis,
)

UNTAKE = Op(
    name="untake",
    formula="out (of the given size along axis) = 0, then out[..., places[k], ...] += g[..., k, ...] for all "
    "k",
    operands=("g",),
    results=("out",),
    infer=_untake,
    attributes=("axis", "places", "size"),
    adjoint={
        "g": lambda c: c.emit("take", c.g, axis=c.options["axis"], places=c.options["places"])
    },
    reorder=along_axis,
)


def _pad(types: Types, options: Options) -> tuple[TensorType, ...]:
    (x,), before, after = types, options["before"], options["after"]
    if len(before) != x.rank or len(after) != x.rank or min((*before, *after)) < 0:
        raise OpError(f"cannot put {before} before and {after} behind {x}")
    axes = [axis for axis in range(x.rank) if before[axis] or after[axis]]
    sizes = [before[axis] + _size(x, axis) + after[axis] for axis in axes]
    return (resized(x, axes, sizes),)


def _unpad(c: Adjoint) -> Value:
    before: Any = c.options["before"]
    g = c.g
    for axis, (start, size) in enumerate(zip(before, c["x"].shape, strict=True)):
        if g.shape[axis] != size and isinstance(size, int):
            g = c.emit("slice", g, axis=axis, start=start, stop=start + size)
    return g


def _pad_reordered(options: Options, order: Order) -> Reordered:
    back = inverse(order)
    rows = {key: tuple(options[key][axis] for axis in back) for key in ("before", "after")}
    return {**options, **rows}, order


PAD = Op(
    name="pad",
    formula="out = x with before[k] elements before and after[k] behind it along each axis k, all of them "
    "value",
    operands=("x",),
    results=("out",),
    infer=_pad,
    attributes=("after", "before", "value"),
    adjoint={"x": _unpad},
    reorder=_pad_reordered,
)


def _axis_product(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, matrix = types
    axis = options["axis"]
    if matrix.rank != 2 or matrix.dtype != x.dtype or not x.is_float:
        raise OpError(f"cannot multiply {x} by {matrix} along axis {axis}")
    count, size = matrix.shape[::-1] if options["transpose"] else matrix.shape
    if _size(x, axis) != size:
        raise OpError(f"axis {axis} of {x} has not the {size} columns of {matrix}")
    return (resized(x, (axis,), (count,)),)


def _axis_back(c: Adjoint) -> Value:
    turned = not c.options["transpose"]
    return c.emit("axis_product", c.g, c["matrix"], axis=c.options["axis"], transpose=turned)


AXIS_PRODUCT = Op(
    name="axis_product",
    formula="out[..., i, ...] = sum over k of matrix[i, k] * x[..., k, ...] along axis, the matrix turned "
    "first if transpose",
    operands=("x", "matrix"),
    results=("out",),
    infer=_axis_product,
    attributes=("axis", "transpose"),
    adjoint={"x": _axis_back},
    held=("matrix",),
    reorder=along_axis,
)


def _matrix(types: Types, options: Options) -> tuple[TensorType, ...]:
    count, size, dtype = options["count"], options["size"], options["dtype"]
    if count < 1 or size < 1 or dtype not in FLOATS:
        raise OpError(f"cannot make a {dtype} matrix of {count} rows and {size} columns")
    return (TensorType((count, size), dtype),)


AVERAGING_MATRIX = Op(
    name="averaging_matrix",
    formula="out[i, k] = 1 / (end - start) for start <= k < end, else 0; start = floor(i * size / count), "
    "end = ceil((i + 1) * size / count)",
    operands=(),
    results=("out",),
    infer=_matrix,
    attributes=("count", "dtype", "size"),
    adjoint=None,
)


def _interpolation(types: Types, options: Options) -> tuple[TensorType, ...]:
    if options["mode"] not in ("linear", "cubic") or options["step"] < 0:
        raise OpError(f"cannot interpolate {options['mode']} in steps of {options['step']}")
    return _matrix(types, options)


INTERPOLATION_MATRIX = Op(
    name="interpolation_matrix",
    formula="row i interpolates at s = i * step if align_corners, else (i + 1/2) * step - 1/2, in linear "
    "mode at least 0. With k = floor(s), f = s - k: linear gives 1 - f to column k, f to k + 1; cubic gives "
    "w(1 + f), w(f), w(1 - f), w(2 - f) to k - 1, k, k + 1, k + 2, w(d) = 5/4 d^3 - 9/4 d^2 + 1 for d <= 1, "
    "else -3/4 d^3 + 15/4 d^2 - 6 d + 3. Columns outside stand for the nearest one; weights of one column "
    "add up",
    operands=(),
    results=("out",),
    infer=_interpolation,
    attributes=("align_corners", "count", "dtype", "mode", "size", "step"),
    adjoint=None,
)

OPS = (TAKE, UNTAKE, PAD, AXIS_PRODUCT, AVERAGING_MATRIX, INTERPOLATION_MATRIX)
