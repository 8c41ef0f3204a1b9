"""Formulas of ops that treat every element alone; see `formulas`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


# Arithmetic on equal positions.


def add(a: Array, b: Array) -> Array:
    return a + b


def sub(a: Array, b: Array) -> Array:
    return a - b


def mul(a: Array, b: Array) -> Array:
    return a * b


def div(a: Array, b: Array) -> Array:
    return a / b


def scale(x: Array, factor: float) -> Array:
    return factor * x


def shift(x: Array, amount: float) -> Array:
    return x + amount


def square(x: Array) -> Array:
    return x**2


def sqrt(x: Array) -> Array:
    return np.asarray(x**0.5)


def exp(x: Array) -> Array:
    return np.asarray(np.exp(x))


def log(x: Array) -> Array:
    return np.asarray(np.log(x))


def absolute(x: Array) -> Array:
    return np.where(x.real < 0, -x, x)


def sign(x: Array) -> Array:
    return np.asarray((x > 0).astype(x.dtype) - (x < 0).astype(x.dtype))


def maximum(a: Array, b: Array) -> Array:
    return np.where(a.real >= b.real, a, b)


def maximum_share(a: Array, b: Array) -> Array:
    return np.where(a > b, 1.0, np.where(a == b, 0.5, 0.0)).astype(a.dtype)


def copy(x: Array) -> Array:
    return np.asarray(x.copy())


# Activations.


def tanh(x: Array) -> Array:
    # 1 - 2 / (exp(2x) + 1) for positive x would lose the small ones; expm1 keeps them.
    grown = np.expm1(-2.0 * absolute(x))
    return np.asarray(-grown / (grown + 2.0)) * np.where(x.real < 0, -1, 1)


def tanh_gradient(g: Array, y: Array) -> Array:
    return np.asarray(g * (1 + y) * (1 - y))


def sigmoid(x: Array) -> Array:
    small = np.exp(-absolute(x))
    return np.asarray(np.where(x.real < 0, small, 1) / (1 + small))


def sigmoid_gradient(g: Array, y: Array) -> Array:
    return np.asarray(g * y * (1 - y))


def relu(x: Array) -> Array:
    return np.where(x.real > 0, x, 0)


def relu_gradient(g: Array, y: Array) -> Array:
    return np.where(y > 0, g, 0)


# Losses.


def bce_with_logits(x: Array, t: Array) -> Array:
    return np.asarray(np.where(x.real > 0, x, 0) - x * t + np.log1p(np.exp(-absolute(x))))


def bce_with_logits_gradient(g: Array, x: Array, t: Array) -> Array:
    return np.asarray(g * (sigmoid(x) - t))


def at_least_minus_100(x: Array) -> Array:
    return np.where(x.real < -100, -100, x)


def bce(p: Array, t: Array) -> Array:
    yes, no = at_least_minus_100(np.log(p)), at_least_minus_100(np.log1p(-p))
    return np.asarray(-(t * yes + (1 - t) * no))


def bce_gradient(g: Array, p: Array, t: Array) -> Array:
    bottom = p * (1 - p)
    return np.asarray(
        g * (p - t) / np.where(bottom < 1e-12, np.asarray(1e-12, bottom.dtype), bottom)
    )


# Single numbers.


def increment(count: Array) -> Array:
    return count + 1


def bias_correction(count: Array, beta: float, delay: int, power: float, dtype: str) -> Array:
    return np.asarray(math.pow(1 - math.pow(beta, float(count) - delay), power))


def affine(s: Array, dtype: str, factor: float, offset: float) -> Array:
    return s * factor + offset


def first_then(count: Array, dtype: str, first: float, later: float) -> Array:
    return np.asarray(first if count == 1 else later)


def quotient(s: Array, t: Array, dtype: str) -> Array:
    return s / t


def raised(s: Array, t: Array, dtype: str) -> Array:
    return np.asarray(math.pow(float(s), float(t)))


def every(count: Array, dtype: str, period: int) -> Array:
    return np.asarray(0.0 if float(count) / period != float(count) // period else 1.0)
