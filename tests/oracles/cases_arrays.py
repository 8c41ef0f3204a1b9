"""Cases of ops that sum, move, select and draw elements, and of single numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samples import Array, Case, Cases, Draw, away, base, between, case, extreme, given, normal, whole

ALONG = (((4, 3), 1), ((1, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((5,), 0), ((4, 1), 1), ((2, 3), 0))
REDUCED: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((4, 3), (0,)),
    ((4, 3), (1,)),
    ((4, 3), (0, 1)),
    ((1, 3), (0,)),
    ((2, 3, 4), (0, 2)),
    ((2, 3, 4), (1,)),
    ((2, 1, 4), (0, 1)),
    ((7,), (0,)),
    ((), ()),
    ((3, 2), ()),
)
WIDE = given([[1e4, -1e4, 0.0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [0.0, 0.0, 1e-4]])
NORMAL_AXES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((5, 3), (0,)),
    ((5, 3), (1,)),
    ((3, 2, 4), (0, 2)),
    ((3, 2, 4), (1, 2)),
    ((2, 3, 2, 2), (3,)),
    ((1, 4), (1,)),
    ((6,), (0,)),
)


def narrow(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(1 if axis in axes else size for axis, size in enumerate(shape))


def without(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def along(*, draws: int, wide: tuple[Draw, ...]) -> tuple[Case, ...]:
    """Return cases of operands of one shape and an axis."""
    rows = [case(*(normal(*shape) for _ in range(draws)), axis=axis) for shape, axis in ALONG]
    return (*rows, extreme(*wide, axis=1), extreme(*wide, axis=0))


def reduced() -> tuple[Case, ...]:
    return tuple(
        case(normal(*shape), axes=axes, keepdims=keepdims)
        for shape, axes in REDUCED
        for keepdims in (False, True)
    )


def spread() -> tuple[Case, ...]:
    return tuple(
        case(normal(*small), axes=axes, mean=mean, shape=shape)
        for shape, axes in REDUCED
        for small in dict.fromkeys((narrow(shape, axes), without(shape, axes)))
        for mean in (False, True)
    )


def products() -> tuple[Case, ...]:
    """Return all four ways of turning, for plain, square, single and stacked matrices."""
    sizes = (((), 4, 3, 2), ((), 3, 3, 3), ((), 1, 3, 2), ((), 4, 1, 1), ((2,), 2, 3, 4), ((2, 3), 2, 2, 2))
    return tuple(
        case(
            normal(*lead, *((k, m) if turn_a else (m, k))),
            normal(*lead, *((n, k) if turn_b else (k, n))),
            transpose_a=turn_a,
            transpose_b=turn_b,
        )
        for lead, m, k, n in sizes
        for turn_a in (False, True)
        for turn_b in (False, True)
    )


def selected(*, scores: bool) -> tuple[Case, ...]:
    """Return cases of (x, index, base), or of (g, index, base) that go back to x."""
    shapes = (((4, 3), 1), ((1, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((5, 1), 1), ((2, 3, 2, 2), 1))
    rows = []
    for shape, axis in shapes:
        rest, size = without(shape, (axis,)), shape[axis]
        picked = whole(size, *rest), base(axis, *shape)
        if scores:
            rows.append(case(normal(*shape), *picked, axis=axis))
        else:
            rows.append(case(normal(*rest), *picked, axis=axis, size=size))
    return tuple(rows)


def no_padding_row(options: Mapping[str, Any], gradient: Array) -> None:
    if options["padding_index"] >= 0:
        gradient[options["padding_index"]] = 0.0


def averaged() -> tuple[Case, ...]:
    shapes = (((3,), (5, 3), (3,)), ((1, 3), (5, 3), (3,)), ((1, 2, 1), (3, 2, 4), (2,)), ((3,), (1, 3), (3,)),
              ((2, 3), (2, 3), (2, 3)), ((), (4,), ()))  # fmt: skip
    return tuple(
        Case(
            (normal(*value), normal(*of)),
            {"momentum": momentum, "unbiased": unbiased},
            (normal(*running),),
        )
        for value, of, running in shapes
        for momentum, unbiased in ((0.1, False), (0.3, True), (0.0, True), (1.0, False))
    )


def numbers(*operands: Draw, **options: Any) -> tuple[Case, ...]:
    """Return a case with each result type."""
    return tuple(case(*operands, **options, dtype=dtype) for dtype in ("float64", "float32"))


COUNTS = tuple(given(float(count)) for count in (1, 2, 3, 100, 10**7))
SCATTERED = (
    case(normal(4, 3), given([1, 1, 0, 1]), rows=5, padding_index=-1),
    case(normal(4, 3), given([1, 1, 0, 1]), rows=5, padding_index=1),
    case(normal(1, 2), whole(3, 1), rows=3, padding_index=-1),
    case(normal(2, 3, 2), whole(4, 2, 3), rows=4, padding_index=0),
    case(normal(2, 3, 2, 1), whole(4, 2, 3, 2)[0:0] if False else whole(4, 2, 3, 2), rows=4, padding_index=3),
    case(normal(6, 1), given([0, 0, 0, 0, 0, 0]), rows=1, padding_index=-1),
)
