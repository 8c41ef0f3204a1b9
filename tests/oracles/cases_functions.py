"""Cases of functions of each element beyond arithmetic, of comparison and choice."""

from __future__ import annotations

from typing import Any

from cases_pointwise import HUGE, LOGITS, PAIRS, SHAPES, unary
from samples import (
    Case,
    Cases,
    away,
    between,
    case,
    extreme,
    given,
    halves,
    normal,
    quarters,
    whole,
)

KINKS = given([-3.0, 3.0, 0.0, -0.0, -1.0, 1.0, 0.5, 1000.0, -1000.0, 1e-30])


def apart(*more: Case, **options: Any) -> tuple[Case, ...]:
    """Return cases that keep 1/4 away from 0 and from whole numbers."""
    return (*(case(quarters(*shape), **options) for shape in SHAPES), *more)


def pairs(*more: Case, **options: Any) -> tuple[Case, ...]:
    """Return cases of a gradient and the value it belongs to."""
    return (*(case(normal(*shape), normal(*shape), **options) for shape in SHAPES), *more)


def at_kinks(**options: Any) -> Case:
    return extreme(normal(10), KINKS, **options)


RELATIONS = ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
CLAMPS: tuple[dict[str, Any], ...] = (
    {"low": -1.0, "high": 1.0, "inclusive": False},
    {"low": 0.0, "high": 3.0, "inclusive": True},
    {"low": -3.0, "high": 3.4e38, "inclusive": True},
)
SLOPES: tuple[dict[str, Any], ...] = ({"slope": 0.01}, {"slope": 0.0}, {"slope": 1.5})
ELUS: tuple[dict[str, Any], ...] = (
    {"alpha": 1.0, "rate": 1.0, "scale": 1.0},
    {"alpha": 1.6732632423543772, "rate": 1.0, "scale": 1.0507009873554805},
    {"alpha": 0.5, "rate": 2.0, "scale": 1.0},
    {"alpha": 0.3, "rate": 0.7, "scale": 2.0},
)
SOFTPLUSES: tuple[dict[str, Any], ...] = (
    {"beta": 1.0, "threshold": 20.0},
    {"beta": 2.0, "threshold": 1.0},
    {"beta": 0.5, "threshold": 1e300},
)


def each(options: tuple[dict[str, Any], ...], cases: Any, *more: Any) -> tuple[Case, ...]:
    """Return cases for each of several settings: all shapes for the first, three for the others."""
    found: list[Case] = []
    for number, keys in enumerate(options):
        shapes = cases(**keys)
        found += [*(shapes[:3] if number else shapes), *(extra(**keys) for extra in more)]
    return tuple(found)


FUNCTIONS: dict[str, Cases] = {
    "sin": Cases(unary(extreme(given([0.0, -0.0, 1e-30, 100.0]))), cancels=True),
    "cos": Cases(unary(extreme(given([0.0, -0.0, 1e-30, 100.0]))), cancels=True),
    "power": Cases(
        (
            *(
                case(between(0.2, 3.0, *shape), exponent=exponent)
                for exponent in (0.5, 3.0, -1.0, 2.5)
                for shape in ((4, 3), (), (2, 1, 5))
            ),
            extreme(given([0.0, -2.0, 1e10]), exponent=3.0),
            extreme(given([0.0, -2.0, 1e10]), exponent=0.0),
        )
    ),
    "pow": Cases(
        (
            *(case(between(0.2, 3.0, *a), normal(*b)) for a, b in PAIRS),
            extreme(given([0.0, 0.0, -2.0, 2.0]), given([0.0, 2.0, 3.0, 0.0])),
        )
    ),
    "compare": Cases(
        (
            *(
                case(halves(*a), quarters(*b), dtype="float64", relation=relation)
                for relation in RELATIONS
                for a, b in PAIRS[:4]
            ),
            *(
                case(whole(3, 4, 3), whole(3, 4, 3), dtype="float32", relation=relation)
                for relation in RELATIONS
            ),
            *(
                case(whole(3, 4, 3), whole(3, 4, 3), dtype="int64", relation=relation)
                for relation in RELATIONS
            ),
            *(
                extreme(KINKS, given(0.0), dtype="float64", relation=relation)
                for relation in RELATIONS
            ),
        )
    ),
    "where": Cases(
        (
            *(case(whole(2, *a), normal(*a), normal(*b)) for a, b in PAIRS),
            *(case(away(*b), normal(*a), normal(*a)) for a, b in PAIRS[:4]),
            case(whole(2, 4, 1), normal(), normal(4, 3)),
            extreme(given([0.0, -0.0, 2.0]), normal(3), given([float("nan"), 1.0, float("inf")])),
            extreme(whole(2, 5), whole(9, 5), whole(9, 5)),
        )
    ),
    "minimum": Cases(
        (
            *(case(halves(*a), quarters(*b)) for a, b in PAIRS),
            extreme(given([1.0, 2.0, -0.5]), given([1.0, -2.0, -0.5])),  # ties
            extreme(HUGE, given([0.0] * 6)),
        ),
        kink=0.25,
    ),
    "detach": Cases(unary(extreme(HUGE))),
    "clamp": Cases(
        each(CLAMPS, apart, lambda **keys: extreme(KINKS, **keys), lambda **k: extreme(HUGE, **k)),
        kink=0.25,
    ),
    "clamp_gradient": Cases(each(CLAMPS, pairs, at_kinks)),
    "leaky_relu": Cases(
        each(SLOPES, apart, lambda **keys: extreme(KINKS, **keys), lambda **k: extreme(HUGE, **k)),
        kink=0.25,
    ),
    "leaky_relu_gradient": Cases(each(SLOPES, pairs, at_kinks)),
    "elu": Cases(each(ELUS, apart, lambda **keys: extreme(KINKS, **keys))),
    "elu_gradient": Cases(each(ELUS, pairs, at_kinks)),
    "softplus": Cases(
        (
            *each(
                SOFTPLUSES[::2],
                unary,
                lambda **keys: extreme(KINKS, **keys),
                lambda **keys: extreme(LOGITS, **keys),
            ),
            extreme(KINKS, **SOFTPLUSES[1]),
            extreme(KINKS, beta=2.0, threshold=-4.0),
        )
    ),
    "softplus_gradient": Cases(each(SOFTPLUSES, pairs, at_kinks)),
    "normal_cdf": Cases(unary(extreme(KINKS), extreme(between(-6.0, 9.0, 200))), cancels=True),
    "normal_cdf_gradient": Cases(pairs(at_kinks()), cancels=True),
}
