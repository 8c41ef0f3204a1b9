"""Convolution along any number of axes, and its two adjoints; arrays are (channels, axes ..., samples).

With the samples last, the elements under one tap of a row of windows lie in long runs, and the patches of
the whole batch are one matrix (docs/architecture.md, figures).
"""

from __future__ import annotations

import math

from graphnet.ir import Dim, Shape, TensorType, product
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.bands import Bands
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value
from graphnet.ops.window import Windows, reach

SUM_COST = 3
"""What adding up an element of a patch costs beside copying it."""

GEOMETRY = ("after", "before", "dilation", "groups", "stride")


def _checked(x: TensorType, weight: TensorType, options: Options) -> tuple[Windows, int]:
    """Return windows and groups of a convolution whose operands fit together."""
    groups = options["groups"]
    windows = Windows.of(options, weight.shape[2:])
    if x.rank != weight.rank or x.rank < 3 or x.dtype != weight.dtype or not x.is_float:
        raise OpError(f"cannot convolve {x} with {weight}")
    if groups < 1 or x.shape[0] != _whole(weight.shape[1]) * groups:
        raise OpError(f"{x} has not the channels of {groups} groups of {weight}")
    if _whole(weight.shape[0]) % groups:
        raise OpError(f"{weight} has not as many results in each of {groups} groups")
    return windows, groups


def _whole(dim: Dim) -> int:
    if not isinstance(dim, int):
        raise OpError(f"{dim} is not a fixed number")
    return dim


def _conv(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, weight = types
    windows, _ = _checked(x, weight, options)
    return (x.with_shape(weight.shape[0], *windows.counts(x.shape[1:-1]), x.shape[-1]),)


def _input_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, weight = types
    channels = _whole(weight.shape[1]) * options["groups"]
    x = g.with_shape(channels, *options["spatial"], g.shape[-1])
    if (g,) != _conv((x, weight), options):
        raise OpError(f"{g} is no convolution of {x} with {weight}")
    return (x,)


def _weight_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, x = types
    channels = _whole(x.shape[0]) // max(options["groups"], 1)
    weight = x.with_shape(g.shape[0], channels, *options["kernel"])
    plain = {key: options[key] for key in GEOMETRY}
    if (g,) != _conv((x, weight), plain):
        raise OpError(f"{g} is no convolution of {x} with {weight}")
    return (weight,)


def _band(x: TensorType, bands: Bands) -> TensorType:
    """Return the workspace for a band of patches."""
    return x.with_shape(product((bands.elements, x.shape[-1])))


def bands_of(x: Shape, windows: Windows, counts: Shape, *, apart: bool = False) -> Bands:
    """Return how the patches of (c, axes ..., n) are laid out for so many windows along each axis."""
    return Bands.of(_whole(x[0]), windows, tuple(map(_whole, counts)), apart=apart)


def _padded(x: TensorType, windows: Windows) -> tuple[TensorType, ...]:
    """Return the workspace for an operand with what stands around it, if anything does."""
    if not windows.padded:
        return ()
    sizes = windows.padded_sizes([_whole(dim) for dim in x.shape[1:-1]])
    return (x.with_shape(x.shape[0], *sizes, x.shape[-1]),)


def _conv_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    x, weight = types
    windows = Windows.of(options, weight.shape[2:])
    if windows.plain:
        return ()
    bands = bands_of(x.shape, windows, windows.counts(x.shape[1:-1]))
    return (_band(x, bands), weight, *_padded(x, windows))


def turned_windows(x: Shape, g: Shape, windows: Windows) -> Windows | None:
    """Return the windows of a convolution of `g` that gives the gradient of `x`, or None where sums pay.

    Its patches are copied, those of `x` are added up.
    """
    around = [reach(k, d) - 1 for k, d in zip(windows.kernel, windows.dilation, strict=True)]
    before = tuple(a - b for a, b in zip(around, windows.before, strict=True))
    after = tuple(
        _whole(size) + a - _whole(count) - b
        for size, a, count, b in zip(x[1:-1], around, g[1:-1], before, strict=True)
    )
    if set(windows.stride) != {1} or min((*before, *after)) < 0:
        return None
    copied = math.prod(map(_whole, (g[0], *x[1:-1])))
    added = math.prod(map(_whole, (x[0], *g[1:-1])))
    if copied > SUM_COST * added:
        return None
    return Windows(windows.kernel, windows.stride, before, after, windows.dilation)


def split_windows(x: Shape, g: Shape, windows: Windows) -> tuple[Windows, Windows] | None:
    """Return windows of `g` along the first axis and windows of `x` along the others, or None.

    Where windows are neighbours along the first axis, a convolution of `g` with turned weights along it adds
    the taps of that axis up within its products, and only the taps of the others are left.
    """
    rank, size, count = len(windows.kernel), _whole(x[1]), _whole(g[1])
    around = reach(windows.kernel[0], windows.dilation[0]) - 1
    before = around - windows.before[0]
    after = size + around - count - before
    if rank == 1 or windows.stride[0] != 1 or min(before, after) < 0:
        return None
    one, none = (1,), (0,)
    first = Windows(
        windows.kernel[:1] + one * (rank - 1),
        one * rank,
        (before, *none * (rank - 1)),
        (after, *none * (rank - 1)),
        windows.dilation[:1] + one * (rank - 1),
    )
    others = Windows(
        one + windows.kernel[1:],
        one + windows.stride[1:],
        none + windows.before[1:],
        none + windows.after[1:],
        one + windows.dilation[1:],
    )
    return first, others


def _split_scratch(
    x: TensorType, g: TensorType, weight: TensorType, split: tuple[Windows, Windows]
) -> tuple[TensorType, ...]:
    """Return the workspaces for gradients that are added up along the axes but the first."""
    first, others = split
    taps = math.prod(others.kernel) * _whole(x.shape[0])
    bands = bands_of(g.shape, first, (x.shape[1], *g.shape[2:-1]))
    sums = g.with_shape(taps, x.shape[1], *g.shape[2:])
    return (_band(g, bands), weight, sums, *_padded(g, first), *_padded(x, others))


def _input_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, weight = types
    windows = Windows.of(options, weight.shape[2:])
    if windows.plain:
        return ()
    (x,) = _input_gradient(types, options)
    turned = turned_windows(x.shape, g.shape, windows)
    if turned is not None:
        bands = bands_of(g.shape, turned, x.shape[1:-1])
        return (_band(g, bands), weight, *_padded(g, turned))
    split = split_windows(x.shape, g.shape, windows)
    if split is not None:
        return _split_scratch(x, g, weight, split)
    bands = bands_of(x.shape, windows, g.shape[1:-1], apart=True)
    return (_band(x, bands), weight, *_padded(x, windows))


def _weight_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    _, x = types
    windows = Windows.of(options)
    if windows.plain:
        return ()
    (weight,) = _weight_gradient(types, options)
    bands = bands_of(x.shape, windows, windows.counts(x.shape[1:-1]))
    return (_band(x, bands), weight, weight, *_padded(x, windows))


def _geometry(c: Adjoint) -> dict[str, object]:
    return {key: c.options[key] for key in GEOMETRY}


def _to_input(c: Adjoint) -> Value:
    spatial = c["x"].shape[1:-1]
    return c.emit("conv_input_gradient", c.g, c["weight"], spatial=spatial, **_geometry(c))  # type: ignore[arg-type]


def _to_weight(c: Adjoint) -> Value:
    kernel = c["weight"].shape[2:]
    return c.emit("conv_weight_gradient", c.g, c["x"], kernel=kernel, **_geometry(c))  # type: ignore[arg-type]


def _transposed_to_input(c: Adjoint) -> Value:
    return c.emit("conv", c.g, c["weight"], **_geometry(c))  # type: ignore[arg-type]


def _transposed_to_weight(c: Adjoint) -> Value:
    kernel = c["weight"].shape[2:]
    return c.emit("conv_weight_gradient", c["g"], c.g, kernel=kernel, **_geometry(c))  # type: ignore[arg-type]


CONV = Op(
    name="conv",
    formula="out[o, p, n] = sum over channels c of o's group and taps t of weight[o, c, t] * x[c, p * stride "
    "- before + t * dilation, n], x being 0 outside; group j of groups takes the j-th part of both",
    operands=("x", "weight"),
    results=("out",),
    infer=_conv,
    attributes=GEOMETRY,
    adjoint={"x": _to_input, "weight": _to_weight},
    scratch=_conv_scratch,
    contiguous=("x", "weight"),
)

CONV_INPUT_GRADIENT = Op(
    name="conv_input_gradient",
    formula="out (channels, *spatial, samples) = the sum of g[o, p, n] * weight[o, c, t] wherever conv takes "
    "weight[o, c, t] times that element for out[o, p, n]",
    operands=("g", "weight"),
    results=("out",),
    infer=_input_gradient,
    attributes=(*GEOMETRY, "spatial"),
    adjoint={"g": _transposed_to_input, "weight": _transposed_to_weight},
    scratch=_input_scratch,
    contiguous=("g", "weight"),
)

CONV_WEIGHT_GRADIENT = Op(
    name="conv_weight_gradient",
    formula="out[o, c, t] (taps of the shape kernel) = sum of g[o, p, n] * x[...] wherever conv takes that "
    "element of x times weight[o, c, t] for out[o, p, n]",
    operands=("g", "x"),
    results=("out",),
    infer=_weight_gradient,
    attributes=(*GEOMETRY, "kernel"),
    adjoint=None,
    scratch=_weight_scratch,
    contiguous=("g", "x"),
)

OPS = (CONV, CONV_INPUT_GRADIENT, CONV_WEIGHT_GRADIENT)
