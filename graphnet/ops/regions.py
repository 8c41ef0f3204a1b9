"""Regions: windows of one size that begin wherever numbers say, other places for each sample and channel."""

from __future__ import annotations

import math

from graphnet.ir import Shape, TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.pooling import tap_type
from graphnet.ops.value import Value


def _starts(types: Types, options: Options) -> tuple[TensorType, ...]:
    (u,), column, count = types, options["column"], options["count"]
    if not u.is_float or u.rank < 1 or not isinstance(u.shape[-1], int):
        raise OpError(f"needs numbers along a last axis, not {u}")
    if not 0 <= column < u.shape[-1]:
        raise OpError(f"there is no column {column} in {u}")
    if count < 1 or options["stop"] < 0:
        raise OpError(f"cannot spread {count} regions from 0 to {options['stop']}")
    return (TensorType((*u.shape[:-1], count), "int64"),)


def _starts_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    (u,), (out,) = types, _starts(types, options)
    return (u.with_shape(*out.shape), u.with_shape(*u.shape[:-1], 1))


REGION_STARTS = Op(
    name="region_starts",
    formula="out[..., i] = floor((i + v) a) - floor(v a) for i < count - 1 and out[..., count - 1] = stop; "
    "a = stop / (count - 1), v = min(max(u[..., column], 0), 1), all in the precision of u",
    operands=("u",),
    results=("out",),
    infer=_starts,
    attributes=("column", "count", "stop"),
    adjoint=None,
    scratch=_starts_scratch,
    held=("u",),
)


def _region_max(types: Types, options: Options) -> tuple[TensorType, ...]:
    (x, *starts), kernel = types, options["kernel"]
    rank = len(kernel)
    if not x.is_float or x.rank < rank or len(starts) != rank:
        raise OpError(f"cannot take regions {kernel} of {x} at {len(starts)} lists of places")
    lead, spatial = x.shape[: x.rank - rank], x.shape[x.rank - rank :]
    for size, taps in zip(spatial, kernel, strict=True):
        if not isinstance(size, int) or not 1 <= taps <= size:
            raise OpError(f"a region of {taps} elements does not fit into {size}")
    if any(at.dtype != "int64" or at.shape[:-1] != lead or at.rank < 1 for at in starts):
        raise OpError(f"places {', '.join(map(str, starts))} do not fit {x}")
    out = x.with_shape(*lead, *(at.shape[-1] for at in starts))
    return (out, out.with_dtype("int64"))


def _region_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    out, index = _region_max(types, options)
    tap = tap_type(out, options["kernel"])
    return (out, out.with_dtype("bool"), tap, tap, index)


def _to_largest(c: Adjoint) -> Value:
    x, index = c["x"], c["index"]
    rank = len(c.options["kernel"])  # type: ignore[arg-type]
    lead = x.shape[: x.rank - rank]

    def flat(value: Value) -> Value:
        shape: Shape = (*lead, _size(value.shape[len(lead) :]))
        return c.emit("reshape", value, shape=shape)

    g = c.emit("unpool_sum", flat(c.g), flat(index), size=_size(x.shape[len(lead) :]))
    return c.emit("reshape", g, shape=x.shape)


def _size(sizes: Shape) -> int:
    return math.prod(size for size in sizes if isinstance(size, int))


REGION_MAX = Op(
    name="region_max",
    formula="out[..., p] = largest x[..., starts[0][..., p0] + t0, starts[1][..., p1] + t1, ...] over taps t "
    "of the kernel, along the last axes; index[..., p] = position of the first such element among all along "
    "these axes",
    operands=("x", "*starts"),
    results=("out", "index"),
    infer=_region_max,
    attributes=("kernel",),
    adjoint={"x": _to_largest},
    scratch=_region_scratch,
    contiguous=("x",),
    held=("starts",),
)

OPS = (REGION_STARTS, REGION_MAX)
