"""Kernels of normalisation and running averages."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number
from graphnet.backend.numpy.kernels.reduction import mean_steps


def _normalize(b: Binding) -> list[Step]:
    (x,), (normalized, mean, variance, inverse, full) = b.reads, b.writes
    axes = b.options["axes"]
    (root,) = flat(inverse)
    (spread,) = flat(variance)
    return [
        *mean_steps(x, axes, mean, keepdims=True),
        call(np.subtract, x, mean, normalized),
        call(np.multiply, *flat(normalized, normalized, full)),
        *mean_steps(full, axes, variance, keepdims=True),
        call(np.add, spread, number(b.options["eps"], root), root),
        call(np.sqrt, root, root),
        call(np.divide, number(1.0, root), root, root),
        call(np.multiply, normalized, inverse, normalized),
    ]


def _normalize_gradient(b: Binding) -> list[Step]:
    (g, normalized, inverse), (out, full, mean, product) = b.reads, b.writes
    axes = b.options["axes"]
    return [
        *mean_steps(g, axes, mean, keepdims=True),
        call(np.multiply, *flat(g, normalized, full)),
        *mean_steps(full, axes, product, keepdims=True),
        call(np.multiply, normalized, product, full),
        call(np.subtract, g, mean, out),
        call(np.subtract, *flat(out, full, out)),
        call(np.multiply, out, inverse, out),
    ]


def _running_average(b: Binding) -> list[Step]:
    (value, of), (scaled,), (running,) = b.reads, b.writes, b.accumulates
    n, momentum = of.size // value.size, b.options["momentum"]
    correction = n / (n - 1) if b.options["unbiased"] and n > 1 else 1.0
    value, scaled, running = (array.reshape(-1) for array in (value, scaled, running))
    return [
        call(np.multiply, value, number(momentum * correction, value), scaled),
        call(np.multiply, running, number(1.0 - momentum, running), running),
        call(np.add, running, scaled, running),
    ]


KERNELS: dict[str, Kernel] = {
    "normalize": _normalize,
    "normalize_gradient": _normalize_gradient,
    "running_average": _running_average,
}
