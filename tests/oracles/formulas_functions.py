"""Formulas of functions of each element beyond arithmetic, of comparison and choice; see `formulas`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def power(x: Array, exponent: float) -> Array:
    return np.asarray(x**exponent)


def pow_(a: Array, b: Array) -> Array:
    return np.asarray(a**b)


def compare(a: Array, b: Array, dtype: str, relation: str) -> Array:
    signs = {"equal": "eq", "greater": "gt", "greater_equal": "ge"}
    signs |= {"less": "lt", "less_equal": "le", "not_equal": "ne"}
    holds = getattr(operator, signs[relation])(a.real, b.real)
    return np.asarray(holds).astype(dtype)


def where(condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition.real != 0, a, b)


def minimum(a: Array, b: Array) -> Array:
    return np.where(a.real <= b.real, a, b)


def clamp(x: Array, low: float, high: float, inclusive: bool) -> Array:
    return np.where(x.real < low, low, np.where(x.real > high, high, x))


def clamp_gradient(g: Array, x: Array, low: float, high: float, inclusive: bool) -> Array:
    strictly, at = (low < x) & (x < high), (x == low) | (x == high)
    return np.where(strictly | (at & inclusive), g, 0)


def leaky_relu(x: Array, slope: float) -> Array:
    return np.where(x.real > 0, x, slope * x)


def leaky_relu_gradient(g: Array, y: Array, slope: float) -> Array:
    return np.where(y > 0, g, g * slope)


def elu(x: Array, alpha: float, rate: float, scale: float) -> Array:
    bent = np.expm1(rate * np.where(x.real > 0, 0, x))
    return scale * np.where(x.real > 0, x, alpha * bent)


def elu_gradient(g: Array, x: Array, alpha: float, rate: float, scale: float) -> Array:
    bent = alpha * rate * np.exp(rate * np.where(x > 0, 0, x))
    return np.asarray(g * scale * np.where(x > 0, 1, bent))


def softplus(x: Array, beta: float, threshold: float) -> Array:
    z = beta * x
    size = np.where(z.real < 0, -z, z)
    bent = np.where(z.real > 0, z, 0) + np.log1p(np.exp(-size))
    return np.asarray(np.where(x.real > threshold / beta, x, bent / beta))


def softplus_gradient(g: Array, x: Array, beta: float, threshold: float) -> Array:
    small = np.exp(-np.abs(beta * x))
    share = np.where(x < 0, small, 1) / (1 + small)
    return np.asarray(g * np.where(x > threshold / beta, 1, share))


def bell(x: Array) -> Array:
    return np.asarray(np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))


def normal_cdf(x: Array) -> Array:
    # erfc keeps the small values; its derivative is its definition, and all that an imaginary step asks for.
    real = [math.erfc(-float(number) / math.sqrt(2)) / 2 for number in x.real.flat]
    found = np.array(real).reshape(x.shape)
    return found + 1j * x.imag * bell(x.real) if np.iscomplexobj(x) else found


def normal_cdf_gradient(g: Array, x: Array) -> Array:
    return np.asarray(g * bell(x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "power": power,
    "pow": pow_,
    "compare": compare,
    "where": where,
    "minimum": minimum,
    "detach": lambda x: np.asarray(x.copy()),
    "clamp": clamp,
    "clamp_gradient": clamp_gradient,
    "leaky_relu": leaky_relu,
    "leaky_relu_gradient": leaky_relu_gradient,
    "elu": elu,
    "elu_gradient": elu_gradient,
    "softplus": softplus,
    "softplus_gradient": softplus_gradient,
    "normal_cdf": normal_cdf,
    "normal_cdf_gradient": normal_cdf_gradient,
}
