"""Cases of convolution."""

from __future__ import annotations

from typing import Any

import formulas_windows as naive
import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights

AXES = {1: (7,), 2: (6, 5), 3: (4, 3, 5)}
"""Sizes of the input by the number of axes."""


NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def each(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank


def around(keys: dict[str, Any], rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what stands before and behind along each axis."""
    padding = keys.get("padding", 0)
    if padding == "same":
        rows = zip(
            each(keys["kernel_size"], rank), each(keys.get("dilation", 1), rank), strict=True
        )
        total = [(k - 1) * d for k, d in rows]
        return tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
    padding = 0 if padding == "valid" else padding
    return each(padding, rank), each(padding, rank)


def convolved(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of a convolution with these settings."""

    def formula(w: Weights, x: Array) -> Array:
        pairs = list(zip(*around(keys, rank), strict=True))
        mode = NUMPY_MODES[keys.get("padding_mode", "zeros")]
        y = naive.conv(
            np.moveaxis(np.pad(x, [(0, 0), (0, 0), *pairs], mode), 0, -1),  # type: ignore[call-overload]
            w["weight"],
            before=(0,) * rank,
            after=(0,) * rank,
            stride=each(keys.get("stride", 1), rank),
            dilation=each(keys.get("dilation", 1), rank),
            groups=keys.get("groups", 1),
        )
        y = np.moveaxis(y, -1, 0)
        return y + w["bias"].reshape(-1, *(1,) * rank) if "bias" in w else y

    return formula


def transposed(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of a transposed convolution: every element adds its multiple of the weight."""
    names = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
    stride, padding, dilation, extra = (
        each(keys.get(name, default), rank) for name, default in names.items()
    )
    kernel, groups = each(keys["kernel_size"], rank), keys.get("groups", 1)

    def formula(w: Weights, x: Array) -> Array:
        rows = zip(x.shape[2:], stride, padding, dilation, kernel, extra, strict=True)
        sizes = [(n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, s, p, d, k, e in rows]
        inner, outer = x.shape[1] // groups, w["weight"].shape[1]
        y = np.zeros((len(x), outer * groups, *sizes))
        for place in np.ndindex(*x.shape[2:]):
            for tap in np.ndindex(*kernel):
                moves = zip(place, tap, stride, padding, dilation, strict=True)
                at = tuple(i * s - p + t * d for i, t, s, p, d in moves)
                if not all(0 <= i < size for i, size in zip(at, sizes, strict=True)):
                    continue
                for j in range(groups):
                    ours, theirs = (
                        slice(j * inner, (j + 1) * inner),
                        slice(j * outer, (j + 1) * outer),
                    )
                    part = x[(slice(None), ours, *place)] @ w["weight"][(ours, slice(None), *tap)]
                    y[(slice(None), theirs, *at)] += part
        return y + w["bias"].reshape(-1, *(1,) * rank) if "bias" in w else y

    return formula


def module(kind: str, channels: int, keys: dict[str, Any]) -> Any:
    """Return what makes PyTorch's module with these settings."""
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    return lambda t: getattr(t.nn, kind)(**{"in_channels": channels, **settings})


def case(kind: str, channels: int, sizes: tuple[int, ...] = (), **keys: Any) -> LayerCase:
    rank = int(kind[-2])
    shape = (channels, *(sizes or AXES[rank]))
    formula = (transposed if "Transpose" in kind else convolved)(rank, keys)
    return LayerCase((shape,), formula, module(kind, channels, keys), keys)


def common_refusals(kind: str) -> tuple[Refusal, ...]:
    """Return what every convolution refuses."""
    shape, keys = (3, *AXES[int(kind[-2])]), {"out_channels": 4, "kernel_size": 2}
    sizes = ", ".join(map(str, shape))
    given = f"in_channels is 4, but the input [N, {sizes}]"
    of_input = "groups 2 does not divide the 3 channels of the input"
    of_output = "groups 3 does not divide the 4 channels of the output"
    return (
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), keys),
        Refusal("needs floating point numbers", (shape,), keys, "int64"),
        Refusal(given, (shape,), {**keys, "in_channels": 4}),
        Refusal(of_input, (shape,), {**keys, "groups": 2}),
        Refusal(of_output, (shape,), {**keys, "groups": 3}),
        Refusal("stride", (shape,), {**keys, "stride": 0}),
        Refusal("padding", (shape,), {**keys, "padding": -1}),
        Refusal("kernel_size has 4 numbers", (shape,), {**keys, "kernel_size": [2, 2, 2, 2]}),
    )


def refusals(kind: str) -> tuple[Refusal, ...]:
    shape, keys = (3, *AXES[int(kind[-2])]), {"out_channels": 4, "kernel_size": 2}
    kernel = "reaches over 9 elements along dim 2, but the padded input has"
    reach = "reaches over 10 = 9 * (2 - 1) + 1 elements"
    reflect = {**keys, "padding": 7, "padding_mode": "reflect"}
    circular = {**keys, "padding": 8, "padding_mode": "circular"}
    return (
        *common_refusals(kind),
        Refusal(kernel, (shape,), {**keys, "kernel_size": 9}),
        Refusal(reach, (shape,), {**keys, "dilation": 9, "padding": 1}),
        Refusal("padding same keeps the size", (shape,), {**keys, "padding": "same", "stride": 2}),
        Refusal("reflect padding must be below the size, but dim 2 of size", (shape,), reflect),
        Refusal("circular padding must be at most the size", (shape,), circular),
    )


def transposed_refusals(kind: str) -> tuple[Refusal, ...]:
    shape, keys = (3, *AXES[int(kind[-2])]), {"out_channels": 4, "kernel_size": 2}
    extra = "output_padding 2 must be below the stride 2 or the dilation 1"
    return (
        *common_refusals(kind),
        Refusal(extra, (shape,), {**keys, "stride": 2, "output_padding": 2}),
        Refusal("* 1 - 2 * 9 + 2 + 0 elements along dim 2", (shape,), {**keys, "padding": 9}),
    )


CONV: dict[str, LayerCases] = {
    "Conv1d": LayerCases(
        (
            case("Conv1d", 2, out_channels=3, kernel_size=3),
            case("Conv1d", 2, out_channels=2, kernel_size=2, stride=2, padding=3, bias=False),
            case(
                "Conv1d", 4, out_channels=6, kernel_size=[2], groups=2, dilation=3, padding="same"
            ),
            case("Conv1d", 3, out_channels=3, kernel_size=3, groups=3, padding=1),
            case("Conv1d", 2, out_channels=2, kernel_size=3, padding=7, padding_mode="circular"),
        ),
        refusals("Conv1d"),
    ),
    "Conv2d": LayerCases(
        (
            case("Conv2d", 3, out_channels=4, kernel_size=3, padding=1),
            case("Conv2d", 2, out_channels=5, kernel_size=[3, 2], stride=[2, 1], padding=[1, 0]),
            case(
                "Conv2d",
                2,
                out_channels=3,
                kernel_size=2,
                dilation=[1, 2],
                padding="same",
                bias=False,
            ),
            case(
                "Conv2d",
                4,
                out_channels=4,
                kernel_size=3,
                groups=2,
                padding=2,
                stride=3,
                in_channels=4,
            ),
            case("Conv2d", 3, out_channels=6, kernel_size=3, groups=3, padding="valid"),
            case("Conv2d", 3, out_channels=2, kernel_size=1),
            case(
                "Conv2d", 2, out_channels=2, kernel_size=3, padding=[2, 1], padding_mode="reflect"
            ),
            case(
                "Conv2d",
                2,
                out_channels=2,
                kernel_size=[2, 4],
                padding="same",
                padding_mode="replicate",
            ),
            case("Conv2d", 3, out_channels=2, kernel_size=1, stride=2),
            case("Conv2d", 1, (5, 5), out_channels=2, kernel_size=5),
        ),
        refusals("Conv2d"),
    ),
    "Conv3d": LayerCases(
        (
            case("Conv3d", 2, out_channels=3, kernel_size=2),
            case(
                "Conv3d",
                2,
                out_channels=2,
                kernel_size=[1, 2, 3],
                stride=[2, 1, 2],
                padding=[1, 0, 1],
            ),
            case("Conv3d", 2, out_channels=4, kernel_size=2, groups=2, padding="same", bias=False),
            case("Conv3d", 1, out_channels=2, kernel_size=2, padding=1, padding_mode="reflect"),
        ),
        refusals("Conv3d"),
    ),
    "ConvTranspose1d": LayerCases(
        (
            case("ConvTranspose1d", 2, out_channels=3, kernel_size=3),
            case(
                "ConvTranspose1d",
                4,
                out_channels=2,
                kernel_size=3,
                stride=2,
                padding=1,
                output_padding=1,
                groups=2,
                bias=False,
            ),
            case("ConvTranspose1d", 2, out_channels=3, kernel_size=2, dilation=3, output_padding=2),
        ),
        transposed_refusals("ConvTranspose1d"),
    ),
    "ConvTranspose2d": LayerCases(
        (
            case("ConvTranspose2d", 3, out_channels=2, kernel_size=3, padding=1),
            case(
                "ConvTranspose2d",
                2,
                out_channels=3,
                kernel_size=[2, 3],
                stride=[2, 3],
                padding=[0, 1],
                output_padding=[1, 2],
            ),
            case("ConvTranspose2d", 4, out_channels=4, kernel_size=2, groups=4, stride=2),
            case("ConvTranspose2d", 2, out_channels=3, kernel_size=1, in_channels=2),
        ),
        transposed_refusals("ConvTranspose2d"),
    ),
    "ConvTranspose3d": LayerCases(
        (
            case("ConvTranspose3d", 2, (2, 3, 2), out_channels=2, kernel_size=2, stride=2),
            case(
                "ConvTranspose3d",
                2,
                (2, 2, 3),
                out_channels=2,
                kernel_size=2,
                dilation=[1, 2, 1],
                output_padding=[0, 1, 0],
                padding=[0, 1, 1],
                groups=2,
            ),
        ),
        transposed_refusals("ConvTranspose3d"),
    ),
}
