"""Patches: the elements under sliding windows laid out one by one, and elements put where indices say."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value
from graphnet.ops.window import Windows, resized

GEOMETRY = ("after", "before", "dilation", "kernel", "stride")


def _last(kind: TensorType, count: int) -> tuple[int, ...]:
    if kind.rank < count:
        raise OpError(f"{kind} has not {count} axes")
    return tuple(range(kind.rank - count, kind.rank))


def _unfold(types: Types, options: Options) -> tuple[TensorType, ...]:
    (x,), windows = types, Windows.of(options)
    axes = _last(x, len(windows.kernel))
    counts = windows.counts(x.shape[axes[0] :])
    return (x.with_shape(*x.shape[: axes[0]], *windows.kernel, *counts),)


def _fold(types: Types, options: Options) -> tuple[TensorType, ...]:
    (g,), rank = types, len(options["kernel"])
    lead = g.shape[: max(0, g.rank - 2 * rank)]
    x = g.with_shape(*lead, *options["spatial"])
    if (g,) != _unfold((x,), options):
        raise OpError(f"{g} are no patches of {x}")
    return (x,)


def _folded(c: Adjoint) -> Value:
    rank = len(c.options["kernel"])  # type: ignore[arg-type]
    return c.emit("fold", c.g, spatial=c["x"].shape[-rank:], **_geometry(c))  # type: ignore[arg-type]


def _geometry(c: Adjoint) -> dict[str, object]:
    return {key: c.options[key] for key in GEOMETRY}


UNFOLD = Op(
    name="unfold",
    formula="out[..., t, p] = x[..., p * stride - before + t * dilation], windows p and taps t along the "
    "last axes, x being 0 outside",
    operands=("x",),
    results=("out",),
    infer=_unfold,
    attributes=GEOMETRY,
    adjoint={"x": _folded},
)

FOLD = Op(
    name="fold",
    formula="out (..., *spatial) = 0, then g[..., t, p] is added to the element that unfold gives for it",
    operands=("g",),
    results=("out",),
    infer=_fold,
    attributes=(*GEOMETRY, "spatial"),
    adjoint={"g": lambda c: c.emit("unfold", c.g, **_geometry(c))},  # type: ignore[arg-type]
)


def _unpool(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, index = types
    if x.rank < 1 or index.shape != x.shape or index.dtype != "int64":
        raise OpError(f"cannot put {x} where {index} says")
    return (resized(x, (x.rank - 1,), (options["size"],)),)


def _unpool_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, index = types
    if g.rank != index.rank or g.shape[:-1] != index.shape[:-1] or index.dtype != "int64":
        raise OpError(f"cannot read {g} where {index} says")
    return (g.with_shape(*index.shape),)


def _like_index(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[1],)


UNPOOL = Op(
    name="unpool",
    formula="out (size along the last axis) = 0 but for out[..., index[..., k]] = x[..., k], the last k "
    "winning",
    operands=("x", "index"),
    results=("out",),
    infer=_unpool,
    attributes=("size",),
    adjoint={"x": lambda c: c.emit("unpool_gradient", c.g, c["index"])},
    scratch=_like_index,
    contiguous=("x", "index"),
)

UNPOOL_GRADIENT = Op(
    name="unpool_gradient",
    formula="out[..., k] = g[..., index[..., k]]",
    operands=("g", "index"),
    results=("out",),
    infer=_unpool_gradient,
    adjoint=None,
    scratch=_like_index,
    contiguous=("g", "index"),
)

UNPOOL_SUM = Op(
    name="unpool_sum",
    formula="out (size along the last axis) = 0, then out[..., index[..., k]] += g[..., k] for all k",
    operands=("g", "index"),
    results=("out",),
    infer=_unpool,
    attributes=("size",),
    adjoint={"g": lambda c: c.emit("unpool_gradient", c.g, c["index"])},
    scratch=_like_index,
    contiguous=("g", "index"),
)

OPS = (UNFOLD, FOLD, UNPOOL, UNPOOL_GRADIENT, UNPOOL_SUM)
