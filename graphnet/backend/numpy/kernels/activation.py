"""Kernels of activations and their gradients."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, clipped, flat, number


def sigmoid_steps(x: Array, y: Array) -> list[Step]:
    """Return the calls that put `1 / (1 + exp(-x))` into y; exp may overflow to infinity, giving 0."""
    one = number(1.0, y)
    return [
        call(np.negative, x, y),
        call(np.exp, y, y),
        call(np.add, y, one, y),
        call(np.divide, one, y, y),
    ]


def _tanh(b: Binding) -> list[Step]:
    return [call(np.tanh, *flat(b.reads[0], b.out))]


def _tanh_gradient(b: Binding) -> list[Step]:
    g, y, out, t = flat(*b.reads, *b.writes)
    return [
        call(np.multiply, y, y, t),
        call(np.subtract, number(1.0, t), t, t),
        call(np.multiply, g, t, out),
    ]


def _sigmoid(b: Binding) -> list[Step]:
    x, y = flat(b.reads[0], b.out)
    return sigmoid_steps(x, y)


def _sigmoid_gradient(b: Binding) -> list[Step]:
    g, y, out, t = flat(*b.reads, *b.writes)
    return [
        call(np.subtract, number(1.0, t), y, t),
        call(np.multiply, t, y, t),
        call(np.multiply, g, t, out),
    ]


def _relu(b: Binding) -> list[Step]:
    x, y = flat(b.reads[0], b.out)
    return [clipped(x, y, low=0.0)]


def _relu_gradient(b: Binding) -> list[Step]:
    g, y, out, mask = flat(*b.reads, *b.writes)
    return [call(np.greater, y, number(0.0, y), mask), call(np.multiply, g, mask, out)]


KERNELS: dict[str, Kernel] = {
    "tanh": _tanh,
    "tanh_gradient": _tanh_gradient,
    "sigmoid": _sigmoid,
    "sigmoid_gradient": _sigmoid_gradient,
    "relu": _relu,
    "relu_gradient": _relu_gradient,
}
