"""Normalisation over axes, the core of batch, layer, group and instance norm, and running averages."""

from __future__ import annotations

from graphnet.ir import TensorType
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.reduction import reduced_shape
from graphnet.ops.reorder import over_axes


def _normalize(types: Types, options: Options) -> tuple[TensorType, ...]:
    x = types[0]
    if not x.is_float:
        raise OpError(f"needs floating point numbers, not {x.dtype}")
    narrow = x.with_shape(*reduced_shape(x.shape, options["axes"], keepdims=True))
    return (x, narrow, narrow, narrow)


def _like_first(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0],)


def _gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, normalized, inverse = types
    narrow = reduced_shape(g.shape, options["axes"], keepdims=True)
    if g != normalized or inverse.shape != narrow:
        raise OpError(f"{g}, {normalized} and {inverse} do not fit together")
    return (g,)


def _gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0], types[2], types[2])


NORMALIZE = Op(
    name="normalize",
    formula="normalized = (x - mean) * inverse_deviation, inverse_deviation = 1 / sqrt(variance + "
    "eps), mean and (biased) variance over axes",
    operands=("x",),
    results=("normalized", "mean", "variance", "inverse_deviation"),
    infer=_normalize,
    attributes=("axes", "eps"),
    adjoint={
        "x": lambda c: c.emit(
            "normalize_gradient",
            c.g,
            c["normalized"],
            c["inverse_deviation"],
            axes=c.options["axes"],
        )
    },
    scratch=_like_first,
    reorder=over_axes,
)

NORMALIZE_GRADIENT = Op(
    name="normalize_gradient",
    formula="out = inverse_deviation * (g - mean(g) - normalized * mean(g * normalized)), means over "
    "axes",
    operands=("g", "normalized", "inverse_deviation"),
    results=("out",),
    infer=_gradient,
    attributes=("axes",),
    adjoint=None,
    scratch=_gradient_scratch,
    reorder=over_axes,
)


RMS_NORMALIZE = Op(
    name="rms_normalize",
    formula="normalized = x * inverse_root, inverse_root = 1 / sqrt(mean(x^2) + eps), mean over axes",
    operands=("x",),
    results=("normalized", "inverse_root"),
    infer=lambda types, options: _normalize(types, options)[:2],
    attributes=("axes", "eps"),
    adjoint={
        "x": lambda c: c.emit(
            "rms_normalize_gradient",
            c.g,
            c["normalized"],
            c["inverse_root"],
            axes=c.options["axes"],
        )
    },
    reorder=over_axes,
)

RMS_NORMALIZE_GRADIENT = Op(
    name="rms_normalize_gradient",
    formula="out = inverse_root * (g - normalized * mean(g * normalized)), mean over axes",
    operands=("g", "normalized", "inverse_root"),
    results=("out",),
    infer=_gradient,
    attributes=("axes",),
    adjoint=None,
    scratch=lambda types, options: (types[2],),
    reorder=over_axes,
)


def _average(types: Types, options: Options) -> tuple[TensorType, ...]:
    value, running = types[0], types[-1]
    if value.size_at(1) != running.size_at(1) or value.dtype != running.dtype:
        raise OpError(f"cannot average {value} into {running}")
    return ()


def _cumulate(types: Types, options: Options) -> tuple[TensorType, ...]:
    if types[2] != TensorType((), "int64"):
        raise OpError(f"needs a single whole number to count by, not {types[2]}")
    return _average(types, options)


def _value_like(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0],)


def _value_and_share(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0], types[0].with_shape())


_CORRECTED = (
    "value times n / (n - 1) first if unbiased, n = elements of `of` per element of value (no correction "
    "for n = 1)"
)

RUNNING_AVERAGE = Op(
    name="running_average",
    formula=f"running = (1 - momentum) * running + momentum * value, {_CORRECTED}",
    operands=("value", "of"),
    results=(),
    infer=_average,
    attributes=("momentum", "unbiased"),
    adjoint=None,
    accumulated=("running",),
    scratch=_value_like,
    contiguous=("value",),
)

CUMULATIVE_AVERAGE = Op(
    name="cumulative_average",
    formula=f"running = running + (value - running) / count, {_CORRECTED}",
    operands=("value", "of", "count"),
    results=(),
    infer=_cumulate,
    attributes=("unbiased",),
    adjoint=None,
    accumulated=("running",),
    scratch=_value_and_share,
    contiguous=("value",),
)

OPS = (
    NORMALIZE,
    NORMALIZE_GRADIENT,
    RMS_NORMALIZE,
    RMS_NORMALIZE_GRADIENT,
    RUNNING_AVERAGE,
    CUMULATIVE_AVERAGE,
)
