"""Cases of sums of windows, patches, padding and resampling."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases_windows import Sizes, windows
from formulas_windows import counted
from samples import Array, Case, Cases, Draw, case, normal

SUMS: tuple[tuple[Sizes, Sizes, Sizes, dict[str, Any]], ...] = (
    ((2, 4, 4), (1, 2), (2, 2), {"stride": (2, 2)}),
    ((3, 5), (1,), (2,), {"stride": (2,)}),
    ((2, 5, 4), (1, 2), (3, 2), {}),
    ((4, 5, 2), (0, 1), (3, 2), {"stride": (2, 2), "before": (1, 1), "after": (1, 0)}),
    ((1, 2, 3, 4, 3), (2, 3, 4), (2, 2, 2), {"stride": (1, 2, 1)}),
    ((2, 3, 3), (1, 2), (1, 3), {"stride": (2, 1), "before": (0, 1), "after": (0, 1)}),
    ((2, 7), (1,), (2,), {"stride": (3,)}),
)
"""Shape, axes and kernel."""


def sums(*, spread: bool) -> tuple[Case, ...]:
    cases = []
    for shape, axes, kernel, changes in SUMS:
        options = windows(kernel, **changes)
        spatial = tuple(shape[axis] for axis in axes)
        counts = dict(zip(axes, counted(spatial, kernel, **options), strict=True))
        del options["dilation"]
        options |= {"axes": axes, "kernel": kernel}
        if spread:
            out = tuple(counts.get(axis, size) for axis, size in enumerate(shape))
            cases.append(case(normal(*out), **options, spatial=spatial))
        else:
            cases.append(case(normal(*shape), **options))
    return tuple(cases)


PATCHES: tuple[tuple[Sizes, Sizes, dict[str, Any]], ...] = (
    ((2, 4, 5), (2, 3), {}),
    ((2, 3, 5), (2,), {"stride": (2,)}),
    ((4, 4), (2, 2), {"stride": (2, 2)}),
    ((2, 5, 4), (3, 2), {"before": (1, 1), "after": (1, 0), "stride": (2, 1)}),
    ((1, 6), (2,), {"dilation": (3,), "before": (1,), "after": (2,)}),
    ((1, 2, 3, 3), (2, 1, 2), {}),
)
"""Shape and kernel; windows lie along the last axes."""


def patches(*, fold: bool) -> tuple[Case, ...]:
    cases = []
    for shape, kernel, changes in PATCHES:
        options = windows(kernel, **changes)
        lead, spatial = shape[: -len(kernel)], shape[-len(kernel) :]
        counts = counted(spatial, kernel, **options)
        options["kernel"] = kernel
        if fold:
            cases.append(case(normal(*lead, *kernel, *counts), **options, spatial=spatial))
        else:
            cases.append(case(normal(*shape), **options))
    return tuple(cases)


def different(size: int, *shape: int) -> Draw:
    """Draw indices that are all different along the last axis."""

    def draw(chance: np.random.Generator) -> Array:
        rows = [chance.permutation(size)[: shape[-1]] for _ in range(int(np.prod(shape[:-1])))]
        return np.array(rows).reshape(shape)

    return draw


INDEXED: tuple[tuple[Sizes, int], ...] = (
    ((2, 3), 5),
    ((4,), 4),
    ((2, 2, 3), 7),
    ((1, 1), 1),
    ((3, 1), 2),
    ((1, 2, 2, 2), 9),
)
"""Shape of what is put, and the size of where it goes."""

PLACES: tuple[tuple[Sizes, int, Sizes], ...] = (
    ((2, 4), 1, (2, 1, 0, 1, 2, 3, 2)),
    ((2, 3), 1, (0, 0, 1, 1, 2, 2)),
    ((3, 2), 0, (2, 2, 2)),
    ((2, 4, 2), 1, (3, 1)),
    ((2, 4, 2), 1, (2, 3, 0, 1, 2, 3, 0, 1)),
    ((1, 5), 1, (0, 2, 4)),
    ((5,), 0, (4, 2, 0, 0, 3)),
    ((2, 1), 1, (0,)),
)
"""Shape, axis and places: mirrored, repeated, single, spread, around the corner, in steps, in disorder."""

PADDED: tuple[tuple[Sizes, Sizes, Sizes, float], ...] = (
    ((2, 3), (0, 1), (0, 2), 0.0),
    ((2, 3), (1, 0), (1, 0), -1.5),
    ((4,), (0,), (0,), 1.0),
    ((1, 2, 2), (0, 2, 1), (0, 0, 3), 2.0),
    ((3, 1), (0, 3), (0, 0), 0.0),
    ((2, 1, 2, 2), (0, 0, 1, 1), (0, 0, 1, 1), 0.5),
)

PRODUCTS: tuple[tuple[Sizes, int, int], ...] = (
    ((2, 4), 1, 3),
    ((4, 2), 0, 3),
    ((2, 3, 4), 1, 5),
    ((2, 3, 4), 2, 1),
    ((2, 1, 3), 1, 2),
    ((2, 2, 3, 2), 2, 3),
    ((5,), 0, 2),
    ((2, 3), 1, 3),
)
"""Shape, axis and number of rows."""


def products() -> tuple[Case, ...]:
    return tuple(
        case(
            normal(*shape),
            normal(*((shape[axis], rows) if transpose else (rows, shape[axis]))),
            axis=axis,
            transpose=transpose,
        )
        for shape, axis, rows in PRODUCTS
        for transpose in (False, True)
    )


def matrices(**options: Any) -> tuple[Case, ...]:
    sizes = ((3, 5), (5, 3), (1, 4), (4, 1), (4, 4), (7, 2))
    return tuple(
        case(count=count, size=size, dtype=dtype, **options)
        for count, size in sizes
        for dtype in ("float64", "float32")
    )


def interpolations() -> tuple[Case, ...]:
    return tuple(
        one
        for mode in ("linear", "cubic")
        for align, step in ((False, 0.5), (False, 1.7), (True, 0.75), (True, 1.0))
        for one in matrices(mode=mode, align_corners=align, step=step)
    )


RESAMPLING: dict[str, Cases] = {
    "window_sum": Cases(sums(spread=False), cancels=True),
    "window_spread": Cases(sums(spread=True), cancels=True),
    "unfold": Cases(patches(fold=False)),
    "fold": Cases(patches(fold=True), cancels=True),
    "unpool": Cases(
        tuple(case(normal(*shape), different(size, *shape), size=size) for shape, size in INDEXED)
    ),
    "unpool_gradient": Cases(
        tuple(case(normal(*shape[:-1], size), different(size, *shape)) for shape, size in INDEXED)
    ),
    "take": Cases(
        tuple(case(normal(*shape), axis=axis, places=places) for shape, axis, places in PLACES)
    ),
    "untake": Cases(
        tuple(
            case(
                normal(*shape[:axis], len(places), *shape[axis + 1 :]),
                axis=axis,
                places=places,
                size=shape[axis],
            )
            for shape, axis, places in PLACES
        ),
        cancels=True,
    ),
    "pad": Cases(
        tuple(
            case(normal(*shape), before=before, after=after, value=value)
            for shape, before, after, value in PADDED
        )
    ),
    "axis_product": Cases(products(), cancels=True),
    "averaging_matrix": Cases(matrices()),
    "interpolation_matrix": Cases(interpolations(), cancels=True),
}
