"""Cases of convolution."""

from __future__ import annotations

from typing import Any

import formulas_windows as naive
import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights

AXES = {1: (7,), 2: (6, 5), 3: (4, 3, 5)}
"""Sizes of the input by the number of axes."""


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
        before, after = around(keys, rank)
        y = naive.conv(
            np.moveaxis(x, 0, -1),
            w["weight"],
            before=before,
            after=after,
            stride=each(keys.get("stride", 1), rank),
            dilation=each(keys.get("dilation", 1), rank),
            groups=keys.get("groups", 1),
        )
        y = np.moveaxis(y, -1, 0)
        return y + w["bias"].reshape(-1, *(1,) * rank) if "bias" in w else y

    return formula


def module(kind: str, channels: int, keys: dict[str, Any]) -> Any:
    """Return what makes PyTorch's module with these settings."""
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    return lambda t: getattr(t.nn, kind)(**{"in_channels": channels, **settings})


def case(kind: str, channels: int, sizes: tuple[int, ...] = (), **keys: Any) -> LayerCase:
    rank = int(kind[-2])
    shape = (channels, *(sizes or AXES[rank]))
    return LayerCase((shape,), convolved(rank, keys), module(kind, channels, keys), keys)


def refusals(kind: str) -> tuple[Refusal, ...]:
    rank = int(kind[-2])
    shape = (3, *AXES[rank])
    sizes = ", ".join(map(str, shape))
    keys = {"out_channels": 4, "kernel_size": 2}
    wide = {**keys, "kernel_size": 9, "padding": 0}
    return (
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), keys),
        Refusal("needs floating point numbers", (shape,), keys, "int64"),
        Refusal(
            f"in_channels is 4, but the input [N, {sizes}]", (shape,), {**keys, "in_channels": 4}
        ),
        Refusal(
            "groups 2 does not divide the 3 channels of the input", (shape,), {**keys, "groups": 2}
        ),
        Refusal(
            "groups 3 does not divide the 4 channels of the output", (shape,), {**keys, "groups": 3}
        ),
        Refusal("reaches over 9 elements along dim 2, but the padded input has", (shape,), wide),
        Refusal(
            "reaches over 10 = 9 * (2 - 1) + 1 elements",
            (shape,),
            {**keys, "dilation": 9, "padding": 1},
        ),
        Refusal("stride", (shape,), {**keys, "stride": 0}),
        Refusal("padding", (shape,), {**keys, "padding": -1}),
        Refusal("padding same keeps the size", (shape,), {**keys, "padding": "same", "stride": 2}),
        Refusal("kernel_size has 4 numbers", (shape,), {**keys, "kernel_size": [2, 2, 2, 2]}),
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
        ),
        refusals("Conv3d"),
    ),
}
