"""Pooling: the largest element or the sum of sliding windows along any axes of an array."""

from __future__ import annotations

import math

from graphnet.ir import TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.reorder import windows
from graphnet.ops.value import Value
from graphnet.ops.window import Windows, resized, sizes_along

GEOMETRY = ("after", "axes", "before", "dilation", "kernel", "stride")
SUM_GEOMETRY = ("after", "axes", "before", "kernel", "stride")
BYTE_TAPS = 256
"""Taps that can be told apart by a byte."""


def _pooled(x: TensorType, options: Options) -> TensorType:
    if not x.is_float:
        raise OpError(f"needs floating point numbers, not {x.dtype}")
    counts = Windows.of(options).counts(sizes_along(x, options["axes"]))
    return resized(x, options["axes"], counts)


def tap_type(out: TensorType, kernel: tuple[int, ...]) -> TensorType:
    """Return the type of the numbers of taps, one for each window."""
    return out.with_dtype("uint8" if math.prod(kernel) <= BYTE_TAPS else "int32")


def _max_pool(types: Types, options: Options) -> tuple[TensorType, ...]:
    out = _pooled(types[0], options)
    return (out, tap_type(out, options["kernel"]))


def _max_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    out, tap = _max_pool(types, options)
    return (out.with_dtype("bool"), tap)


def _max_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, tap = types
    x = resized(g, options["axes"], options["spatial"])
    if (g, tap) != _max_pool((x,), options):
        raise OpError(f"{g} and {tap} are not pooled from {x}")
    return (x,)


def _max_gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0].with_dtype("bool"), types[0])


def _geometry(c: Adjoint) -> dict[str, object]:
    return {key: c.options[key] for key in GEOMETRY}


def _to_largest(c: Adjoint) -> Value:
    spatial = sizes_along(c["x"].type, c.options["axes"])  # type: ignore[arg-type]
    return c.emit("max_pool_gradient", c.g, c["tap"], spatial=spatial, **_geometry(c))  # type: ignore[arg-type]


MAX_POOL = Op(
    name="max_pool",
    formula="out[p] = largest x[p * stride - before + t * dilation] over taps t (numbered in order, the last "
    "axis fastest) that lie inside x, along axes; tap[p] = number of the first such t",
    operands=("x",),
    results=("out", "tap"),
    infer=_max_pool,
    attributes=GEOMETRY,
    adjoint={"x": _to_largest},
    scratch=_max_scratch,
    reorder=windows,
)

WINDOW_MAX = Op(
    name="window_max",
    formula="out as max_pool's, where nobody asks at which taps it was found",
    operands=("x",),
    results=("out",),
    infer=lambda types, options: (_pooled(types[0], options),),
    attributes=GEOMETRY,
    adjoint=None,
    reorder=windows,
)

MAX_POOL_GRADIENT = Op(
    name="max_pool_gradient",
    formula="out (spatial along axes) = 0, then g[p] is added where max_pool found out[p]: at tap[p]",
    operands=("g", "tap"),
    results=("out",),
    infer=_max_gradient,
    attributes=(*GEOMETRY, "spatial"),
    adjoint=None,
    scratch=_max_gradient_scratch,
    reorder=windows,
)


def _window_sum(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (_pooled(types[0], options),)


def _window_spread(types: Types, options: Options) -> tuple[TensorType, ...]:
    (g,) = types
    x = resized(g, options["axes"], options["spatial"])
    if g != _pooled(x, options):
        raise OpError(f"{g} are no sums of windows of {x}")
    return (x,)


def _back_to_windows(c: Adjoint) -> Value:
    spatial = sizes_along(c["x"].type, c.options["axes"])  # type: ignore[arg-type]
    return c.emit("window_spread", c.g, spatial=spatial, **_sum_geometry(c))  # type: ignore[arg-type]


def _back_to_sums(c: Adjoint) -> Value:
    return c.emit("window_sum", c.g, **_sum_geometry(c))  # type: ignore[arg-type]


def _sum_geometry(c: Adjoint) -> dict[str, object]:
    return {key: c.options[key] for key in SUM_GEOMETRY}


WINDOW_SUM = Op(
    name="window_sum",
    formula="out[p] = sum over taps t of x[p * stride - before + t] along axes, x being 0 outside",
    operands=("x",),
    results=("out",),
    infer=_window_sum,
    attributes=SUM_GEOMETRY,
    adjoint={"x": _back_to_windows},
    reorder=windows,
)

WINDOW_SPREAD = Op(
    name="window_spread",
    formula="out (spatial along axes) = 0, then g[p] is added to every element that window_sum adds up for "
    "out[p]",
    operands=("g",),
    results=("out",),
    infer=_window_spread,
    attributes=(*SUM_GEOMETRY, "spatial"),
    adjoint={"g": _back_to_sums},
    reorder=windows,
)


def _positions(types: Types, options: Options) -> tuple[TensorType, ...]:
    tap, axes, spatial = types[0], options["axes"], options["spatial"]
    counts = sizes_along(tap, axes)
    kernel, dilation = options["kernel"], options["dilation"]
    if tap != tap_type(tap, kernel) or len({*map(len, (axes, kernel, dilation, spatial))}) != 1:
        raise OpError(f"{tap} are not taps of {kernel} in {spatial}")
    if any(not isinstance(n, int) for n in counts) or len(options["starts"]) != sum(counts):  # type: ignore[arg-type]
        raise OpError(f"{len(options['starts'])} starts do not fit the windows {counts}")
    return (tap.with_dtype("int64"),)


TAP_POSITIONS = Op(
    name="tap_positions",
    formula="out[p] = position of element starts[p] + t * dilation among all elements of spatial, t = the "
    "taps along axes that number tap[p] stands for (max_pool's); starts lists the windows' first elements "
    "along the first axis, then the next",
    operands=("tap",),
    results=("out",),
    infer=_positions,
    attributes=("axes", "dilation", "kernel", "spatial", "starts"),
    adjoint=None,
    scratch=_positions,
    reorder=windows,
)

OPS = (MAX_POOL, WINDOW_MAX, MAX_POOL_GRADIENT, TAP_POSITIONS, WINDOW_SUM, WINDOW_SPREAD)
