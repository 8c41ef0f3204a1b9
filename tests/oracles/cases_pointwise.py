"""Cases of ops that treat every element alone."""

from __future__ import annotations

from typing import Any

from samples import Case, Cases, away, between, case, extreme, given, halves, normal, quarters

SHAPES = ((4, 3), (1, 3), (), (7,), (2, 3, 4), (1, 1), (2, 1, 3, 2))
PAIRS = (
    ((4, 3), (4, 3)),
    ((1, 3), (1, 3)),
    ((4, 3), (3,)),  # a bias
    ((4, 3), ()),
    ((), (4, 3)),
    ((2, 3, 4), (3, 1)),
    ((4, 1), (1, 3)),  # both are stretched
    ((3,), (2, 1, 3)),
    ((2, 3, 2), (1, 3, 1)),
    ((1, 3), (3,)),  # only the rank differs
    ((5,), (5,)),
)
HUGE = given([1e30, -1e30, 3.0, 0.0, -0.0, 1e-30])
LOGITS = given([1000.0, -1000.0, 40.0, -40.0, 1e-9, 0.0])


def unary(*more: Case, **options: Any) -> tuple[Case, ...]:
    return (*(case(normal(*shape), **options) for shape in SHAPES), *more)


def alike(*more: Case) -> tuple[Case, ...]:
    """Return cases of two operands of one shape."""
    return (*(case(normal(*shape), normal(*shape)) for shape in SHAPES), *more)


def binary(*more: Case) -> tuple[Case, ...]:
    return (*(case(normal(*a), normal(*b)) for a, b in PAIRS), *more)


POINTWISE: dict[str, Cases] = {
    "add": Cases(binary(extreme(HUGE, HUGE))),
    "sub": Cases(binary(extreme(HUGE, given(1e30)))),
    "mul": Cases(binary(extreme(HUGE, given(1e8)))),
    "div": Cases(
        (*(case(normal(*a), away(*b)) for a, b in PAIRS), extreme(HUGE, given([1e-8, 7.0] * 3)))
    ),
    "scale": Cases(
        (
            *unary(factor=-1.0),
            *unary(factor=0.37),
            extreme(HUGE, factor=0.0),
            extreme(HUGE, factor=1e5),
        )
    ),
    "shift": Cases(
        (*unary(amount=0.7), *unary(amount=-1e-5), extreme(HUGE, amount=1.0)), cancels=True
    ),
    "square": Cases(unary(extreme(given([1e15, -1e15, 0.0, -0.0, 1e-15])))),
    "sqrt": Cases(
        (
            *(case(between(0.2, 3.0, *shape)) for shape in SHAPES),
            extreme(given([0.0, 1e30, 1e-30, 4.0])),
        )
    ),
    "exp": Cases(unary(extreme(given([-1000.0, 0.0, -0.0, 30.0, 1e-9])))),
    "log": Cases(
        (
            *(case(between(0.2, 3.0, *shape)) for shape in SHAPES),
            extreme(given([0.0, 1e30, 1e-30, 1.0])),
        ),
        cancels=True,
    ),
    "abs": Cases(
        (*(case(away(*shape)) for shape in SHAPES), extreme(HUGE)),
        kink=0.25,
    ),
    "sign": Cases((*(case(away(*shape)) for shape in SHAPES), extreme(HUGE))),
    "maximum": Cases(
        (
            *(case(halves(*shape), quarters(*shape)) for shape in SHAPES),
            extreme(given([1.0, 2.0, -0.5]), given([1.0, -2.0, -0.5])),  # ties
            extreme(HUGE, given([0.0] * 6)),
        ),
        kink=0.25,
    ),
    "maximum_share": Cases(
        (
            *(case(halves(*shape), quarters(*shape)) for shape in SHAPES),
            extreme(given([1.0, 2.0, -0.5]), given([1.0, -2.0, -0.5])),
            extreme(HUGE, given([0.0] * 6)),
        )
    ),
    "copy": Cases(unary(extreme(HUGE))),
    "tanh": Cases(unary(extreme(LOGITS), extreme(HUGE))),
    "tanh_gradient": Cases(
        alike(extreme(HUGE, given([1.0, -1.0, 0.5, 1.0, -1.0, 0.0]))),
        cancels=True,  # 1 - y^2 where y is nearly 1
    ),
    "sigmoid": Cases(unary(extreme(LOGITS), extreme(HUGE))),
    "sigmoid_gradient": Cases(alike(extreme(HUGE, given([1.0, 0.0, 0.5, 1.0, 0.0, 0.5])))),
    "relu": Cases((*(case(away(*shape)) for shape in SHAPES), extreme(HUGE)), kink=0.25),
    "relu_gradient": Cases(alike(extreme(HUGE, given([0.0, -0.0, 1.0, 2.0, 3.0, 1e-30])))),
    "bce_with_logits": Cases(
        (
            *(case(normal(*shape), between(0.0, 1.0, *shape)) for shape in SHAPES),
            extreme(LOGITS, given([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])),
            extreme(LOGITS, given([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])),  # nearly no loss
        ),
        cancels=True,  # the kernel takes x t from log(1 + exp(x)), both as large as x
    ),
    "bce_with_logits_gradient": Cases(
        (
            *(case(normal(*shape), normal(*shape), between(0.0, 1.0, *shape)) for shape in SHAPES),
            extreme(HUGE, LOGITS, given([0.0, 1.0, 0.5, 1.0, 0.0, 1.0])),
        ),
        cancels=True,  # 1 / (1 + exp(-x)) - 1 loses what is below the precision of 1
    ),
    "bce": Cases(
        (
            *(case(between(0.05, 0.95, *shape), between(0.0, 1.0, *shape)) for shape in SHAPES),
            extreme(given([0.0, 1.0, 0.0, 1.0, 0.5]), given([0.0, 1.0, 1.0, 0.0, 1.0])),
            extreme(given([1e-7, 1e-30, 0.25]), given([0.0, 1.0, 0.5])),
        )
    ),
    "bce_gradient": Cases(
        (
            *(
                case(normal(*shape), between(0.05, 0.95, *shape), between(0.0, 1.0, *shape))
                for shape in SHAPES
            ),
            extreme(normal(5), given([0.0, 1.0, 0.0, 1.0, 0.5]), given([0.0, 1.0, 1.0, 0.0, 1.0])),
        )
    ),
}
