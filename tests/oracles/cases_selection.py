"""Cases of ops that select, normalise and draw elements, of class losses, and of single numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases_arrays import ALONG, NORMAL_AXES, WIDE, narrow, without
from samples import Array, Case, Cases, Draw, base, between, case, extreme, given, normal, whole


def selected(*, scores: bool) -> tuple[Case, ...]:
    """Return cases of (x, index, base), or of (g, index, base) that go back to x."""
    shapes = (
        ((4, 3), 1),
        ((1, 3), 1),
        ((2, 3, 4), 1),
        ((2, 3, 4), 2),
        ((5, 1), 1),
        ((2, 3, 2, 2), 1),
    )
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
    shapes = (
        ((3,), (5, 3), (3,)),
        ((1, 3), (5, 3), (3,)),
        ((1, 2, 1), (3, 2, 4), (2,)),
        ((3,), (1, 3), (3,)),
        ((2, 3), (2, 3), (2, 3)),
        ((), (4,), ()),
    )
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
LOOKED_UP = tuple(
    case(normal(rows, columns), whole(rows, *shape), padding_index=padding)
    for rows, columns, shape, padding in (
        (5, 3, (4,), -1),
        (5, 3, (1,), -1),
        (3, 2, (4, 3), -1),
        (3, 1, (2, 2, 2), 0),
        (1, 4, (3,), -1),
        (2, 2, (6,), 1),
    )
)
SCATTERED = tuple(
    case(normal(*shape, columns), whole(rows, *shape), rows=rows, padding_index=padding)
    for rows, columns, shape, padding in (
        (5, 3, (4,), -1),
        (2, 3, (6,), 1),
        (3, 2, (1,), -1),
        (4, 2, (2, 3), 0),
        (4, 1, (2, 3, 2), 3),
        (1, 1, (6,), -1),
        (3, 2, (650, 2), 1),  # more indices than are looked at together
        (300, 2, (4,), 7),  # more rows than sums come from products
    )
)

DRAWN = tuple(
    {"shape": shape, "dtype": dtype, "stream": "noise:x"}
    for dtype in ("float64", "float32")
    for shape in ((4, 3), (), (7,), (2, 1, 5))
)

SELECTION: dict[str, Cases] = {
    "gather_rows": Cases(LOOKED_UP, stopped=no_padding_row),
    "scatter_rows": Cases(SCATTERED, cancels=True),
    "base_positions": Cases(
        tuple(case(axis=axis, shape=shape) for shape, axis in (*ALONG, ((2, 3, 2, 2), 1)))
    ),
    "pick": Cases(selected(scores=True)),
    "unpick": Cases(selected(scores=False)),
    "normalize": Cases(
        (
            *(case(normal(*shape), axes=axes, eps=1e-5) for shape, axes in NORMAL_AXES),
            case(normal(5, 3), axes=(0,), eps=1.0),
            extreme(normal(1, 3), axes=(0,), eps=1e-5),  # a batch of one: no variance
            extreme(given([[2.0, 2.0], [2.0, 4.0]]), axes=(0,), eps=1e-5),
        ),
        cancels=True,
    ),
    "normalize_gradient": Cases(
        tuple(
            case(normal(*shape), normal(*shape), between(0.5, 2.0, *narrow(shape, axes)), axes=axes)
            for shape, axes in (*NORMAL_AXES, ((1, 3), (0,)))
        ),
        cancels=True,
    ),
    "running_average": Cases(averaged(), cancels=True),
    "uniform": Cases(tuple(case(**drawing) for drawing in DRAWN)),
    "standard_normal": Cases(tuple(case(**drawing) for drawing in DRAWN), cancels=True),
    "dropout_mask": Cases(
        tuple(
            case(p=p, stream="dropout:x", dtype=dtype, shape=shape)
            for dtype in ("float64", "float32")
            for shape, p in (
                ((4, 3), 0.5),
                ((1, 3), 0.5),
                ((7,), 0.2),
                ((2, 3, 4), 0.0),
                ((3, 3), 0.99),
                ((), 0.3),
            )
        )
    ),
    "softmax_cross_entropy": Cases(
        (
            *selected(scores=True),
            extreme(WIDE, given([0, 1, 2, 2]), base(1, 4, 3), axis=1),
            extreme(WIDE, given([1, 2, 0, 0]), base(1, 4, 3), axis=1),
        ),
        cancels=True,
    ),
    "softmax_cross_entropy_gradient": Cases(
        tuple(
            case(
                normal(*without(shape, (axis,))),
                between(0.0, 1.0, *shape),
                whole(shape[axis], *without(shape, (axis,))),
                base(axis, *shape),
                axis=axis,
            )
            for shape, axis in (
                ((4, 3), 1),
                ((1, 3), 1),
                ((2, 3, 4), 1),
                ((2, 3, 4), 2),
                ((5, 1), 1),
                ((2, 3, 2, 2), 1),
            )
        ),
        cancels=True,
    ),
    "increment": Cases(
        tuple(Case((), {}, (count,)) for count in (*COUNTS, given(0.0), given(7))), single=True
    ),
    "bias_correction": Cases(
        tuple(
            one
            for count in COUNTS
            for beta, delay, power in (
                (0.9, 0, 1.0),
                (0.999, 0, 0.5),
                (0.99, 1, 1.0),
                (0.0, 0, 1.0),
            )
            for one in numbers(count, beta=beta, delay=delay, power=power)
        ),
        single=True,
    ),
    "affine": Cases(
        tuple(
            one
            for value in (0.0, 1e-3, 7.5)
            for one in numbers(given(value), factor=-0.01, offset=1.0)
        ),
        single=True,
    ),
    "first_then": Cases(
        tuple(one for count in COUNTS for one in numbers(count, first=1.0, later=0.3)), single=True
    ),
    "quotient": Cases(
        tuple(
            one for value in (1e-3, 0.0, 5.0) for one in numbers(given(value), given(1 - 0.9**3))
        ),
        single=True,
    ),
    "raised": Cases(
        tuple(
            one
            for value, exponent in ((0.9, 3.0), (7.0, -0.8), (0.999, 1e6), (4.0, 0.5), (0.0, 1.0))
            for one in numbers(given(value), given(exponent))
        ),
        single=True,
    ),
    "put_row": Cases(
        tuple(
            Case((normal(size), given(index)), {}, (normal(rows, size),))
            for rows, size, index in (
                (1, 3, 0),
                (4, 1, 3),
                (4, 5, 2),
                (3, 7, 0),
                (3, 2, 5),
                (3, 2, -1),
            )
        ),
    ),
    "every": Cases(
        tuple(
            one for count in COUNTS for period in (1, 2, 5) for one in numbers(count, period=period)
        ),
        single=True,
    ),
}
