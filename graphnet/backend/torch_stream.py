"""The numbers PyTorch draws on a CPU, from its generator's own seed, in NumPy.

PyTorch's generator is the Mersenne Twister that NumPy's RandomState is too, so that both start alike from
one seed. What differs is how draws become numbers; that is written here from PyTorch's results.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from graphnet.backend.arena import Array

Legacy = np.random.RandomState
BLOCK = 16
"""Numbers that are made together; fewer are made in pairs, in float64."""


def uniform(legacy: Legacy, size: int, dtype: str, low: float, high: float) -> Array:
    """Return what uniform_ draws after manual_seed, bit for bit in float32.

    Each number takes one 32-bit draw r: `(r mod 2^24) 2^-24 (b - a) + a`, computed in float64 and rounded
    once, b - a being rounded to float32 first. In float64 each takes two draws, of which 53 bits are used.
    """
    if dtype == "float32":
        bottom, top = float(np.float32(low)), float(np.float32(high))
        spread = float(np.float32(top - bottom))
        return (_units(legacy, size, dtype) * spread + bottom).astype(np.float32)
    whole: Array = _units(legacy, size, dtype) * (high - low) + low
    return whole


def _units(legacy: Legacy, size: int, dtype: str) -> Array:
    """Return numbers on [0, 1) as float64."""
    if dtype == "float32":
        raw = legacy.randint(0, 2**32, size, dtype=np.uint32)
        return (raw & 0xFFFFFF).astype(np.float64) * 2.0**-24
    raw = legacy.randint(0, 2**32, 2 * size, dtype=np.uint32).astype(np.uint64)
    joined = (raw[0::2] << np.uint64(32)) | raw[1::2]
    units: Array = (joined & np.uint64(2**53 - 1)).astype(np.float64) * 2.0**-53
    return units


def normal(legacy: Legacy, size: int, dtype: str, mean: float, deviation: float) -> Array:
    """Return what normal_ draws after manual_seed, bit for bit.

    Pairs of uniform numbers become pairs of normal ones by Box and Muller's transform. Fewer than 16
    numbers are made one pair after the other in float64; what is left of a pair is the first of the next call
    that makes pairs. More are made in blocks of 16, the first eight with the last eight, in the tensor's own
    type; where they do not divide, the last 16 are drawn again. In float32 logarithm, sine and cosine are
    those of a processor with AVX2; PyTorch's own numbers differ in the last place on others.
    """
    if size < BLOCK:
        return _pairs(legacy, size, mean, deviation).astype(dtype)
    drawn = _units(legacy, size, dtype).astype(dtype)
    make = _block_single if dtype == "float32" else _block_double
    whole = size - size % BLOCK
    drawn[:whole] = make(drawn[:whole].reshape(-1, BLOCK), mean, deviation).reshape(-1)
    if whole < size:
        last = _units(legacy, BLOCK, dtype).astype(dtype).reshape(1, BLOCK)
        drawn[-BLOCK:] = make(last, mean, deviation).reshape(-1)
    return drawn


def _pairs(legacy: Legacy, size: int, mean: float, deviation: float) -> Array:
    state = legacy.get_state(legacy=False)
    made = [float(state["gauss"])] if state["has_gauss"] else []
    while len(made) < size:
        angle, share = _units(legacy, 2, "float64").tolist()
        radius = math.sqrt(-2.0 * math.log1p(-share))
        turn = 2.0 * math.pi * angle
        made += [radius * math.cos(turn), radius * math.sin(turn)]
    _set_spare(legacy, made[size:])
    return _fused_double(np.array(made[:size]), deviation, mean)


def _set_spare(legacy: Legacy, spare: list[float]) -> None:
    """Keep the second of a pair for the next call that makes pairs, where RandomState keeps its own."""
    state = legacy.get_state(legacy=False)
    state |= {"has_gauss": len(spare), "gauss": spare[0] if spare else 0.0}
    legacy.set_state(state)


def _block_double(units: Array, mean: float, deviation: float) -> Array:
    half = BLOCK // 2
    # Python's functions are the C library's, as PyTorch's are; NumPy's differ in the last place.
    radius = np.sqrt(-2.0 * _each(math.log, 1.0 - units[:, :half]))
    turn = 2.0 * math.pi * units[:, half:]
    both = np.concatenate([radius * _each(math.cos, turn), radius * _each(math.sin, turn)], 1)
    return _fused_double(both, deviation, mean)


def _each(function: Callable[[float], float], x: Array) -> Array:
    return np.array([function(value) for value in x.reshape(-1).tolist()]).reshape(x.shape)


def _fused_double(a: Array, b: float, c: float) -> Array:
    """Return a b + c with one rounding: what product and sum lose is added at the end.

    References:
        Dekker, "A floating-point technique for extending the available precision", 1971.
    """
    product = a * b
    (high_a, low_a), (high_b, low_b) = _halves(a), _halves(np.asarray(b))
    lost = low_a * low_b - (((product - high_a * high_b) - low_a * high_b) - high_a * low_b)
    total = product + c
    shift = total - product
    rest = (product - (total - shift)) + (c - shift)
    exact: Array = total + (rest + lost)
    return exact


def _halves(x: Array) -> tuple[Array, Array]:
    """Return a number as a sum of two of half its digits."""
    grown = x * (2.0**27 + 1.0)
    high = grown - (grown - x)
    return high, x - high


F = np.float32


def _fused(a: Array, b: Array | float, c: Array | float) -> Array:
    """Return a b + c with one rounding, as a processor's fused instruction gives it."""
    product = a.astype(np.float64) * np.asarray(b, F).astype(np.float64)
    return (product + np.asarray(c, F).astype(np.float64)).astype(F)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y = _fused(y, x, coefficient)
    return y


def _block_single(units: Array, mean: float, deviation: float) -> Array:
    half = BLOCK // 2
    radius = np.sqrt(F(-2.0) * _log(F(1.0) - units[:, :half]))
    sine, cosine = _sine_and_cosine(F(2.0 * math.pi) * units[:, half:])
    both = np.concatenate([radius * cosine, radius * sine], 1)
    return _fused(both, deviation, mean)


_LOG = (
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
    -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
_SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
"""Coefficients of the Cephes library's functions in single precision (Moshier, 1989)."""


def _log(x: Array) -> Array:
    """Return log x of positive float32 numbers: exponent and mantissa, a polynomial for the latter."""
    fraction, exponent = np.frexp(x)
    small = fraction < F(math.sqrt(0.5))
    power = exponent.astype(F) - small.astype(F)
    rest = np.where(small, fraction + fraction - F(1.0), fraction - F(1.0)).astype(F)
    square = rest * rest
    y = _polynomial(rest, _LOG) * rest
    y = _fused(y, square, power * F(-2.12194440e-4))
    y = _fused(square, -0.5, y)
    return _fused(power, 0.693359375, rest + y)


def _sine_and_cosine(x: Array) -> tuple[Array, Array]:
    """Return sine and cosine of float32 numbers from 0: the octant, and a polynomial within it."""
    octant = ((x * F(4.0 / math.pi)).astype(np.int32) + 1) & ~1
    for part in (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8):
        x = _fused(octant.astype(F), part, x)
    square = x * x
    cosine = _polynomial(square, _COSINE) * square
    cosine = _fused(cosine, square, square * F(-0.5)) + F(1.0)
    sine = _fused(_polynomial(square, _SINE) * square, x, x)
    swapped = (octant & 2) != 0
    one, other = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    first = np.where(octant & 4, -one, one)
    second = np.where(~(octant - 2) & 4, -other, other)
    return first.astype(F), second.astype(F)
