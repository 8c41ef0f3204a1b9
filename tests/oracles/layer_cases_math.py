"""Cases of arithmetic, comparison, choice and summaries."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, between, whole
from layer_cases_activation import standing

WHOLE = Refusal("needs floating point numbers", ((3,),), dtype="int64")
DIFFERENT = Refusal("the inputs have different shapes [N, 3] and [N, 4]", ((3,), (4,)))
BATCHES = Refusal(
    "would combine every sample with every other", ((1, 3), (3,)), {"broadcast": True}
)
BATCH = Refusal("dim 0 is the batch", ((3,),), {"dim": 0})
OUTSIDE = Refusal("dim 3 is outside the input [N, 2, 3]", ((2, 3),), {"dim": 3})
TWICE = Refusal("names a dimension of [N, 2, 3] twice", ((2, 3),), {"dim": [1, -2]})
POSITIVE = between(0.3, 2.0)


def of_one(
    function: Callable[[Array], Any],
    torch: Callable[[Any], Any],
    keys: dict[str, Any] | None = None,
    *,
    draw: Draw | None = None,
    refusals: tuple[Refusal, ...] = (),
) -> LayerCases:
    """Return cases of a function of each element."""
    draws = (draw,) if draw else ()
    given = keys or {}
    return LayerCases(
        tuple(
            LayerCase((shape,), lambda w, x: function(x), torch, given, draws)
            for shape in ((4,), (2, 3, 2))
        ),
        (Refusal(WHOLE.message, WHOLE.shapes, given, "int64"), *refusals),
    )


def of_two(function: Any, torch: Callable[[Any], Any], second: Draw | None = None) -> LayerCases:
    """Return cases of a function of two values."""
    draws = (between(-2.0, 2.0), second) if second else ()
    return LayerCases(
        (
            LayerCase(((3,), (3,)), lambda w, a, b: function(a, b), torch, {}, draws),
            LayerCase(
                ((2, 3), (1, 3)),
                lambda w, a, b: function(a, b),
                torch,
                {"broadcast": True},
                draws,
            ),
        ),
        (DIFFERENT, BATCHES, Refusal(WHOLE.message, ((3,), (3,)), dtype="int64")),
    )


def of_many(function: Any, torch: Callable[[Any], Any]) -> LayerCases:
    """Return cases of a function of two values and more."""
    two = of_two(function, torch)

    def all_of(t: Any) -> Any:
        return lambda *xs: functools.reduce(torch(t), xs)

    three = LayerCase(
        ((2, 3), (1, 3), (2, 1)),
        lambda w, *xs: functools.reduce(function, xs),
        all_of,
        {"broadcast": True},
    )
    return LayerCases((*two.cases, three), two.refusals)


def ties(torch: Callable[[Any], Any], function: Any) -> LayerCase:
    """Return a case in which both values are equal in places."""
    draws = (standing((1.0, 2.0, -1.0)), standing((1.0, -2.0, -1.0)))
    return LayerCase(((3,), (3,)), lambda w, a, b: function(a, b), torch, {}, draws, smooth=False)


def with_ties(cases: LayerCases, function: Any, torch: Callable[[Any], Any]) -> LayerCases:
    """Return cases with one of ties beside them."""
    return LayerCases((*cases.cases, ties(torch, function)), cases.refusals)


def comparison(name: str, function: Any) -> LayerCases:
    """Return cases of a comparison of two values, of one with a number, and of whole numbers."""

    def two(t: Any) -> Any:
        return lambda a, b: getattr(t, name)(a, b).double()

    def one(t: Any) -> Any:
        return lambda a: getattr(t, name)(a, 1.0).double()

    near: Draw = whole(3)
    small = standing((0.0, 1.0, 2.0, -1.0))
    return LayerCases(
        (
            LayerCase(((4,), (4,)), lambda w, a, b: function(a, b) * 1.0, two, smooth=False),
            LayerCase(
                ((4,),),
                lambda w, a: function(a, 1.0) * 1.0,
                one,
                {"value": 1.0},
                (small,),
                smooth=False,
            ),
            LayerCase(
                ((2, 3), (2, 1)),
                lambda w, a, b: function(a, b) * 1.0,
                two,
                {"broadcast": True},
                (near, near),
            ),
            LayerCase(
                ((3,),),
                lambda w, a: np.asarray(function(a, 1), np.int64),
                lambda t: lambda a: getattr(t, name)(a, 1).long(),
                {"value": 1.0, "dtype": "int64"},
                (near,),
            ),
        ),
        (
            DIFFERENT,
            Refusal(
                "value 1e+30 is beyond all that int64 holds", ((3,),), {"value": 1e30}, "int64"
            ),
            Refusal("needs something to compare with", ((3,),)),
            Refusal("has two things to compare with", ((3,), (3,)), {"value": 1.0}),
            Refusal("value 0.5 is not whole", ((3,),), {"value": 0.5}, "int64"),
        ),
    )


def summary(
    function: Callable[..., Any],
    torch: Callable[[Any], Any],
    keys: dict[str, Any] | None = None,
    *more: LayerCase,
    refusals: tuple[Refusal, ...] = (),
) -> LayerCases:
    """Return cases of a summary: over all, over one dimension, over two, kept and dropped.

    `function` and PyTorch's take the values, the axes and whether these are kept.
    """
    given = keys or {}

    def made(shape: Sizes, axes: tuple[int, ...], kept: bool, **settings: Any) -> LayerCase:
        return LayerCase(
            (shape,),
            lambda w, x: function(x, axes, kept),
            lambda t: lambda x: torch(t)(x, axes, kept),
            {**given, **settings},
        )

    return LayerCases(
        (
            made((4,), (1,), False),
            made((2, 3, 4), (1, 2, 3), True, keepdim=True),
            made((2, 3, 4), (2,), False, dim=-2),
            made((2, 3, 4), (1, 3), False, dim=[3, 1]),
            *more,
        ),
        (
            Refusal(WHOLE.message, WHOLE.shapes, given, "int64"),
            Refusal("needs a dimension beside the batch", ((),), given),
            *(Refusal(r.message, r.shapes, {**given, **r.keys}) for r in (BATCH, OUTSIDE, TWICE)),
            *refusals,
        ),
    )


def standing_summary(name: str, values: tuple[float, ...], function: Any, torch: Any) -> LayerCase:
    """Return a case at chosen values, where derivatives jump."""
    return LayerCase(((len(values),),), function, torch, {}, (standing(values),), smooth=False)


def product_over(x: Array, axes: tuple[int, ...], kept: bool) -> Array:
    return np.asarray(x.prod(axes, keepdims=kept))


def torch_product(x: Any, axes: tuple[int, ...], kept: bool) -> Any:
    for axis in sorted(axes, reverse=True):
        x = x.prod(axis, keepdim=kept)
    return x


def log_sum_exp(x: Array, axes: tuple[int, ...], kept: bool) -> Array:
    return np.asarray(np.log(np.exp(x).sum(axes, keepdims=kept)))


def length(p: float) -> Any:
    def function(x: Array, axes: tuple[int, ...], kept: bool) -> Array:
        if p == np.inf:
            return np.asarray(np.abs(x).max(axes, keepdims=kept))
        return np.asarray((np.abs(x) ** p).sum(axes, keepdims=kept) ** (1 / p))

    return function


def lengths(p: float | str) -> LayerCase:
    number = float(p)
    return LayerCase(
        ((2, 3),),
        lambda w, x: length(number)(x, (2,), False),
        lambda t: lambda x: t.linalg.vector_norm(x, number, 2),
        {"p": p, "dim": 2},
    )


TOO_FEW = Refusal(
    "the variance of 1 values of the input [N, 3, 1] divides by 1 - correction = 0",
    ((3, 1),),
    {"dim": 2},
)
LARGE = standing((1000.0, -1000.0, 999.0))
ZEROS = (0.0, 0.0, 0.0)

MATH: dict[str, LayerCases] = {
    "Add": of_many(np.add, lambda t: t.add),
    "Mul": of_many(np.multiply, lambda t: t.mul),
    "Sub": of_two(np.subtract, lambda t: t.sub),
    "Div": of_two(np.divide, lambda t: t.div, POSITIVE),
    "Maximum": with_ties(of_many(np.maximum, lambda t: t.maximum), np.maximum, lambda t: t.maximum),
    "Minimum": with_ties(of_many(np.minimum, lambda t: t.minimum), np.minimum, lambda t: t.minimum),
    "Pow": LayerCases(
        (
            LayerCase(
                ((4,),),
                lambda w, x: x**1.7,
                lambda t: lambda x: x**1.7,
                {"exponent": 1.7},
                (POSITIVE,),
            ),
            LayerCase(((4,),), lambda w, x: x**2, lambda t: t.square, {"exponent": 2.0}),
            LayerCase(((4,),), lambda w, x: x**3, lambda t: lambda x: x**3, {"exponent": 3.0}),
            LayerCase(
                ((4,),),
                lambda w, x: x**0,
                lambda t: lambda x: x**0,
                {"exponent": 0.0},
                (standing((0.0, 1.0, -2.0, 5.0)),),
                smooth=False,
            ),
            LayerCase(
                ((2, 3), (2, 3)),
                lambda w, a, b: a**b,
                lambda t: t.pow,
                {},
                (POSITIVE, between(-2.0, 2.0)),
            ),
            LayerCase(
                ((4,), (4,)),
                lambda w, a, b: a**b,
                lambda t: t.pow,
                {},
                (standing((0.0, 0.0, 2.0, 3.0)), standing((2.0, 0.0, 0.0, -1.0))),
                smooth=False,
            ),
        ),
        (
            DIFFERENT,
            Refusal("needs an exponent", ((3,),)),
            Refusal("has two exponents", ((3,), (3,)), {"exponent": 2.0}),
        ),
    ),
    "Scale": of_one(lambda x: -2.5 * x, lambda t: lambda x: -2.5 * x, {"factor": -2.5}),
    "Shift": of_one(lambda x: x - 0.7, lambda t: lambda x: x - 0.7, {"amount": -0.7}),
    "Clamp": LayerCases(
        (
            LayerCase(
                ((4,),),
                lambda w, x: np.clip(x, -0.5, 0.5),
                lambda t: lambda x: x.clamp(-0.5, 0.5),
                {"min": -0.5, "max": 0.5},
            ),
            LayerCase(
                ((4,),),
                lambda w, x: np.maximum(x, 0.2),
                lambda t: lambda x: x.clamp(min=0.2),
                {"min": 0.2},
            ),
            LayerCase(
                ((4,),),
                lambda w, x: np.minimum(x, 0.2),
                lambda t: lambda x: x.clamp(max=0.2),
                {"max": 0.2},
            ),
            LayerCase(
                ((4,),),
                lambda w, x: np.clip(x, -1, 1),
                lambda t: lambda x: x.clamp(-1, 1),
                {"min": -1.0, "max": 1.0},
                (standing((-1.0, 1.0, 1000.0, 0.0)),),
                smooth=False,
            ),
        ),
        (
            Refusal(WHOLE.message, ((3,),), {"min": 0.0}, "int64"),
            Refusal("needs min, max or both", ((3,),)),
            Refusal("min 2.0 is above max 1.0", ((3,),), {"min": 2.0, "max": 1.0}),
        ),
    ),
    "Neg": of_one(np.negative, lambda t: t.neg),
    "Abs": of_one(np.abs, lambda t: t.abs),
    "Sign": of_one(np.sign, lambda t: t.sign),
    "Sqrt": of_one(np.sqrt, lambda t: t.sqrt, draw=POSITIVE),
    "Rsqrt": of_one(lambda x: x**-0.5, lambda t: t.rsqrt, draw=POSITIVE),
    "Square": of_one(np.square, lambda t: t.square),
    "Reciprocal": of_one(lambda x: 1 / x, lambda t: t.reciprocal, draw=POSITIVE),
    "Exp": of_one(np.exp, lambda t: t.exp),
    "Log": of_one(np.log, lambda t: t.log, draw=POSITIVE),
    "Sin": of_one(np.sin, lambda t: t.sin),
    "Cos": of_one(np.cos, lambda t: t.cos),
    "Greater": comparison("gt", np.greater),
    "GreaterEqual": comparison("ge", np.greater_equal),
    "Less": comparison("lt", np.less),
    "LessEqual": comparison("le", np.less_equal),
    "Equal": comparison("eq", np.equal),
    "NotEqual": comparison("ne", np.not_equal),
    "Where": LayerCases(
        (
            LayerCase(
                ((4,), (4,), (4,)),
                lambda w, c, a, b: np.where(c, a, b),
                lambda t: lambda c, a, b: t.where(c != 0, a, b),
                {},
                (whole(2), between(-1.0, 1.0), between(-1.0, 1.0)),
            ),
            LayerCase(
                ((2, 1), (2, 3), (1, 3)),
                lambda w, c, a, b: np.where(c, a, b),
                lambda t: lambda c, a, b: t.where(c != 0, a, b),
                {"broadcast": True},
                (standing((0.0, -2.0)), between(-1.0, 1.0), between(-1.0, 1.0)),
                smooth=False,
            ),
            LayerCase(
                ((3,), (3,), (3,)),
                lambda w, c, a, b: np.where(c, a, b),
                lambda t: lambda c, a, b: t.where(c != 0, a, b),
                {},
                (whole(2), whole(9), whole(9)),
            ),
        ),
        (Refusal("the inputs have different shapes [N, 3] and [N, 4]", ((3,), (4,), (4,))),),
    ),
    "StopGradient": LayerCases(
        (LayerCase(((3,),), lambda w, x: x, lambda t: lambda x: x.detach(), smooth=False),),
        takes_all="any input is passed on",
    ),
    "Sum": summary(
        lambda x, axes, kept: x.sum(axes, keepdims=kept),
        lambda t: lambda x, a, k: x.sum(a, keepdim=k),
    ),
    "Mean": summary(
        lambda x, axes, kept: x.mean(axes, keepdims=kept),
        lambda t: lambda x, a, k: x.mean(a, keepdim=k),
    ),
    "Max": summary(
        lambda x, axes, kept: x.max(axes, keepdims=kept),
        lambda t: t.amax,
        {},
        standing_summary(
            "ties", (1.0, 2.0, 2.0, -5.0, 2.0), lambda w, x: x.max(1), lambda t: lambda x: x.amax(1)
        ),
    ),
    "Min": summary(
        lambda x, axes, kept: x.min(axes, keepdims=kept),
        lambda t: t.amin,
        {},
        standing_summary(
            "ties", (1.0, 2.0, 1.0, 5.0), lambda w, x: x.min(1), lambda t: lambda x: x.amin(1)
        ),
    ),
    "Prod": summary(
        product_over,
        lambda t: torch_product,
        {},
        standing_summary(
            "a zero", (2.0, 0.0, 3.0), lambda w, x: x.prod(1), lambda t: lambda x: x.prod(1)
        ),
        standing_summary(
            "two zeros", (2.0, 0.0, 0.0), lambda w, x: x.prod(1), lambda t: lambda x: x.prod(1)
        ),
    ),
    "Var": summary(
        lambda x, axes, kept: x.var(axes, ddof=1, keepdims=kept),
        lambda t: lambda x, a, k: x.var(a, keepdim=k),
        {},
        LayerCase(
            ((3,),),
            lambda w, x: x.var(1),
            lambda t: lambda x: x.var(1, correction=0),
            {"correction": 0},
        ),
        refusals=(TOO_FEW,),
    ),
    "Std": summary(
        lambda x, axes, kept: x.std(axes, ddof=1, keepdims=kept),
        lambda t: lambda x, a, k: x.std(a, keepdim=k),
        {},
        standing_summary("equal", (1.0, 1.0), lambda w, x: x.std(1), lambda t: lambda x: x.std(1)),
        refusals=(TOO_FEW,),
    ),
    "LogSumExp": summary(
        log_sum_exp,
        lambda t: t.logsumexp,
        {},
        LayerCase(
            ((3,),),
            lambda w, x: 1000.0 + np.log(1 + np.exp(-1.0)) + 0 * x.sum(1),
            lambda t: lambda x: x.logsumexp(1),
            {},
            (LARGE,),
            smooth=False,
        ),
    ),
    "Norm": summary(
        length(2),
        lambda t: lambda x, a, k: t.linalg.vector_norm(x, 2, a, k),
        {},
        lengths(1.0),
        lengths(3.0),
        lengths("inf"),
        standing_summary(
            "zeros",
            ZEROS,
            lambda w, x: 0 * x.sum(1),
            lambda t: lambda x: t.linalg.vector_norm(x, 2, 1),
        ),
    ),
    "ArgMax": LayerCases(
        (
            LayerCase(((4,),), lambda w, x: x.argmax(1), lambda t: lambda x: x.argmax(1)),
            LayerCase(
                ((3, 4),),
                lambda w, x: x.argmax(1, keepdims=True),
                lambda t: lambda x: x.argmax(1, True),
                {"dim": 1, "keepdim": True},
            ),
        ),
        (WHOLE, BATCH, OUTSIDE),
    ),
    "ArgMin": LayerCases(
        (
            LayerCase(((4,),), lambda w, x: x.argmin(1), lambda t: lambda x: x.argmin(1)),
            LayerCase(
                ((3, 4),), lambda w, x: x.argmin(1), lambda t: lambda x: x.argmin(1), {"dim": 1}
            ),
        ),
        (WHOLE, BATCH, OUTSIDE),
    ),
    "CumSum": LayerCases(
        (
            LayerCase(((4,),), lambda w, x: x.cumsum(1), lambda t: lambda x: x.cumsum(1)),
            LayerCase(
                ((3, 4),), lambda w, x: x.cumsum(1), lambda t: lambda x: x.cumsum(1), {"dim": 1}
            ),
        ),
        (WHOLE, BATCH, OUTSIDE),
    ),
}
