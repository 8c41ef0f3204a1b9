"""Kernels of normalisation and running averages."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number
from graphnet.backend.numpy.kernels.reduction import fast_mean_steps, product_mean_steps


def _normalize(b: Binding) -> list[Step]:
    (x,), (normalized, mean, variance, inverse, full) = b.reads, b.writes
    axes = b.options["axes"]
    (root,) = flat(inverse)
    (spread,) = flat(variance)
    return [
        *fast_mean_steps(x, axes, mean, full),
        call(np.subtract, x, mean, normalized),
        *product_mean_steps(normalized, normalized, axes, variance, full),
        call(np.add, spread, number(b.options["eps"], root), root),
        call(np.sqrt, root, root),
        call(np.divide, number(1.0, root), root, root),
        call(np.multiply, normalized, inverse, normalized),
    ]


def _normalize_gradient(b: Binding) -> list[Step]:
    (g, normalized, inverse), (out, full, mean, product) = b.reads, b.writes
    axes = b.options["axes"]
    return [
        *fast_mean_steps(g, axes, mean, full),
        *product_mean_steps(g, normalized, axes, product, full),
        call(np.multiply, normalized, product, full),
        call(np.subtract, g, mean, out),
        call(np.subtract, *flat(out, full, out)),
        call(np.multiply, out, inverse, out),
    ]


def _rms_normalize(b: Binding) -> list[Step]:
    (x,), (normalized, inverse), axes = b.reads, b.writes, b.options["axes"]
    (root,) = flat(inverse)
    return [
        *product_mean_steps(x, x, axes, inverse, normalized),
        call(np.add, root, number(b.options["eps"], root), root),
        call(np.sqrt, root, root),
        call(np.divide, number(1.0, root), root, root),
        call(np.multiply, x, inverse, normalized),
    ]


def _rms_normalize_gradient(b: Binding) -> list[Step]:
    (g, normalized, inverse), (out, product) = b.reads, b.writes
    return [
        *product_mean_steps(g, normalized, b.options["axes"], product, out),
        call(np.multiply, normalized, product, out),
        call(np.subtract, *flat(g, out, out)),
        call(np.multiply, out, inverse, out),
    ]


def _corrected(b: Binding) -> tuple[list[Step], Array, Array]:
    """Return the call that scales a statistic's value of this step, where to, and the running one."""
    (value, of), scaled, running = b.reads[:2], b.writes[0], b.accumulates[0]
    n = of.size // value.size
    correction = n / (n - 1) if b.options["unbiased"] and n > 1 else 1.0
    value, scaled, running = (array.reshape(-1) for array in (value, scaled, running))
    factor = number(b.options.get("momentum", 1.0) * correction, value)
    return [call(np.multiply, value, factor, scaled)], scaled, running


def _running_average(b: Binding) -> list[Step]:
    steps, scaled, running = _corrected(b)
    kept = number(1.0 - b.options["momentum"], running)
    return [
        *steps,
        call(np.multiply, running, kept, running),
        call(np.add, running, scaled, running),
    ]


def _cumulative_average(b: Binding) -> list[Step]:
    steps, scaled, running = _corrected(b)
    count, share = b.reads[2], b.writes[1]

    def step_share() -> None:
        share[()] = 1.0 / count.item()

    return [
        *steps,
        step_share,
        call(np.subtract, scaled, running, scaled),
        call(np.multiply, scaled, np.broadcast_to(share, scaled.shape), scaled),
        call(np.add, running, scaled, running),
    ]


KERNELS: dict[str, Kernel] = {
    "normalize": _normalize,
    "normalize_gradient": _normalize_gradient,
    "rms_normalize": _rms_normalize,
    "rms_normalize_gradient": _rms_normalize_gradient,
    "running_average": _running_average,
    "cumulative_average": _cumulative_average,
}
