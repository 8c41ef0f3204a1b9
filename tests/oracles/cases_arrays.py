"""Cases of ops that sum, spread, multiply and move elements."""

from __future__ import annotations

from samples import Case, Cases, Draw, case, extreme, given, normal

ALONG = (
    ((4, 3), 1),
    ((1, 3), 1),
    ((2, 3, 4), 1),
    ((2, 3, 4), 2),
    ((5,), 0),
    ((4, 1), 1),
    ((2, 3), 0),
)
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
    sizes = (
        ((), 4, 3, 2),
        ((), 3, 3, 3),
        ((), 1, 3, 2),
        ((), 4, 1, 1),
        ((2,), 2, 3, 4),
        ((2, 3), 2, 2, 2),
    )
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


ARRAYS: dict[str, Cases] = {
    "softmax": Cases(along(draws=1, wide=(WIDE,))),
    "softmax_gradient": Cases(along(draws=2, wide=(WIDE, WIDE)), cancels=True),
    "log_softmax": Cases(along(draws=1, wide=(WIDE,)), cancels=True),
    "log_softmax_gradient": Cases(
        along(draws=2, wide=(WIDE, given([[-1e4, 0.0, -50.0]] * 4))), cancels=True
    ),
    "matmul": Cases(
        (*products(), extreme(WIDE, WIDE, transpose_a=True, transpose_b=False)), cancels=True
    ),
    "vecmat": Cases(
        (
            *(
                case(normal(rows), normal(rows, columns))
                for rows in (1, 4, 7)
                for columns in (1, 3)
            ),
            extreme(given([1.0] * 4), WIDE),
        ),
        cancels=True,
    ),
    "dot": Cases(
        (
            *(case(normal(size), normal(size)) for size in (1, 2, 3, 7, 40, 100)),
            extreme(given([1e15, -1e15, 3.0]), given([1e15, -1e15, 1e-15])),
        ),
        cancels=True,
    ),
    "sum": Cases((*reduced(), extreme(WIDE, axes=(0,), keepdims=False)), cancels=True),
    "mean": Cases((*reduced(), extreme(WIDE, axes=(0,), keepdims=False)), cancels=True),
    "expand": Cases(spread()),
    "reshape": Cases(
        (
            case(normal(4, 3), shape=(12,)),
            case(normal(4, 3), shape=(2, 6)),
            case(normal(2, 3, 4), shape=(6, 4)),
            case(normal(1, 3), shape=(3,)),
            case(normal(), shape=(1, 1)),
            case(normal(6), shape=(1, 2, 3)),
            case(normal(4, 3), shape=(4, 3)),
        )
    ),
    "permute": Cases(
        (
            case(normal(4, 3), axes=(1, 0)),
            case(normal(4, 3), axes=(0, 1)),
            case(normal(1, 3), axes=(1, 0)),
            case(normal(2, 3, 4), axes=(1, 2, 0)),
            case(normal(2, 3, 4), axes=(2, 0, 1)),
            case(normal(2, 3, 1, 2), axes=(0, 3, 1, 2)),
            case(normal(5), axes=(0,)),
        )
    ),
    "slice": Cases(
        (
            case(normal(4, 5), axis=1, start=1, stop=3),
            case(normal(4, 5), axis=1, start=0, stop=5),
            case(normal(1, 5), axis=1, start=4, stop=5),
            case(normal(2, 3, 4), axis=1, start=1, stop=3),
            case(normal(2, 3, 4), axis=2, start=0, stop=2),
            case(normal(6), axis=0, start=2, stop=6),
        )
    ),
    "unslice": Cases(
        (
            case(normal(4, 2), axis=1, start=1, size=5),
            case(normal(4, 5), axis=1, start=0, size=5),
            case(normal(1, 1), axis=1, start=4, size=5),
            case(normal(2, 2, 4), axis=1, start=1, size=3),
            case(normal(2, 3, 2), axis=2, start=0, size=4),
            case(normal(4), axis=0, start=2, size=6),
        )
    ),
    "concat": Cases(
        (
            case(normal(4, 2), normal(4, 3), axis=1),
            case(normal(4, 2), axis=1),
            case(normal(1, 2), normal(1, 1), normal(1, 3), axis=1),
            case(normal(2, 3, 4), normal(2, 1, 4), axis=1),
            case(normal(2, 3, 1), normal(2, 3, 4), axis=2),
            case(normal(3), normal(2), normal(1), normal(2), axis=0),
        )
    ),
}
