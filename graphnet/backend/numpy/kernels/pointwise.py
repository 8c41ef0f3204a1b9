"""Kernels of functions of each element with settings of their own, and of their gradients.

Branches are chosen by minima, maxima and products with 0 and 1: choosing by a mask costs ten times as much
where signs are mixed.
"""

from __future__ import annotations

import math

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, clipped, flat, number
from graphnet.backend.numpy.kernels.activation import sigmoid_steps


def scale_steps(x: Array, factor: float) -> list[Step]:
    """Return the call that multiplies an array by a factor, none where that is 1."""
    return [] if factor == 1.0 else [call(np.multiply, x, number(factor, x), x)]


def _nearest(value: float, like: Array) -> float:
    """Return a bound, or the largest number of an array's element type where it is beyond that."""
    largest = float(np.finfo(like.dtype).max)
    return min(max(value, -largest), largest)


def bound(value: float, like: Array) -> Array:
    """Return a bound as a number of an array's element type, the largest one where it is beyond that."""
    return number(_nearest(value, like), like)


def _clamp(b: Binding) -> list[Step]:
    x, y = flat(b.reads[0], b.out)
    low, high = (_nearest(b.options[name], x) for name in ("low", "high"))
    return [clipped(x, y, low, high)]


def _clamp_gradient(b: Binding) -> list[Step]:
    g, x, out, inside, below = flat(*b.reads, *b.writes)
    wide = b.options["inclusive"]
    return [
        call(np.greater_equal if wide else np.greater, x, bound(b.options["low"], x), inside),
        call(np.less_equal if wide else np.less, x, bound(b.options["high"], x), below),
        call(np.logical_and, inside, below, inside),
        call(np.multiply, g, inside, out),
    ]


def _leaky_relu(b: Binding) -> list[Step]:
    # Of x and slope * x the larger one is right where slope <= 1, the smaller one where slope > 1.
    x, y, small = flat(b.reads[0], *b.writes)
    slope = b.options["slope"]
    if slope == 0.0:
        return [clipped(x, y, low=0.0)]
    choose = np.maximum if slope <= 1.0 else np.minimum
    return [call(np.multiply, x, number(slope, x), small), call(choose, x, small, out=y)]


def _leaky_relu_gradient(b: Binding) -> list[Step]:
    g, y, out, t = flat(*b.reads, *b.writes)
    slope = b.options["slope"]
    if slope <= 1.0:  # the larger one of 0 or 1 and slope
        steps = [
            call(np.greater, y, number(0.0, y), t),
            clipped(t, t, low=slope),
        ]
    else:  # the larger one of slope or 0 and 1
        steps = [
            call(np.less_equal, y, number(0.0, y), t),
            call(np.multiply, t, number(slope, t), t),
            clipped(t, t, low=1.0),
        ]
    return [*steps, call(np.multiply, g, t, out)]


def _elu(b: Binding) -> list[Step]:
    x, y, t = flat(b.reads[0], *b.writes)
    alpha, rate, scale = (b.options[name] for name in ("alpha", "rate", "scale"))
    return [
        clipped(x, t, high=0.0),
        *scale_steps(t, rate),
        call(np.expm1, t, t),
        *scale_steps(t, alpha * scale),
        clipped(x, y, low=0.0),
        *scale_steps(y, scale),
        call(np.add, y, t, y),
    ]


def _elu_gradient(b: Binding) -> list[Step]:
    # exp is 1 where x > 0, so that what is there is scale - bottom too little.
    g, x, out, t, above = flat(*b.reads, *b.writes)
    alpha, rate, scale = (b.options[name] for name in ("alpha", "rate", "scale"))
    bottom = scale * alpha * rate
    steps = [
        clipped(x, t, high=0.0),
        *scale_steps(t, rate),
        call(np.exp, t, t),
        *scale_steps(t, bottom),
    ]
    if bottom != scale:
        steps += [
            call(np.greater, x, number(0.0, x), above),
            *scale_steps(above, scale - bottom),
            call(np.add, t, above, t),
        ]
    return [*steps, call(np.multiply, g, t, out)]


def _softplus(b: Binding) -> list[Step]:
    # max(x, 0) + log1p(exp(-|beta x|)) / beta overflows nowhere; the second term ends at the threshold.
    x, y, t, below = flat(b.reads[0], *b.writes)
    beta, limit = b.options["beta"], b.options["threshold"] / b.options["beta"]
    bent = [
        call(np.less_equal, x, bound(limit, x), below),
        call(np.absolute, x, t),
        *scale_steps(t, -beta),
        call(np.exp, t, t),
        call(np.log1p, t, t),
        *scale_steps(t, 1.0 / beta),
        call(np.multiply, t, below, t),
    ]
    straight = [clipped(x, y, low=0.0)]
    if limit < 0.0:  # x itself begins below 0
        straight = [call(np.logical_not, below, below), call(np.multiply, x, below, y)]
    return [*bent, *straight, call(np.add, y, t, y)]


def _softplus_gradient(b: Binding) -> list[Step]:
    g, x, out, t, above = flat(*b.reads, *b.writes)
    beta, limit = b.options["beta"], b.options["threshold"] / b.options["beta"]
    return [
        call(np.multiply, x, number(beta, x), t),
        *sigmoid_steps(t, t),
        call(np.greater, x, bound(limit, x), above),
        call(np.maximum, t, above, out=t),
        call(np.multiply, g, t, out),
    ]


RECIPROCAL = 0.2
"""The tail of the normal distribution is a polynomial in `u = 1 / (1 + |x| / 5)` times `u exp(-x^2 / 2)`."""
FARTHEST = {"float64": 38.0, "float32": 14.0}
"""Where the tail is no longer told from 0; the polynomials are made for what is nearer."""
TAIL = {
    "float64": (
        0.17075693397994693, 0.14040402373909275, 0.0967159630538463, 0.05525423259668698,
        0.025564210845529036, 0.009097367340814233, 0.002177291167846358, 0.00016651880236568604,
        -0.00010340702132923781, -3.759308833125545e-05, 9.815147078473285e-07,
        3.4593369125125597e-06, 3.4631702247633834e-07, -3.0675921140939937e-07,
        -5.519625817562634e-08, 3.0491759181059664e-08, 6.421653157104851e-09,
        -3.2152696371416913e-09, -6.11786897068178e-10, 2.4672909881412793e-10,
        3.727409133160978e-11,
    ),
    "float32": (
        0.19703887089613442, 0.14811409884586924, 0.08964543296598966, 0.04345318357715523,
        0.016456648347809997, 0.00457653613232362, 0.0007625973579946586, -1.3855129659545535e-05,
        -3.34966976613753e-05,
    ),
}  # fmt: skip
"""Coefficients, lowest first, in the variable that runs from -1 at the farthest x to 1 at 0.

They interpolate `erfc(|x| / sqrt(2)) exp(x^2 / 2) / (2 u)` at Chebyshev's points, computed with 40 digits, as
in M. M. Shepherd and J. G. Laframboise, Math. Comp. 36 (1981), 249-253. Off by 1e-15 in float64.
"""


def _normal_cdf(b: Binding) -> list[Step]:
    x, y, u, w = flat(b.reads[0], *b.writes)
    coefficients = TAIL[x.dtype.name]
    least = 1.0 / (1.0 + RECIPROCAL * FARTHEST[x.dtype.name])
    steps = [
        call(np.absolute, x, u),
        call(np.multiply, u, number(RECIPROCAL, u), u),
        call(np.add, u, number(1.0, u), u),
        call(np.divide, number(1.0, u), u, u),
        call(np.multiply, u, number(2.0 / (1.0 - least), u), w),
        call(np.subtract, w, number((1.0 + least) / (1.0 - least), w), w),
        call(np.multiply, w, number(coefficients[-1], w), y),
    ]
    for coefficient in coefficients[-2:0:-1]:
        steps += [call(np.add, y, number(coefficient, y), y), call(np.multiply, y, w, y)]
    return [
        *steps,
        call(np.add, y, number(coefficients[0], y), y),
        call(np.multiply, y, u, y),
        *_bell(x, u),
        call(np.multiply, y, u, y),
        # The tail itself below 0, what it leaves of 1 above.
        call(np.greater, x, number(0.0, x), w),
        call(np.subtract, w, y, y),
        call(np.absolute, y, y),
    ]


def _bell(x: Array, out: Array) -> list[Step]:
    """Return the calls that put exp(-x^2 / 2) into out."""
    return [
        call(np.multiply, x, x, out),
        call(np.multiply, out, number(-0.5, out), out),
        call(np.exp, out, out),
    ]


def _normal_cdf_gradient(b: Binding) -> list[Step]:
    g, x, out, t = flat(*b.reads, *b.writes)
    return [
        *_bell(x, t),
        *scale_steps(t, 1.0 / math.sqrt(2.0 * math.pi)),
        call(np.multiply, g, t, out),
    ]


KERNELS: dict[str, Kernel] = {
    "clamp": _clamp,
    "clamp_gradient": _clamp_gradient,
    "leaky_relu": _leaky_relu,
    "leaky_relu_gradient": _leaky_relu_gradient,
    "elu": _elu,
    "elu_gradient": _elu_gradient,
    "softplus": _softplus,
    "softplus_gradient": _softplus_gradient,
    "normal_cdf": _normal_cdf,
    "normal_cdf_gradient": _normal_cdf_gradient,
}
