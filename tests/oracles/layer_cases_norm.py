"""Cases of normalisation layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights

WHOLE = Refusal("needs floating point numbers", ((3,),), dtype="int64")


def affine(w: Weights, y: Array, spread: tuple[int, ...]) -> Array:
    weight = w["weight"].reshape(spread) if "weight" in w else 1.0
    bias = w["bias"].reshape(spread) if "bias" in w else 0.0
    return np.asarray(y * weight + bias)


def by_batch(axes: tuple[int, ...], spread: tuple[int, ...], eps: float = 1e-5) -> Any:
    """Return normalisation over axes, scaled and shifted by weights of the shape `spread`."""

    def formula(w: Weights, x: Array) -> Array:
        deviation = np.sqrt(x.var(axes, keepdims=True) + eps)
        y = (x - x.mean(axes, keepdims=True)) / deviation
        return affine(w, y, spread)

    return formula


def by_running(spread: tuple[int, ...], eps: float = 1e-5) -> Any:
    """Return normalisation by running statistics."""

    def formula(w: Weights, x: Array) -> Array:
        mean, variance = (w[f"running_{name}"].reshape(spread) for name in ("mean", "var"))
        y = (x - mean) / np.sqrt(variance + eps)
        return affine(w, y, spread)

    return formula


def grouped(groups: int, eps: float = 1e-5) -> Any:
    """Return normalisation over groups of channels."""

    def formula(w: Weights, x: Array) -> Array:
        rows = x.reshape(len(x), groups, -1)
        rows = (rows - rows.mean(2, keepdims=True)) / np.sqrt(rows.var(2, keepdims=True) + eps)
        return affine(w, rows.reshape(x.shape), (1, x.shape[1]) + (1,) * (x.ndim - 2))

    return formula


def by_root(axes: tuple[int, ...], eps: float = 2.0**-52) -> Any:
    """Return division by the root mean square over axes."""

    def formula(w: Weights, x: Array) -> Array:
        y = x / np.sqrt((x * x).mean(axes, keepdims=True) + eps)
        return np.asarray(y * w.get("weight", 1.0))

    return formula


def by_neighbours(size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Return division by the squares of neighbouring channels."""

    def formula(w: Weights, x: Array) -> Array:
        y = np.empty_like(x)
        for c in range(x.shape[1]):
            near = slice(max(0, c - size // 2), c + (size - 1) // 2 + 1)
            y[:, c] = x[:, c] / (k + alpha / size * (x[:, near] ** 2).sum(1)) ** beta
        return y

    return formula


NORMS: dict[str, LayerCases] = {
    "BatchNorm1d": LayerCases(
        (
            LayerCase(
                ((3,),),
                by_running((1, 3)),
                lambda t: t.nn.BatchNorm1d(3),
                training=by_batch((0,), (1, 3)),
            ),
            LayerCase(
                ((3, 5),),
                by_running((1, 3, 1), 1e-3),
                lambda t: t.nn.BatchNorm1d(3, eps=1e-3, momentum=0.3, affine=False),
                {"eps": 1e-3, "momentum": 0.3, "affine": False},
                training=by_batch((0, 2), (1, 3, 1), 1e-3),
            ),
            LayerCase(
                ((3, 2),),
                by_batch((0, 2), (1, 3, 1)),
                lambda t: t.nn.BatchNorm1d(3, track_running_stats=False),
                {"track_running_stats": False},
            ),
        ),
        (
            Refusal("takes [N, C] or [N, C, L], the input is [N, 2, 3, 4]", ((2, 3, 4),)),
            Refusal("num_features is 4, but the input [N, 3] has 3", ((3,),), {"num_features": 4}),
            WHOLE,
        ),
    ),
    "LayerNorm": LayerCases(
        (
            LayerCase(((4,),), by_batch((1,), (1, 4)), lambda t: t.nn.LayerNorm(4)),
            LayerCase(
                ((3, 2),),
                by_batch((1, 2), (1, 3, 2), 1e-3),
                lambda t: t.nn.LayerNorm((3, 2), eps=1e-3, bias=False),
                {"normalized_shape": [3, 2], "eps": 1e-3, "bias": False},
            ),
            LayerCase(
                ((3, 2),),
                by_batch((2,), (1,)),
                lambda t: t.nn.LayerNorm(2, elementwise_affine=False),
                {"elementwise_affine": False},
            ),
        ),
        (
            Refusal(
                "normalized_shape [4] is not how the input [N, 3] ends",
                ((3,),),
                {"normalized_shape": 4},
            ),
            WHOLE,
        ),
    ),
    "BatchNorm2d": LayerCases(
        (
            LayerCase(
                ((3, 2, 4),),
                by_running((1, 3, 1, 1)),
                lambda t: t.nn.BatchNorm2d(3),
                training=by_batch((0, 2, 3), (1, 3, 1, 1)),
            ),
            LayerCase(
                ((2, 1, 3),),
                by_running((1, 2, 1, 1), 0.01),
                lambda t: t.nn.BatchNorm2d(2, eps=0.01, momentum=None),
                {"eps": 0.01, "momentum": None, "num_features": 2},
                training=by_batch((0, 2, 3), (1, 2, 1, 1), 0.01),
            ),
        ),
        (
            Refusal("takes [N, C, H, W], the input is [N, 3, 4]", ((3, 4),)),
            Refusal(
                "num_features is 3, but the input [N, 2, 3, 3] has 2",
                ((2, 3, 3),),
                {"num_features": 3},
            ),
        ),
    ),
    "BatchNorm3d": LayerCases(
        (
            LayerCase(
                ((2, 2, 1, 3),),
                by_running((1, 2, 1, 1, 1)),
                lambda t: t.nn.BatchNorm3d(2),
                training=by_batch((0, 2, 3, 4), (1, 2, 1, 1, 1)),
            ),
        ),
        (Refusal("takes [N, C, D, H, W], the input is [N, 2, 3, 4]", ((2, 3, 4),)),),
    ),
    "InstanceNorm1d": LayerCases(
        (
            LayerCase(((3, 4),), by_batch((2,), ()), lambda t: t.nn.InstanceNorm1d(3)),
            LayerCase(
                ((2, 5),),
                by_running((1, 2, 1), 1e-3),
                lambda t: t.nn.InstanceNorm1d(
                    2, eps=1e-3, momentum=0.3, affine=True, track_running_stats=True
                ),
                {"eps": 1e-3, "momentum": 0.3, "affine": True, "track_running_stats": True},
                training=by_batch((2,), (1, 2, 1), 1e-3),
            ),
        ),
        (
            Refusal("takes [N, C, L], the input is [N, 3]", ((3,),)),
            Refusal("wrong value for 'momentum'", ((3, 4),), {"momentum": None}),
        ),
    ),
    "InstanceNorm2d": LayerCases(
        (
            LayerCase(
                ((2, 2, 3),),
                by_batch((2, 3), (1, 2, 1, 1)),
                lambda t: t.nn.InstanceNorm2d(2, affine=True, bias=False),
                {"affine": True, "bias": False},
            ),
            LayerCase(
                ((2, 2, 3),),
                by_running((1, 2, 1, 1)),
                lambda t: t.nn.InstanceNorm2d(2, track_running_stats=True),
                {"track_running_stats": True},
                training=by_batch((2, 3), ()),
            ),
        ),
        (Refusal("takes [N, C, H, W], the input is [N, 3, 4]", ((3, 4),)),),
    ),
    "InstanceNorm3d": LayerCases(
        (
            LayerCase(
                ((2, 2, 1, 3),),
                by_batch((2, 3, 4), (1, 2, 1, 1, 1)),
                lambda t: t.nn.InstanceNorm3d(2, affine=True),
                {"affine": True},
            ),
        ),
        (Refusal("takes [N, C, D, H, W], the input is [N, 2, 3, 4]", ((2, 3, 4),)),),
    ),
    "GroupNorm": LayerCases(
        (
            LayerCase(((4, 2, 3),), grouped(2), lambda t: t.nn.GroupNorm(2, 4), {"num_groups": 2}),
            LayerCase(
                ((6,),),
                grouped(2, 0.1),
                lambda t: t.nn.GroupNorm(2, 6, eps=0.1, bias=False),
                {"num_groups": 2, "num_channels": 6, "eps": 0.1, "bias": False},
            ),
            LayerCase(
                ((3, 4),),
                by_batch((2,), ()),
                lambda t: t.nn.GroupNorm(3, 3, affine=False),
                {"num_groups": 3, "affine": False},
            ),
        ),
        (
            Refusal(
                "num_groups 3 does not divide the 4 channels of the input [N, 4, 2]",
                ((4, 2),),
                {"num_groups": 3},
            ),
            Refusal(
                "num_channels is 5, but the input [N, 4] has 4",
                ((4,),),
                {"num_groups": 2, "num_channels": 5},
            ),
            Refusal("takes [N, C, ...], the input is [N]", ((),), {"num_groups": 1}),
            Refusal("needs floating point numbers", ((4,),), {"num_groups": 1}, "int64"),
        ),
    ),
    "RMSNorm": LayerCases(
        (
            LayerCase(((4,),), by_root((1,)), lambda t: t.nn.RMSNorm(4)),
            LayerCase(
                ((3, 2),),
                by_root((1, 2), 1e-3),
                lambda t: t.nn.RMSNorm((3, 2), eps=1e-3),
                {"normalized_shape": [3, 2], "eps": 1e-3},
            ),
            LayerCase(
                ((3, 2),),
                by_root((2,)),
                lambda t: t.nn.RMSNorm(2, elementwise_affine=False),
                {"elementwise_affine": False},
            ),
        ),
        (
            Refusal(
                "normalized_shape [2, 3] is not how the input [N, 3] ends",
                ((3,),),
                {"normalized_shape": [2, 3]},
            ),
            WHOLE,
        ),
    ),
    "LocalResponseNorm": LayerCases(
        (
            LayerCase(
                ((5, 2),), by_neighbours(3), lambda t: t.nn.LocalResponseNorm(3), {"size": 3}
            ),
            LayerCase(
                ((4, 2, 3),),
                by_neighbours(4, 0.5, 0.6, 2.0),
                lambda t: t.nn.LocalResponseNorm(4, 0.5, 0.6, 2.0),
                {"size": 4, "alpha": 0.5, "beta": 0.6, "k": 2.0},
            ),
            LayerCase(
                ((2, 3),), by_neighbours(1), lambda t: t.nn.LocalResponseNorm(1), {"size": 1}
            ),
        ),
        (
            Refusal("takes [N, C, ...] of at least 3 dimensions, not [N, 3]", ((3,),), {"size": 2}),
            Refusal("needs floating point numbers", ((3, 2),), {"size": 2}, "int64"),
        ),
    ),
}
