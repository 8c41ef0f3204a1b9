"""Functions of each element with settings of their own: a row each gives op and gradient."""

from __future__ import annotations

from collections.abc import Callable

from graphnet.ir import TensorType
from graphnet.ops.elementwise import first_like
from graphnet.ops.op import Op, OpError, Options, TypeRule, Types

Check = Callable[[Options], str]


def _all_fit(options: Options) -> str:
    return ""


def with_gradient(
    name: str,
    formula: str,
    slope: str,
    *,
    attributes: tuple[str, ...] = (),
    saved: str = "x",
    scratch: TypeRule,
    gradient_scratch: TypeRule,
    in_place: bool = True,
    check: Check = _all_fit,
) -> tuple[Op, Op]:
    """Return a function of each element and the op that multiplies a gradient by the function's slope.

    Args:
        name: The function's name; its gradient's ends in `_gradient`.
        formula: The function, `y = ...`.
        slope: Its derivative, in terms of `saved`.
        attributes: Names of its settings; its gradient has the same.
        saved: What the slope is computed from, `x` or `y`.
        scratch: Workspaces of the function.
        gradient_scratch: Workspaces of its gradient.
        in_place: Whether y may take over x's memory.
        check: What is wrong with the settings, in words, or nothing.
    """

    def infer(types: Types, options: Options) -> tuple[TensorType, ...]:
        if not types[0].is_float:
            raise OpError(f"needs floating point numbers, not {types[0].dtype}")
        if any(other != types[0] for other in types[1:]):
            raise OpError(f"{types[0]} and {types[1]} differ")
        problem = check(options)
        if problem:
            raise OpError(problem)
        return (types[0],)

    function = Op(
        name=name,
        formula=formula,
        operands=("x",),
        results=("y",),
        infer=infer,
        attributes=attributes,
        adjoint={"x": lambda c: c.emit(f"{name}_gradient", c.g, c[saved], **c.options)},
        scratch=scratch,
        elementwise=True,
        in_place=("x",) if in_place else (),
    )
    gradient = Op(
        name=f"{name}_gradient",
        formula=f"out = g * ({slope})",
        operands=("g", saved),
        results=("out",),
        infer=infer,
        attributes=attributes,
        adjoint=None,
        scratch=gradient_scratch,
        elementwise=True,
        in_place=("g",),
    )
    return function, gradient


def _masks(count: int) -> TypeRule:
    return lambda types, options: (types[0].with_dtype("bool"),) * count


def _float_and_mask(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[0], types[0].with_dtype("bool"))


def _none(types: Types, options: Options) -> tuple[TensorType, ...]:
    return ()


def _ordered(options: Options) -> str:
    low, high = options["low"], options["high"]
    return f"low {low} is above high {high}" if low > high else ""


def _not_negative(options: Options) -> str:
    return "" if options["slope"] >= 0 else f"slope must not be negative, not {options['slope']}"


def _positive_beta(options: Options) -> str:
    return "" if options["beta"] > 0 else f"beta must be positive, not {options['beta']}"


CLAMP = with_gradient(
    "clamp",
    "y = min(max(x, low), high)",
    "1 where low < x < high, or low <= x <= high if inclusive, else 0",
    attributes=("high", "inclusive", "low"),
    scratch=_none,
    gradient_scratch=_masks(2),
    check=_ordered,
)
LEAKY_RELU = with_gradient(
    "leaky_relu",
    "y = x where x > 0, else slope * x; slope >= 0",
    "1 where y > 0, else slope",
    attributes=("slope",),
    saved="y",
    scratch=first_like(1),
    gradient_scratch=first_like(1),
    check=_not_negative,
)
ELU = with_gradient(
    "elu",
    "y = scale * x where x > 0, else scale * alpha * (exp(rate * x) - 1)",
    "scale where x > 0, else scale * alpha * rate * exp(rate * x)",
    attributes=("alpha", "rate", "scale"),
    scratch=first_like(1),
    gradient_scratch=first_like(2),
)
SOFTPLUS = with_gradient(
    "softplus",
    "y = log(1 + exp(beta * x)) / beta, but x where x > threshold / beta; beta > 0",
    "1 / (1 + exp(-beta * x)), but 1 where x > threshold / beta",
    attributes=("beta", "threshold"),
    scratch=_float_and_mask,
    gradient_scratch=first_like(2),
    check=_positive_beta,
)
NORMAL_CDF = with_gradient(
    "normal_cdf",
    "y = (1 + erf(x / sqrt(2))) / 2, the share of a standard normal variable below x",
    "exp(-x^2 / 2) / sqrt(2 pi)",
    scratch=first_like(2),
    gradient_scratch=first_like(1),
    in_place=False,
)

OPS = (*CLAMP, *LEAKY_RELU, *ELU, *SOFTPLUS, *NORMAL_CDF)
