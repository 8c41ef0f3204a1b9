"""Cases of convolution and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np
from formulas_windows import counted, max_pool
from samples import Array, Case, Cases, Draw, case, given, normal

Sizes = tuple[int, ...]


def windows(taps: Sizes, **changes: Any) -> dict[str, Any]:
    """Return the attributes of windows, neighbours and unpadded where nothing else is said."""
    rank = len(taps)
    plain = {"stride": (1,) * rank, "dilation": (1,) * rank}
    return {**plain, "before": (0,) * rank, "after": (0,) * rank, **changes}


CONVOLUTIONS: tuple[tuple[Sizes, Sizes, dict[str, Any]], ...] = (
    ((2, 5, 3), (3, 2, 3), {"groups": 1}),
    ((1, 4, 2), (2, 1, 1), {"groups": 1}),
    ((2, 4, 5, 2), (3, 2, 3, 2), {"groups": 1, "before": (1, 1), "after": (1, 0)}),
    (
        (2, 5, 5, 1),
        (2, 2, 3, 3),
        {"groups": 1, "before": (2, 0), "after": (2, 0), "stride": (2, 1)},
    ),
    ((4, 4, 4, 2), (4, 2, 2, 2), {"groups": 2, "before": (0, 1), "after": (0, 1)}),
    ((3, 5, 4, 2), (3, 1, 2, 2), {"groups": 3, "dilation": (2, 1)}),
    (
        (2, 4, 4, 2),
        (4, 1, 3, 3),
        {"groups": 2, "before": (1, 1), "after": (1, 1), "stride": (2, 2)},
    ),
    ((3, 3, 4, 2), (2, 3, 1, 1), {"groups": 1}),
    ((2, 3, 4, 3, 1), (2, 2, 2, 2, 2), {"groups": 1, "after": (1, 0, 0)}),
    ((2, 2, 3), (2, 2, 2), {"groups": 1, "before": (3,), "after": (3,), "stride": (3,)}),
    ((1, 7, 2), (5, 1, 2), {"groups": 1, "dilation": (3,), "before": (1,), "after": (2,)}),
    # Rows long enough to share patches: neighbours, steps, groups, gaps, and windows that lie apart.
    ((2, 4, 9, 1), (3, 2, 3, 3), {"groups": 1, "before": (1, 0), "after": (1, 1)}),
    ((2, 5, 8, 2), (2, 1, 3, 1), {"groups": 2, "stride": (2, 1)}),
    ((1, 5, 9, 1), (2, 1, 2, 2), {"groups": 1, "dilation": (2, 1)}),
    ((2, 4, 8, 1), (1, 2, 1, 1), {"groups": 1, "stride": (2, 1)}),
    ((1, 3, 3, 5, 2), (2, 1, 2, 2, 2), {"groups": 1, "before": (1, 0, 0), "after": (0, 0, 0)}),
    # Gradients of inputs that are added up along the axes but the first.
    ((1, 4, 9, 1), (5, 1, 3, 2), {"groups": 1, "before": (1, 0), "after": (0, 1)}),
    (
        (2, 4, 17, 1),
        (2, 1, 2, 3),
        {"groups": 2, "stride": (1, 2), "before": (0, 1), "after": (1, 0)},
    ),
    ((2, 5, 4, 2), (2, 2, 2, 2), {"groups": 1, "stride": (1, 2), "dilation": (2, 1)}),
)
"""Shapes of operand and weight: one to three axes, padding on both sides, gaps, steps, groups."""


def result_of(x: Sizes, weight: Sizes, options: dict[str, Any]) -> Sizes:
    rows = {key: options[key] for key in ("stride", "before", "after", "dilation")}
    return (weight[0], *counted(x[1:-1], weight[2:], **rows), x[-1])


def convolutions(which: str) -> tuple[Case, ...]:
    cases = []
    for x, weight, changes in CONVOLUTIONS:
        options = windows(weight[2:], **changes)
        g = result_of(x, weight, options)
        if which == "conv":
            cases.append(case(normal(*x), normal(*weight), **options))
        elif which == "input":
            cases.append(case(normal(*g), normal(*weight), **options, spatial=x[1:-1]))
        else:
            cases.append(case(normal(*g), normal(*x), **options, kernel=weight[2:]))
    return tuple(cases)


def apart(*shape: int) -> Draw:
    """Draw numbers of which no two are nearer than a quarter to each other."""
    count = int(np.prod(shape))
    return lambda chance: chance.permutation(count).reshape(shape) / 4.0 - count / 8.0


POOLS: tuple[tuple[Sizes, Sizes, Sizes, dict[str, Any]], ...] = (
    ((2, 4, 4), (1, 2), (2, 2), {"stride": (2, 2)}),
    ((3, 5), (1,), (2,), {"stride": (2,)}),
    ((2, 5, 4), (1, 2), (3, 2), {}),
    ((4, 5, 2), (0, 1), (3, 2), {"stride": (2, 2), "before": (1, 1), "after": (1, 0)}),
    ((1, 2, 3, 4, 3), (2, 3, 4), (2, 2, 2), {"stride": (1, 2, 1)}),
    ((2, 6), (1,), (2,), {"dilation": (3,), "before": (1,), "after": (2,)}),
    ((2, 3, 3), (1, 2), (1, 3), {"stride": (2, 1), "before": (0, 1), "after": (0, 1)}),
    ((1, 300), (1,), (280,), {"stride": (7,)}),
)
"""Shape, axes and kernel; the last has more taps than a byte tells apart, and too many to derive by each."""


def pools() -> tuple[Case, ...]:
    return tuple(
        Case(
            (apart(*shape),),
            windows(kernel, **changes, axes=axes, kernel=kernel),
            smooth=shape != POOLS[-1][0],
        )
        for shape, axes, kernel, changes in POOLS
    )


def ties() -> Case:
    values = [[1.0, 1.0, 0.0, 1.0], [0.0, -np.inf, -np.inf, -np.inf], [-0.0, 0.0, 0.0, -0.0]]
    options = windows((2,), stride=(2,), axes=(1,), kernel=(2,))
    return Case((given(values),), options, smooth=False)


def pool_gradients() -> tuple[Case, ...]:
    """Return cases of (g, tap), the taps being those that were really found."""
    cases = []
    for shape, axes, kernel, changes in POOLS:
        options = windows(kernel, **changes, axes=axes, kernel=kernel)
        out, tap = max_pool(found(shape), **options)
        spatial = tuple(shape[axis] for axis in axes)
        cases.append(case(normal(*out.shape), given(tap), **options, spatial=spatial))
    return tuple(cases)


def found(shape: Sizes) -> Array:
    return np.random.default_rng(8).standard_normal(shape)


def positions() -> tuple[Case, ...]:
    cases = []
    for shape, axes, kernel, changes in POOLS:
        options = windows(kernel, **changes, axes=axes, kernel=kernel)
        out, tap = max_pool(found(shape), **options)
        rows = zip(axes, options["stride"], options["before"], strict=True)
        starts = tuple(p * s - b for axis, s, b in rows for p in range(out.shape[axis]))
        spatial = tuple(shape[axis] for axis in axes)
        kept = {key: options[key] for key in ("axes", "dilation", "kernel")}
        cases.append(case(given(tap), **kept, spatial=spatial, starts=starts))
    return tuple(cases)


WINDOWS: dict[str, Cases] = {
    "conv": Cases(convolutions("conv"), cancels=True),
    "conv_input_gradient": Cases(convolutions("input"), cancels=True),
    "conv_weight_gradient": Cases(convolutions("weight"), cancels=True),
    "max_pool": Cases((*pools(), ties())),
    "window_max": Cases((*pools(), ties())),
    "max_pool_gradient": Cases(pool_gradients(), cancels=True),
    "tap_positions": Cases(positions()),
}
