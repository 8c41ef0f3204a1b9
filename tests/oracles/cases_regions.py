"""Cases of regions at given places."""

from __future__ import annotations

from typing import Any

from cases_windows import Sizes, apart
from samples import Case, Cases, Draw, between, case, extreme, given, normal, whole

STARTS: tuple[tuple[Sizes, dict[str, int]], ...] = (
    ((2, 3, 2), {"column": 0, "count": 4, "stop": 5}),
    ((2, 3, 2), {"column": 1, "count": 3, "stop": 8}),
    ((3,), {"column": 2, "count": 7, "stop": 6}),
    ((1, 1), {"column": 0, "count": 1, "stop": 4}),
    ((4, 2), {"column": 1, "count": 2, "stop": 0}),
    ((2, 1, 2, 3), {"column": 1, "count": 50, "stop": 99}),
)
"""Shape of the random numbers, and the attributes."""


def spread(size: int, kernel: int, *shape: int) -> Draw:
    """Draw places at which regions lie inside."""
    return whole(size - kernel + 1, *shape)


REGIONS_OF: tuple[tuple[Sizes, Sizes, Sizes], ...] = (
    ((2, 3, 5, 4), (2, 2), (3, 2)),
    ((2, 2, 4, 3, 5), (2, 1, 3), (2, 3, 2)),
    ((3, 6), (2,), (5,)),
    ((7,), (3,), (4,)),
    ((1, 1, 3, 3), (3, 3), (1, 1)),
    ((2, 2, 4, 4), (1, 1), (3, 5)),
    ((1, 40, 20), (18, 15), (3, 2)),
)
"""Shape, kernel and how many regions; the last has more taps than a byte tells apart."""


def regions() -> tuple[Case, ...]:
    found = []
    for shape, kernel, counts in REGIONS_OF:
        rank = len(kernel)
        lead = shape[:-rank]
        rows = zip(shape[-rank:], kernel, counts, strict=True)
        starts = [spread(size, taps, *lead, count) for size, taps, count in rows]
        found.append(Case((apart(*shape), *starts), {"kernel": kernel}, smooth=shape[-1] != 20))
    return tuple(found)


def ties() -> Case:
    values = [[1.0, 1.0, 0.0, 1.0], [-0.0, 0.0, 0.0, -0.0], [-float("inf")] * 4]
    places = [[0, 2, 1], [0, 1, 2], [2, 1, 0]]
    return extreme(given(values), given(places), kernel=(2,))


SUMMED: tuple[tuple[Sizes, int], ...] = (
    ((2, 3), 5),
    ((4,), 2),
    ((2, 2, 6), 3),
    ((1, 1), 1),
    ((3, 5), 1),
    ((1, 2, 2, 2), 9),
)
"""Shape of what is put, and the size of where it goes."""


def outside() -> Case:
    options: dict[str, Any] = {"column": 0, "count": 4, "stop": 6}
    return extreme(given([[-3.0], [1.0], [1e30], [-float("inf")], [0.0], [0.5]]), **options)


REGIONS: dict[str, Cases] = {
    "region_starts": Cases(
        (*(case(between(0.0, 1.0, *shape), **options) for shape, options in STARTS), outside())
    ),
    "region_max": Cases((*regions(), ties())),
    "unpool_sum": Cases(
        tuple(case(normal(*shape), whole(size, *shape), size=size) for shape, size in SUMMED),
        cancels=True,
    ),
}
