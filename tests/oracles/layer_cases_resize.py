"""Cases of upsampling, shuffles and patches."""

from __future__ import annotations

import math
from typing import Any

import formulas_resampling as naive
import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights
from layer_cases_conv import each


def resized(mode: str, keys: dict[str, Any]) -> Any:
    """Return the formula of resizing, axis by axis."""
    corners, exact = bool(keys.get("align_corners")), mode == "nearest-exact"

    def formula(w: Weights, x: Array) -> Array:
        rank = x.ndim - 2
        for axis in range(2, x.ndim):
            size = x.shape[axis]
            factor = each(keys.get("scale_factor"), rank)[axis - 2]
            count = each(keys.get("size"), rank)[axis - 2] or math.floor(size * factor)
            step = (
                size / count if factor is None or keys.get("recompute_scale_factor") else 1 / factor
            )
            if mode.startswith("nearest"):
                at = [math.floor((i + (0.5 if exact else 0)) * step) for i in range(count)]
                x = x.take([min(i, size - 1) for i in at], axis)
                continue
            if corners:
                step = (size - 1) / (count - 1) if count > 1 else 0.5
            kind = "cubic" if mode == "bicubic" else "linear"
            matrix = naive.interpolation_matrix(corners, count, "float64", kind, size, step)
            x = naive.axis_product(x, matrix, axis, False)
        return x

    return formula


def resize_case(kind: str, shape: tuple[int, ...], **keys: Any) -> LayerCase:
    modes = {"UpsamplingNearest2d": "nearest", "UpsamplingBilinear2d": "bilinear"}
    mode = modes.get(kind, keys.get("mode", "nearest"))
    settings = {**keys, "align_corners": True} if kind == "UpsamplingBilinear2d" else keys
    call = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    return LayerCase((shape,), resized(mode, settings), lambda t: getattr(t.nn, kind)(**call), keys)


def upsample(shape: tuple[int, ...], **keys: Any) -> LayerCase:
    return resize_case("Upsample", shape, **keys)


SEQUENCE, IMAGE, VOLUME = (2, 5), (2, 5, 4), (1, 3, 4, 2)
EITHER = Refusal("give either size or scale_factor", (IMAGE,))
BOTH = Refusal("give either size or scale_factor", (IMAGE,), {"size": 3, "scale_factor": 2.0})
NOTHING = Refusal("nothing is left of the 5 elements along dim 2", (IMAGE,), {"scale_factor": 0.1})
MANY = Refusal("needs a list of 5000000000000 places", (IMAGE,), {"scale_factor": 1e12})
NUMBERS = Refusal("size has 3 numbers", (IMAGE,), {"size": [3, 3, 3]})


def shuffled(w: Weights, x: Array) -> Array:
    """Make channels pixels, two by two."""
    n, c, h, v = x.shape
    y = np.empty((n, c // 4, 2 * h, 2 * v))
    for i, j in np.ndindex(2, 2):
        y[:, :, i::2, j::2] = x[:, 2 * i + j :: 4]
    return y


def unshuffled(w: Weights, x: Array) -> Array:
    """Make pixels channels, two by two."""
    n, c, h, v = x.shape
    y = np.empty((n, 4 * c, h // 2, v // 2))
    for i, j in np.ndindex(2, 2):
        y[:, 2 * i + j :: 4] = x[:, :, i::2, j::2]
    return y


def dealt(groups: int) -> Any:
    """Return the formula of channels dealt out anew."""

    def formula(w: Weights, x: Array) -> Array:
        each_group = x.shape[1] // groups
        order = [j * each_group + i for i in range(each_group) for j in range(groups)]
        return x[:, order]

    return formula


def geometry(keys: dict[str, Any]) -> dict[str, Any]:
    padding = each(keys.get("padding", 0), 2)
    names = {"kernel": "kernel_size", "stride": "stride", "dilation": "dilation"}
    found = {key: each(keys.get(name, 1), 2) for key, name in names.items()}
    return {**found, "before": padding, "after": padding}


def laid_out(keys: dict[str, Any]) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        y = naive.unfold(x, **geometry(keys))
        return y.reshape(len(x), math.prod(y.shape[1:4]), -1)

    return formula


def put_back(keys: dict[str, Any]) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        sizes, options = each(keys["output_size"], 2), geometry(keys)
        counts = naive.unfold(np.zeros(sizes), **options).shape[2:]
        patches = x.reshape(len(x), -1, *options["kernel"], *counts)
        return naive.fold(patches, **options, spatial=sizes)

    return formula


def patch_case(kind: str, shape: tuple[int, ...], **keys: Any) -> LayerCase:
    call = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    formula = laid_out(keys) if kind == "Unfold" else put_back(keys)
    return LayerCase((shape,), formula, lambda t: getattr(t.nn, kind)(**call), keys)


WHOLE = "needs floating point numbers"

RESIZE: dict[str, LayerCases] = {
    "Upsample": LayerCases(
        (
            upsample(SEQUENCE, scale_factor=2.0),
            upsample(IMAGE, size=[7, 9]),
            upsample(IMAGE, scale_factor=[1.7, 0.6]),
            upsample(VOLUME, scale_factor=2.0, recompute_scale_factor=True),
            upsample(IMAGE, size=[7, 9], mode="nearest-exact"),
            upsample(SEQUENCE, scale_factor=2.3, mode="linear"),
            upsample(SEQUENCE, size=1, mode="linear", align_corners=True),
            upsample(IMAGE, scale_factor=2.0, mode="bilinear"),
            upsample(IMAGE, size=[9, 3], mode="bilinear", align_corners=True),
            upsample(IMAGE, scale_factor=1.7, mode="bilinear", recompute_scale_factor=True),
            upsample(IMAGE, scale_factor=[2.0, 1.3], mode="bicubic"),
            upsample(IMAGE, size=[3, 8], mode="bicubic", align_corners=True),
            upsample(VOLUME, scale_factor=2.0, mode="trilinear"),
            upsample(VOLUME, size=[2, 4, 5], mode="trilinear", align_corners=True),
        ),
        (
            EITHER,
            BOTH,
            NOTHING,
            NUMBERS,
            MANY,
            Refusal(WHOLE, (IMAGE,), {"size": 3}, "int64"),
            Refusal("mode linear takes", (IMAGE,), {"size": 3, "mode": "linear"}),
            Refusal("align_corners says nothing", (IMAGE,), {"size": 3, "align_corners": True}),
            Refusal(
                "recompute_scale_factor says nothing",
                (IMAGE,),
                {"size": 3, "recompute_scale_factor": True},
            ),
        ),
    ),
    "UpsamplingNearest2d": LayerCases(
        (
            resize_case("UpsamplingNearest2d", IMAGE, scale_factor=2.0),
            resize_case("UpsamplingNearest2d", IMAGE, size=[8, 3]),
        ),
        (EITHER, BOTH, NOTHING, NUMBERS),
    ),
    "UpsamplingBilinear2d": LayerCases(
        (
            resize_case("UpsamplingBilinear2d", IMAGE, scale_factor=2.0),
            resize_case("UpsamplingBilinear2d", IMAGE, size=[8, 3]),
        ),
        (EITHER, NOTHING, Refusal("mode bilinear takes", (SEQUENCE,), {"size": 3})),
    ),
    "PixelShuffle": LayerCases(
        (
            LayerCase(
                ((8, 2, 3),), shuffled, lambda t: t.nn.PixelShuffle(2), {"upscale_factor": 2}
            ),
            LayerCase(
                ((4, 1, 1),), shuffled, lambda t: t.nn.PixelShuffle(2), {"upscale_factor": 2}
            ),
        ),
        (
            Refusal("makes a pixel of 9 channels", ((8, 2, 3),), {"upscale_factor": 3}),
            Refusal("takes [N, C, H, W]", ((8, 2),), {"upscale_factor": 2}),
            Refusal(WHOLE, ((4, 2, 2),), {"upscale_factor": 2}, "int64"),
        ),
    ),
    "PixelUnshuffle": LayerCases(
        (
            LayerCase(
                ((2, 4, 6),), unshuffled, lambda t: t.nn.PixelUnshuffle(2), {"downscale_factor": 2}
            ),
        ),
        (
            Refusal("does not divide height and width", ((1, 3, 4),), {"downscale_factor": 2}),
            Refusal(WHOLE, ((1, 2, 2),), {"downscale_factor": 2}, "int64"),
        ),
    ),
    "ChannelShuffle": LayerCases(
        (
            LayerCase(((6, 2, 2),), dealt(2), lambda t: t.nn.ChannelShuffle(2), {"groups": 2}),
            LayerCase(((6, 3),), dealt(3), lambda t: t.nn.ChannelShuffle(3), {"groups": 3}),
        ),
        (
            Refusal("groups 4 does not divide the 6 channels", ((6, 2),), {"groups": 4}),
            Refusal("takes [N, C, axes ...]", ((6,),), {"groups": 2}),
            Refusal(WHOLE, ((6, 2),), {"groups": 2}, "int64"),
        ),
    ),
    "Unfold": LayerCases(
        (
            patch_case("Unfold", (2, 4, 5), kernel_size=2),
            patch_case(
                "Unfold", (2, 5, 6), kernel_size=[2, 3], dilation=[2, 1], padding=1, stride=[1, 2]
            ),
        ),
        (
            Refusal("reaches over 5 elements along dim 2", ((2, 4, 5),), {"kernel_size": 5}),
            Refusal("takes [N, C, H, W]", ((2, 4),), {"kernel_size": 2}),
            Refusal("stride has 3 numbers", ((2, 4, 5),), {"kernel_size": 2, "stride": [1, 1, 1]}),
        ),
    ),
    "Fold": LayerCases(
        (
            patch_case("Fold", (8, 12), output_size=[4, 5], kernel_size=2),
            patch_case("Fold", (12, 9), output_size=[4, 5], kernel_size=2, padding=1, stride=2),
        ),
        (
            Refusal("has 3 * 4 = 12 windows", ((8, 9),), {"output_size": [4, 5], "kernel_size": 2}),
            Refusal(
                "do not divide the 7 rows", ((7, 12),), {"output_size": [4, 5], "kernel_size": 2}
            ),
            Refusal("takes [N, C taps, windows]", ((8,),), {"output_size": 4, "kernel_size": 2}),
            Refusal("reaches over 5 elements", ((25, 1),), {"output_size": 4, "kernel_size": 5}),
        ),
    ),
}
