"""Cases of activations: at random numbers, and at their kinks and far out, as PyTorch has it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, Weights

WHOLE = Refusal("needs floating point numbers", ((3,),), dtype="int64")
ROUNDED = 1e-7
"""PyTorch multiplies these gradients by a factor (1 / 6, 1 / alpha) that it has rounded to float32."""
KINKS = (-1000.0, -6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 20.0, 1000.0)


def standing(values: tuple[float, ...]) -> Draw:
    """Give the same values to every sample."""

    def draw(chance: np.random.Generator, shape: Sizes) -> Array:
        return np.asarray(np.resize(np.array(values), shape))

    return draw


def activation(
    name: str,
    function: Callable[[Array], Any],
    *settings: dict[str, Any],
    refusals: tuple[Refusal, ...] = (),
    **more: Any,
) -> LayerCases:
    """Return cases of a function of each element, the same settings given to PyTorch."""
    cases = []
    for number, keys in enumerate(settings or ({},)):
        formula = _formula(function, keys)
        made = _module(name, keys)
        shapes: tuple[Sizes, ...] = ((2, 3, 2),) if number else ((5,), (2, 3, 2))
        cases += [LayerCase((shape,), formula, made, keys, **more) for shape in shapes]
        at_kinks = {**more, "smooth": False}
        draws = (standing(KINKS),)
        cases.append(LayerCase(((len(KINKS),),), formula, made, keys, draws, **at_kinks))
    return LayerCases(
        tuple(cases),
        (Refusal(WHOLE.message, WHOLE.shapes, (settings or ({},))[0], WHOLE.dtype), *refusals),
    )


def _formula(function: Callable[..., Any], keys: dict[str, Any]) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(function(x, **keys))

    return formula


def _module(name: str, keys: dict[str, Any]) -> Any:
    return lambda t: getattr(t.nn, name)(**keys)


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def log_1_exp(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def celu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


def selu(x: Array) -> Array:
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def gelu(x: Array, approximate: str = "none") -> Array:
    if approximate == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    tail = np.array([math.erfc(-float(v) / math.sqrt(2)) / 2 for v in x.flat])
    return x * tail.reshape(x.shape)


def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    return np.where(beta * x > threshold, x, log_1_exp(beta * x) / beta)


def softmin(x: Array, axis: int) -> Array:
    e = np.exp(-x - (-x).max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def prelu(w: Weights, x: Array) -> Array:
    slope = w["weight"]
    if x.ndim > 1:
        slope = slope.reshape(1, -1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, x, slope * x)


def halves(x: Array, dim: int) -> list[Array]:
    return np.split(x, 2, dim)


def gated(name: str, gate: Callable[[Array], Array], torch: Any) -> LayerCases:
    """Return cases of a gated unit."""

    def formula(dim: int) -> Any:
        return lambda w, x: halves(x, dim)[0] * gate(halves(x, dim)[1])

    def module(dim: int) -> Any:
        def made(t: Any) -> Any:
            def function(x: Any) -> Any:
                a, b = x.chunk(2, dim)
                return a * torch(t)(b)

            return function

        return made

    # The kink of ReGLU lies at 0, which normal numbers do not meet.
    return LayerCases(
        (
            LayerCase(((4,),), formula(-1), module(-1)),
            LayerCase(((4, 3),), formula(1), module(1), {"dim": 1}),
        ),
        (
            WHOLE,
            Refusal("of size 3, into 2 equal pieces: 3 / 2 is not whole", ((3,),)),
            Refusal("dim 0 is the batch", ((4,),), {"dim": 0}),
        ),
    )


def maxout(pieces: int, axis: int) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        size = x.shape[axis] // pieces
        grouped = [x.take(range(j * pieces, (j + 1) * pieces), axis) for j in range(size)]
        return np.stack([group.max(axis) for group in grouped], axis)

    return formula


ACTIVATIONS: dict[str, LayerCases] = {
    "ReLU6": activation("ReLU6", lambda x: np.clip(x, 0, 6)),
    "LeakyReLU": activation(
        "LeakyReLU",
        lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
        {},
        {"negative_slope": 0.0},
        {"negative_slope": 2.0},
    ),
    "PReLU": LayerCases(
        (
            LayerCase(((3,),), prelu, lambda t: t.nn.PReLU()),
            LayerCase(((2, 2, 3),), prelu, lambda t: t.nn.PReLU(2), {"num_parameters": 2}),
            LayerCase(((),), prelu, None),
            LayerCase(
                ((13,),), prelu, lambda t: t.nn.PReLU(), {}, (standing(KINKS),), smooth=False
            ),
        ),
        (
            WHOLE,
            Refusal(
                "num_parameters is 4, but the input [N, 3, 2] has 3 channels",
                ((3, 2),),
                {"num_parameters": 4},
            ),
        ),
    ),
    "RReLU": activation(
        "RReLU",
        lambda x, lower=1 / 8, upper=1 / 3: np.where(x > 0, x, (lower + upper) / 2 * x),
        {},
        {"lower": 0.2, "upper": 0.6},
        random=True,
        refusals=(
            Refusal("lower 0.5 is above upper 0.25", ((3,),), {"lower": 0.5, "upper": 0.25}),
        ),
    ),
    "ELU": activation("ELU", elu, {}, {"alpha": 0.4}),
    "SELU": activation("SELU", selu),
    "CELU": activation("CELU", celu, {}, {"alpha": 0.4}, rtol=ROUNDED),
    "GELU": activation("GELU", gelu, {}, {"approximate": "tanh"}),
    "SiLU": activation("SiLU", lambda x: x * sigmoid(x)),
    "Mish": activation("Mish", lambda x: x * np.tanh(log_1_exp(x))),
    "Hardswish": activation("Hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6),
    "Hardsigmoid": activation("Hardsigmoid", lambda x: np.clip(x + 3, 0, 6) / 6, rtol=ROUNDED),
    "Hardtanh": activation(
        "Hardtanh",
        lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
        {},
        {"min_val": -0.5, "max_val": 3.0},
        refusals=(Refusal("min_val 2.0 is not below max_val 1.0", ((3,),), {"min_val": 2.0}),),
    ),
    "Hardshrink": activation(
        "Hardshrink",
        lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0),
        {},
        {"lambd": 1.0},
    ),
    "Softshrink": activation(
        "Softshrink",
        lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0),
        {},
        {"lambd": 1.0},
    ),
    "Tanhshrink": activation("Tanhshrink", lambda x: x - np.tanh(x)),
    "Softplus": activation("Softplus", softplus, {}, {"beta": 2.0, "threshold": 1.0}),
    "Softsign": activation("Softsign", lambda x: x / (1 + np.abs(x))),
    "LogSigmoid": activation("LogSigmoid", lambda x: -log_1_exp(-x)),
    "Threshold": activation(
        "Threshold",
        lambda x, threshold, value: np.where(x > threshold, x, value),
        {"threshold": 0.5, "value": -2.0},
        {"threshold": -1.0, "value": 20.0},
        refusals=(Refusal("wrong value for 'value'", ((3,),), {"threshold": 0.0, "value": 1e300}),),
    ),
    "Sine": LayerCases(
        (
            LayerCase(((3,),), lambda w, x: np.sin(x), lambda t: t.sin),
            LayerCase(
                ((2, 3),),
                lambda w, x: np.sin(30 * x),
                lambda t: lambda x: t.sin(30 * x),
                {"omega": 30.0},
                # Numeric derivatives of a fast wave are off by its fifth derivative.
                smooth=False,
            ),
        ),
        (WHOLE,),
    ),
    "Exponential": LayerCases(
        (LayerCase(((2, 3),), lambda w, x: np.exp(x), lambda t: t.exp),), (WHOLE,)
    ),
    "GLU": gated("GLU", sigmoid, lambda t: t.sigmoid),
    "ReGLU": gated("ReGLU", lambda b: np.maximum(b, 0), lambda t: t.relu),
    "GEGLU": gated("GEGLU", gelu, lambda t: t.nn.functional.gelu),
    "SwiGLU": gated("SwiGLU", lambda b: b * sigmoid(b), lambda t: t.nn.functional.silu),
    "Maxout": LayerCases(
        (
            LayerCase(((6,),), maxout(2, 1), None),
            LayerCase(((6, 2),), maxout(3, 1), None, {"pieces": 3, "dim": 1}),
        ),
        (
            WHOLE,
            Refusal(
                "cannot divide dim -1 of the input [N, 4], of size 4, into 3 equal pieces",
                ((4,),),
                {"pieces": 3},
            ),
        ),
        no_torch="PyTorch has no maxout",
    ),
    "Softmin": LayerCases(
        (
            LayerCase(((5,),), lambda w, x: softmin(x, -1), lambda t: t.nn.Softmin(-1)),
            LayerCase(((3, 2),), lambda w, x: softmin(x, 1), lambda t: t.nn.Softmin(1), {"dim": 1}),
        ),
        (WHOLE, Refusal("dim 0 is the batch", ((3,),), {"dim": 0})),
    ),
    "Softmax2d": LayerCases(
        (LayerCase(((3, 2, 2),), lambda w, x: softmin(-x, 1), lambda t: t.nn.Softmax2d()),),
        (Refusal("needs [N, C, H, W], the input is [N, 3, 2]", ((3, 2),)),),
    ),
}
