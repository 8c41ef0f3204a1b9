"""Cases of ops along axes."""

from __future__ import annotations

from samples import Case, Cases, case, extreme, given, normal

ALONG = (((4, 3), 0), ((4, 3), 1), ((7,), 0), ((2, 3, 4), 1), ((2, 3, 4), 2), ((3, 1), 1))
OVER = (
    ((4, 3), (0,), False),
    ((4, 3), (1,), True),
    ((2, 3, 4), (0, 2), False),
    ((2, 3, 4), (0, 1, 2), False),
    ((2, 3, 4), (1, 2), True),
    ((5,), (0,), False),
)
TIES = given([[2.0, 1.0, 2.0], [0.0, -0.0, 0.0], [-1.0, -3.0, -2.0]])
ZEROS = given([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0], [1.5, -2.0, 4.0]])


def along(*more: Case, **options: bool) -> tuple[Case, ...]:
    return (*(case(normal(*shape), axis=axis, **options) for shape, axis in ALONG), *more)


SCANS: dict[str, Cases] = {
    "max": Cases(
        (
            *(case(normal(*shape), axes=axes, keepdims=kept) for shape, axes, kept in OVER),
            extreme(TIES, axes=(1,), keepdims=False),
            extreme(TIES, axes=(0, 1), keepdims=True),
        )
    ),
    "argmax": Cases(along(extreme(TIES, axis=1), extreme(TIES, axis=0))),
    "prod": Cases(along(extreme(ZEROS, axis=1), extreme(ZEROS, axis=0))),
    "prod_others": Cases(along(extreme(ZEROS, axis=1), extreme(ZEROS, axis=0))),
    "cumsum": Cases((*along(reverse=False), *along(reverse=True)), cancels=True),
    "flip": Cases(along()),
}
