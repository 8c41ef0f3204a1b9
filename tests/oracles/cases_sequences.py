"""Cases of ops that normalise by root mean square, average over steps, and run along sequences."""

from __future__ import annotations

from cases_arrays import NORMAL_AXES, narrow
from samples import Case, Cases, between, case, given, normal


def averaged() -> tuple[Case, ...]:
    """Return first, second and later steps of statistics of several shapes."""
    shapes = (
        ((3,), (5, 3), (3,)),
        ((1, 2, 1), (3, 2, 4), (2,)),
        ((3,), (1, 3), (3,)),
        ((), (4,), ()),
    )
    return tuple(
        Case(
            (normal(*value), normal(*of), given(count)),
            {"unbiased": unbiased},
            (normal(*running),),
        )
        for value, of, running in shapes
        for count, unbiased in ((1, False), (2, True), (7, True))
    )


SEQUENCES: dict[str, Cases] = {
    "rms_normalize": Cases(
        (
            *(case(normal(*shape), axes=axes, eps=1e-5) for shape, axes in NORMAL_AXES),
            case(normal(5, 3), axes=(1,), eps=1.0),
            case(normal(5, 3), axes=(1,), eps=0.0),
        ),
        cancels=True,
    ),
    "rms_normalize_gradient": Cases(
        tuple(
            case(normal(*shape), normal(*shape), between(0.5, 2.0, *narrow(shape, axes)), axes=axes)
            for shape, axes in (*NORMAL_AXES, ((1, 3), (0,)))
        ),
        cancels=True,
    ),
    "cumulative_average": Cases(averaged(), cancels=True),
}
