"""Cases of pooling over sliding windows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import formulas_resampling as resampling
import formulas_windows as naive
import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, Weights, between
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
    given = {**keys, "return_indices": True}
    return LayerCase((shape,), largest(rank, keys), make, given, (draw,), smooth=smooth)


def values_only(one: LayerCase) -> LayerCase:
    """Return a case without its indices."""
    keys = {key: value for key, value in one.keys.items() if key != "return_indices"}

    def formula(w: Weights, x: Array) -> Any:
        assert one.formula is not None
        return one.formula(w, x)[0]

    def call(module: Any, x: Any) -> Any:
        return module(x)[0]

    return replace(one, formula=formula, keys=keys, call=call)


def averaged(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of mean pooling: the sum of a window by how many of its elements count."""

    def formula(w: Weights, x: Array) -> Array:
        options = windows(rank, x.shape[2:], keys)
        del options["dilation"]
        axes = tuple(range(2, 2 + rank))
        total = resampling.window_sum(x, axes=axes, **options)
        if keys.get("divisor_override"):
            return total / keys["divisor_override"]
        return total / counting(x.shape[2:], total.shape[2:], options, keys)

    return formula


def counting(sizes: Sizes, counts: Sizes, options: Any, keys: dict[str, Any]) -> Array:
    """Return how many elements of each window count: none beyond the padding, zeros if so said."""
    out = np.empty(counts)
    padded = keys.get("count_include_pad", True)
    for place in np.ndindex(*counts):
        found = 1
        rows = zip(
            place, sizes, options["kernel"], options["stride"], options["before"], strict=True
        )
        for p, size, k, s, pad in rows:
            first, last = (-pad, size + pad - 1) if padded else (0, size - 1)
            found *= len([t for t in range(k) if first <= p * s - pad + t <= last])
        out[place] = found
    return out


def norm(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of pooling by a p-norm."""
    p, rest = keys["norm_type"], {k: v for k, v in keys.items() if k != "norm_type"}
    taps = math.prod(each(keys["kernel_size"], rank))
    mean = averaged(rank, rest)

    def formula(w: Weights, x: Array) -> Array:
        powers = np.asarray(mean(w, x**p) * taps)
        return np.asarray(powers ** (1 / p))

    return formula


def largest_size(w: Weights, x: Array) -> Array:
    """Return the largest size of three neighbours, every other time."""
    return np.stack(
        [np.abs(x[:, :, at : at + 3]).max(-1) for at in range(0, x.shape[2] - 2, 2)], -1
    )


def plain_case(kind: str, formula: Any, sizes: Sizes = (), **keys: Any) -> LayerCase:
    rank = int(kind[-2])

    def make(t: Any) -> Any:
        return getattr(t.nn, kind)(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
        )

    draws = (between(0.5, 2.0),) if kind.startswith("LP") else ()
    shape = (2, *(sizes or AXES[rank]))
    return LayerCase((shape,), formula(rank, keys), make, keys, draws)


def tied(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw few different numbers, so that many windows have several largest ones."""
    return np.maximum(chance.integers(-2, 3, shape), 0).astype(float)


def rectified(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw numbers of which all at the end of the first axis are 0, so that whole windows are."""
    drawn = chance.uniform(0.5, 2.0, shape)
    drawn[:, :, 2:] = 0.0
    return drawn


def behind_rectifier(case: LayerCase) -> LayerCase:
    """Return the case with windows of zeros, where norms have no derivative."""
    return replace(case, draws=(rectified,), smooth=False)


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


def norm_refusals(kind: str) -> tuple[Refusal, ...]:
    """Return what pooling without padding refuses."""
    shape = (2, *AXES[int(kind[-2])])
    wrong = {"norm_type": 0.0, "kernel_size": 2}
    kept = [one for one in refusals(kind, norm_type=2.0) if "padding" not in one.keys]
    return (*kept, Refusal("norm_type", (shape,), wrong))


POOL: dict[str, LayerCases] = {
    "MaxPool1d": LayerCases(
        (
            max_case("MaxPool1d", kernel_size=2),
            values_only(max_case("MaxPool1d", kernel_size=3, stride=2, padding=1)),
            max_case("MaxPool1d", kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True),
            max_case("MaxPool1d", (300,), kernel_size=270, stride=[10]),
        ),
        refusals("MaxPool1d"),
    ),
    "MaxPool2d": LayerCases(
        (
            max_case("MaxPool2d", kernel_size=2),
            values_only(max_case("MaxPool2d", kernel_size=2)),
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
            values_only(max_case("MaxPool3d", kernel_size=2, ceil_mode=True)),
            max_case(
                "MaxPool3d", kernel_size=[2, 1, 3], stride=1, padding=[1, 0, 1], ceil_mode=True
            ),
        ),
        refusals("MaxPool3d"),
    ),
    "AvgPool1d": LayerCases(
        (
            plain_case("AvgPool1d", averaged, kernel_size=2),
            plain_case("AvgPool1d", averaged, kernel_size=3, stride=2, padding=1, ceil_mode=True),
            plain_case(
                "AvgPool1d", averaged, kernel_size=3, stride=1, padding=1, count_include_pad=False
            ),
        ),
        refusals("AvgPool1d"),
    ),
    "AvgPool2d": LayerCases(
        (
            plain_case("AvgPool2d", averaged, kernel_size=2),
            plain_case(
                "AvgPool2d", averaged, kernel_size=3, stride=[2, 3], padding=1, ceil_mode=True
            ),
            plain_case(
                "AvgPool2d",
                averaged,
                kernel_size=[3, 2],
                stride=2,
                padding=[1, 1],
                ceil_mode=True,
                count_include_pad=False,
            ),
            plain_case("AvgPool2d", averaged, kernel_size=2, padding=1, divisor_override=3),
            plain_case("AvgPool2d", averaged, (2, 2), kernel_size=1, stride=2, ceil_mode=True),
        ),
        (
            *refusals("AvgPool2d"),
            Refusal("divisor_override", ((2, 4, 4),), {"kernel_size": 2, "divisor_override": 0}),
        ),
    ),
    "AvgPool3d": LayerCases(
        (
            plain_case("AvgPool3d", averaged, kernel_size=2),
            plain_case(
                "AvgPool3d",
                averaged,
                kernel_size=[2, 3, 1],
                stride=1,
                padding=[1, 0, 0],
                count_include_pad=False,
            ),
            plain_case("AvgPool3d", averaged, kernel_size=2, ceil_mode=True, divisor_override=5),
        ),
        refusals("AvgPool3d"),
    ),
    "LPPool1d": LayerCases(
        (
            plain_case("LPPool1d", norm, norm_type=2.0, kernel_size=2),
            plain_case("LPPool1d", norm, norm_type=3.0, kernel_size=3, stride=2, ceil_mode=True),
            plain_case("LPPool1d", norm, norm_type=1.0, kernel_size=3),
            LayerCase(
                ((2, 7),),
                largest_size,
                lambda t: t.nn.LPPool1d(float("inf"), 3, stride=2),
                {"norm_type": "inf", "kernel_size": 3, "stride": 2},
            ),
            *(
                behind_rectifier(plain_case("LPPool1d", norm, norm_type=p, kernel_size=2))
                for p in (1.0, 2.0, 3.0)
            ),
        ),
        norm_refusals("LPPool1d"),
    ),
    "LPPool2d": LayerCases(
        (
            plain_case("LPPool2d", norm, norm_type=2.0, kernel_size=2),
            LayerCase(
                ((2, 6, 5),),
                None,
                lambda t: t.nn.LPPool2d(float("inf"), 2, ceil_mode=True),
                {"norm_type": "inf", "kernel_size": 2, "ceil_mode": True},
            ),
            behind_rectifier(plain_case("LPPool2d", norm, norm_type=1.5, kernel_size=2)),
            plain_case(
                "LPPool2d", norm, norm_type=1.5, kernel_size=[3, 2], stride=[2, 1], ceil_mode=True
            ),
        ),
        norm_refusals("LPPool2d"),
    ),
    "LPPool3d": LayerCases(
        (
            plain_case("LPPool3d", norm, norm_type=2.0, kernel_size=2),
            behind_rectifier(plain_case("LPPool3d", norm, norm_type=2.0, kernel_size=[2, 1, 1])),
            plain_case("LPPool3d", norm, norm_type=4.0, kernel_size=[1, 2, 3], stride=1),
        ),
        norm_refusals("LPPool3d"),
    ),
}
