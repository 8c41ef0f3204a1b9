"""Cases of pooling over sliding windows."""

from __future__ import annotations

import math
from typing import Any

import formulas_windows as naive
import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, Weights
from layer_cases_conv import AXES, each


def windows(rank: int, sizes: Sizes, keys: dict[str, Any]) -> dict[str, Any]:
    """Return the windows that these settings mean, as torch's documentation says."""
    kernel = each(keys["kernel_size"], rank)
    stride = each(keys.get("stride") or kernel, rank)
    padding = each(keys.get("padding", 0), rank)
    dilation = each(keys.get("dilation", 1), rank)
    after = []
    for size, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        exact = (size + 2 * p - d * (k - 1) - 1) / s + 1
        count = math.ceil(exact) if keys.get("ceil_mode") else math.floor(exact)
        if (count - 1) * s >= size + p:
            count -= 1  # a window that would begin in the padding at the end
        after.append(max(0, (count - 1) * s + d * (k - 1) + 1 - size - p))
    return {
        "kernel": kernel,
        "stride": stride,
        "before": padding,
        "after": tuple(after),
        "dilation": dilation,
    }


def largest(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of max pooling: values, and positions over all axes."""

    def formula(w: Weights, x: Array) -> tuple[Array, Array]:
        axes = tuple(range(2, 2 + rank))
        options = windows(rank, x.shape[2:], keys)
        out, tap = naive.max_pool(x, axes=axes, **options)
        rows = zip(out.shape[2:], options["stride"], options["before"], strict=True)
        starts = [p * s - b for count, s, b in rows for p in range(count)]
        kept = {key: options[key] for key in ("kernel", "dilation")}
        places = naive.tap_positions(tap, axes=axes, **kept, spatial=x.shape[2:], starts=starts)
        return out, places

    return formula


def apart(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw numbers that are all different, so that derivatives can be taken."""
    return chance.permutation(math.prod(shape)).reshape(shape) / 8.0 - math.prod(shape) / 16.0


def max_case(
    kind: str, sizes: Sizes = (), draw: Draw = apart, smooth: bool = True, **keys: Any
) -> LayerCase:
    rank = int(kind[-2])

    def make(t: Any) -> Any:
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
        return getattr(t.nn, kind)(**settings, return_indices=True)

    shape = (2, *(sizes or AXES[rank]))
    return LayerCase((shape,), largest(rank, keys), make, keys, (draw,), smooth=smooth)


def tied(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw few different numbers, so that many windows have several largest ones."""
    return np.maximum(chance.integers(-2, 3, shape), 0).astype(float)


def refusals(kind: str, **keys: Any) -> tuple[Refusal, ...]:
    rank = int(kind[-2])
    shape = (2, *AXES[rank])
    keys = {"kernel_size": 2, **keys}
    return (
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), keys),
        Refusal("needs floating point numbers", (shape,), keys, "int64"),
        Refusal("padding 2 is more than half of the 2 elements", (shape,), {**keys, "padding": 2}),
        Refusal("reaches over 9 elements along dim 2", (shape,), {**keys, "kernel_size": 9}),
        Refusal("stride", (shape,), {**keys, "stride": 0}),
        Refusal("stride has 4 numbers", (shape,), {**keys, "stride": [1, 1, 1, 1]}),
    )


POOL: dict[str, LayerCases] = {
    "MaxPool1d": LayerCases(
        (
            max_case("MaxPool1d", kernel_size=2),
            max_case("MaxPool1d", kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True),
            max_case("MaxPool1d", (300,), kernel_size=270, stride=[10]),
        ),
        refusals("MaxPool1d"),
    ),
    "MaxPool2d": LayerCases(
        (
            max_case("MaxPool2d", kernel_size=2),
            max_case("MaxPool2d", (6, 4), kernel_size=2),
            max_case("MaxPool2d", kernel_size=3, stride=2, padding=1, ceil_mode=True),
            max_case(
                "MaxPool2d", kernel_size=[3, 2], stride=[1, 2], padding=[1, 0], dilation=[2, 1]
            ),
            max_case("MaxPool2d", (2, 2), kernel_size=1, stride=2, ceil_mode=True),
            max_case("MaxPool2d", draw=tied, smooth=False, kernel_size=2, stride=1),
        ),
        refusals("MaxPool2d"),
    ),
    "MaxPool3d": LayerCases(
        (
            max_case("MaxPool3d", kernel_size=2),
            max_case(
                "MaxPool3d", kernel_size=[2, 1, 3], stride=1, padding=[1, 0, 1], ceil_mode=True
            ),
        ),
        refusals("MaxPool3d"),
    ),
}
