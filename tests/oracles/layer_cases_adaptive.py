"""Cases of adaptive pooling and of undoing a pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, Weights, normal
from layer_cases_conv import AXES, each
from layer_cases_pool import apart, tied, values_only


def shares(sizes: Sizes, counts: tuple[Any, ...]) -> Any:
    """Give every window of an adaptive pooling and the spans it takes."""
    wanted = tuple(count or size for size, count in zip(sizes, counts, strict=True))
    for place in np.ndindex(*wanted):
        rows = list(zip(place, sizes, wanted, strict=True))
        starts = [math.floor(i * size / n) for i, size, n in rows]
        ends = [math.ceil((i + 1) * size / n) for i, size, n in rows]
        yield place, tuple(slice(a, b) for a, b in zip(starts, ends, strict=True)), wanted


def pooled(rank: int, keys: dict[str, Any], *, largest: bool) -> Any:
    """Return the formula of an adaptive pooling; positions count over the whole plane."""
    counts = each(keys["output_size"], rank)

    def formula(w: Weights, x: Array) -> Any:
        sizes = x.shape[2:]
        wanted = tuple(count or size for size, count in zip(sizes, counts, strict=True))
        y = np.empty((*x.shape[:2], *wanted))
        at = np.empty(y.shape, np.int64)
        numbers = np.arange(math.prod(sizes)).reshape(sizes)
        for place, spans, _ in shares(sizes, counts):
            part = x[(slice(None), slice(None), *spans)].reshape(*x.shape[:2], -1)
            here = (slice(None), slice(None), *place)
            y[here] = part.max(-1) if largest else part.mean(-1)
            at[here] = numbers[spans].reshape(-1)[part.argmax(-1)]
        return (y, at) if largest else y

    return formula


def case(kind: str, output_size: Any, sizes: Sizes = (), draw: Draw | None = None) -> LayerCase:
    rank, largest = int(kind[-2]), "Max" in kind
    wanted = tuple(output_size) if isinstance(output_size, list) else output_size
    more = {"return_indices": True} if largest else {}
    keys = {"output_size": output_size, **more}
    shape = (2, *(sizes or AXES[rank]))
    draws = (draw or (apart if largest else normal),)

    def make(t: Any) -> Any:
        return getattr(t.nn, kind)(wanted, **more)

    formula = pooled(rank, keys, largest=largest)
    return LayerCase((shape,), formula, make, keys, draws, smooth=draw is None)


def refusals(kind: str) -> tuple[Refusal, ...]:
    shape = (2, *AXES[int(kind[-2])])
    return (
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), {"output_size": 1}),
        Refusal("needs floating point numbers", (shape,), {"output_size": 1}, "int64"),
        Refusal("output_size", (shape,), {"output_size": 0}),
        Refusal("output_size has 4 numbers", (shape,), {"output_size": [1, 1, 1, 1]}),
        Refusal("needs a list of 1000000000 places", (shape,), {"output_size": 10**9}),
    )


def adaptive(kind: str, *sizes: Any, tied_too: bool = False) -> LayerCases:
    more = (case(kind, 2, draw=tied),) if tied_too else ()
    more += (values_only(case(kind, 2)),) if "Max" in kind else ()
    return LayerCases((*(case(kind, size) for size in sizes), *more), refusals(kind))


def unpooled(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula of undoing a pooling."""
    kernel = each(keys["kernel_size"], rank)
    stride, padding = each(keys.get("stride", kernel), rank), each(keys.get("padding", 0), rank)

    def formula(w: Weights, x: Array, index: Array) -> Array:
        rows = zip(x.shape[2:], stride, padding, kernel, strict=True)
        sizes = [(n - 1) * s - 2 * p + k for n, s, p, k in rows]
        sizes = list(each(keys.get("output_size", sizes), rank))
        y = np.zeros((*x.shape[:2], math.prod(sizes)))
        for place in np.ndindex(*x.shape):
            y[(*place[:2], index[place])] = x[place]
        return y.reshape(*x.shape[:2], *sizes)

    return formula


def different(limit: int) -> Draw:
    """Draw indices that are all different in each plane."""

    def draw(chance: np.random.Generator, shape: Sizes) -> Array:
        planes, size = math.prod(shape[:2]), math.prod(shape[2:])
        rows = [chance.permutation(limit)[:size] for _ in range(planes)]
        return np.array(rows).reshape(shape)

    return draw


def unpool_case(kind: str, shape: Sizes, limit: int, **keys: Any) -> LayerCase:
    rank = int(kind[-2])
    call = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
    size = call.pop("output_size", None)

    def called(module: Any, x: Any, index: Any) -> Any:
        return module(x, index, size)

    return LayerCase(
        (shape, shape),
        unpooled(rank, keys),
        lambda t: getattr(t.nn, kind)(**call),
        keys,
        (normal, different(limit)),
        call=called,
    )


def unpool_refusals(kind: str) -> tuple[Refusal, ...]:
    shape, keys = (2, *AXES[int(kind[-2])]), {"kernel_size": 2}
    return (
        Refusal("needs a whole number for each element", (shape, shape), keys),
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),) * 2, keys),
    )


ADAPTIVE: dict[str, LayerCases] = {
    "AdaptiveAvgPool1d": adaptive("AdaptiveAvgPool1d", 1, 3, 7, 9),
    "AdaptiveAvgPool2d": adaptive("AdaptiveAvgPool2d", 1, 3, [4, 5], [None, 2]),
    "AdaptiveAvgPool3d": adaptive("AdaptiveAvgPool3d", 2, [1, None, 3]),
    "AdaptiveMaxPool1d": adaptive("AdaptiveMaxPool1d", 1, 3, tied_too=True),
    "AdaptiveMaxPool2d": adaptive("AdaptiveMaxPool2d", 1, 3, [4, 7], [None, 2], tied_too=True),
    "AdaptiveMaxPool3d": adaptive("AdaptiveMaxPool3d", 2, [1, None, 3]),
    "MaxUnpool1d": LayerCases(
        (
            unpool_case("MaxUnpool1d", (2, 4), 8, kernel_size=2),
            unpool_case("MaxUnpool1d", (2, 3), 7, kernel_size=3, stride=2),
        ),
        unpool_refusals("MaxUnpool1d"),
    ),
    "MaxUnpool2d": LayerCases(
        (
            unpool_case("MaxUnpool2d", (2, 2, 3), 24, kernel_size=2),
            unpool_case("MaxUnpool2d", (1, 3, 2), 15, kernel_size=[3, 2], stride=2, padding=[1, 0]),
            unpool_case("MaxUnpool2d", (1, 2, 2), 25, kernel_size=2, output_size=[5, 5]),
        ),
        unpool_refusals("MaxUnpool2d"),
    ),
    "MaxUnpool3d": LayerCases(
        (unpool_case("MaxUnpool3d", (1, 2, 1, 2), 32, kernel_size=2),),
        unpool_refusals("MaxUnpool3d"),
    ),
}
