"""Cases of pooling over windows at random places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Sizes, Weights, between
from layer_cases_conv import each
from layer_cases_pool import apart, tied, values_only

ORDER = {2: (1, 0), 3: (0, 1, 2)}
"""Which random number torch takes for each axis."""


def begin(u: float, size: int, kernel: int, count: int) -> list[int]:
    """Return where the windows along an axis begin: `floor((i + u) a) - floor(u a)`, the last at the end."""
    last = size - kernel
    step = last / max(count - 1, 1)
    return [*(math.floor((i + u) * step) - math.floor(u * step) for i in range(count - 1)), last]


def pooled(rank: int, keys: dict[str, Any]) -> Any:
    """Return the formula: values and their positions over the plane; random numbers are 1/2 if not given."""
    kernel = each(keys["kernel_size"], rank)

    def formula(w: Weights, x: Array, samples: Array | None = None) -> Any:
        sizes = x.shape[2:]
        ratios = each(keys.get("output_ratio", 1.0), rank)
        counts = [int(size * ratio) for size, ratio in zip(sizes, ratios, strict=True)]
        counts = list(each(keys.get("output_size", tuple(counts)), rank))
        y = np.empty((*x.shape[:2], *counts))
        at = np.empty(y.shape, np.int64)
        numbers = np.arange(math.prod(sizes)).reshape(sizes)
        u = np.full((*x.shape[:2], rank), 0.5) if samples is None else samples
        for plane in np.ndindex(*x.shape[:2]):
            drawn = [float(u[(*plane, column)]) for column in ORDER[rank]]
            rows = list(zip(drawn, sizes, kernel, counts, strict=True))
            starts = [begin(*row) for row in rows]
            for p in np.ndindex(*counts):
                first = [row[i] for row, i in zip(starts, p, strict=True)]
                spans = tuple(slice(a, a + k) for a, k in zip(first, kernel, strict=True))
                part = x[plane][spans]
                y[(*plane, *p)] = part.max()
                at[(*plane, *p)] = numbers[spans].reshape(-1)[part.argmax()]
        return y, at

    return formula


def called(module: Any, x: Any, samples: Any = None) -> Any:
    """Call torch's module with random numbers of ours."""
    rank = x.ndim - 2
    middle = x.new_full((*x.shape[:2], rank), 0.5)
    module._random_samples = middle if samples is None else samples.detach()
    return module(x)


def case(
    kind: str, sizes: Sizes, *, given: bool = False, ties: bool = False, **keys: Any
) -> LayerCase:
    rank = len(sizes)
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}

    def make(t: Any) -> Any:
        return getattr(t.nn, kind)(**settings, return_indices=True)

    return LayerCase(
        ((2, *sizes), *(((2, rank),) if given else ())),
        pooled(rank, keys),
        make,
        {**keys, "return_indices": True},
        (tied if ties else apart, *((between(0.03, 0.97),) if given else ())),
        call=called,
        random=not given,
        smooth=not ties,
    )


def values(one: LayerCase) -> LayerCase:
    """Return a case without its indices."""
    bare = values_only(one)

    def formula(w: Weights, *inputs: Array) -> Any:
        assert one.formula is not None
        return one.formula(w, *inputs)[0]

    def call(module: Any, *inputs: Any) -> Any:
        return called(module, *inputs)[0]

    return LayerCase(
        bare.shapes,
        formula,
        bare.torch,
        bare.keys,
        bare.draws,
        call=call,
        random=bare.random,
        smooth=bare.smooth,
    )


def refusals(kind: str, *sizes: int) -> tuple[Refusal, ...]:
    rank = len(sizes)
    shape, keys = (2, *sizes), {"kernel_size": 2, "output_size": 3}
    kernel = {"kernel_size": 2}
    u = (2, rank)
    return (
        Refusal("takes [N, C,", ((3, 4, 4, 4, 4),), keys),
        Refusal("needs floating point numbers", (shape,), keys, "int64"),
        Refusal("neither is given", (shape,), kernel),
        Refusal("both are given", (shape,), {**keys, "output_ratio": 0.5}),
        Refusal("output_ratio", (shape,), {**kernel, "output_ratio": 1.0}),
        Refusal("output_ratio", (shape,), {**kernel, "output_ratio": 0}),
        Refusal("output_ratio", (shape,), {**kernel, "output_ratio": [0.5] * (rank - 1) + [-0.5]}),
        Refusal("leaves nothing of the", (shape,), {**kernel, "output_ratio": 0.1}),
        Refusal(
            "3 windows of 9 elements need 3 + 9 - 1 = 11", (shape,), {**keys, "kernel_size": 9}
        ),
        Refusal("elements along dim 2, there are", (shape,), {**kernel, "output_size": sizes[0]}),
        Refusal("kernel_size", (shape,), {**keys, "kernel_size": 0}),
        Refusal("output_size", (shape,), {**keys, "output_size": 0}),
        Refusal("kernel_size has 4 numbers", (shape,), {**keys, "kernel_size": [1] * 4}),
        Refusal("output_size has 4 numbers", (shape,), {**keys, "output_size": [1] * 4}),
        Refusal("output_ratio has 4 numbers", (shape,), {**kernel, "output_ratio": [0.5] * 4}),
        Refusal("takes random numbers [N, 2,", (shape, (2, rank + 1)), keys),
        Refusal("takes random numbers [N, 2,", (shape, (rank,)), keys),
        Refusal("needs floating point numbers", (shape, u), keys, ("float32", "int64")),
        Refusal("wrong number of inputs", (shape, u, u), keys),
    )


PLANE, SPACE = "FractionalMaxPool2d", "FractionalMaxPool3d"
FRACTIONAL: dict[str, LayerCases] = {
    PLANE: LayerCases(
        (
            case(PLANE, (7, 6), kernel_size=2, output_size=[4, 3], given=True),
            case(PLANE, (7, 6), kernel_size=[2, 3], output_size=[4, 3]),
            case(PLANE, (9, 8), kernel_size=[3, 1], output_ratio=[0.5, 0.7], given=True),
            values(case(PLANE, (8, 5), kernel_size=2, output_ratio=0.5, given=True)),
            values(case(PLANE, (8, 5), kernel_size=2, output_ratio=0.5)),
            case(PLANE, (5, 5), kernel_size=3, output_size=3, given=True),
            case(PLANE, (6, 5), kernel_size=[6, 5], output_size=1, given=True),
            case(PLANE, (7, 7), kernel_size=3, output_size=4, given=True, ties=True),
            case(PLANE, (20, 18), kernel_size=[17, 16], output_size=2, given=True),
        ),
        refusals(PLANE, 5, 4),
    ),
    SPACE: LayerCases(
        (
            case(SPACE, (5, 6, 4), kernel_size=2, output_size=[3, 4, 2], given=True),
            case(SPACE, (5, 6, 7), kernel_size=[2, 1, 3], output_size=[2, 4, 3]),
            case(SPACE, (5, 4, 5), kernel_size=2, output_ratio=[0.5, 0.4, 0.6], given=True),
            values(case(SPACE, (5, 4, 5), kernel_size=2, output_ratio=0.5, given=True)),
            values(case(SPACE, (4, 4, 5), kernel_size=[1, 2, 2], output_ratio=0.5)),
            case(SPACE, (4, 5, 4), kernel_size=2, output_size=2, given=True, ties=True),
        ),
        refusals(SPACE, 5, 4, 4),
    ),
}
