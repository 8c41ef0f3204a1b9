"""Kernels of fused losses."""

from __future__ import annotations

import numpy as np

from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, clipped, flat, number
from graphnet.backend.numpy.kernels.activation import sigmoid_steps
from graphnet.backend.numpy.kernels.indexing import inner_size, position_steps
from graphnet.backend.numpy.kernels.reduction import fast_sum_steps


def _bce_with_logits(b: Binding) -> list[Step]:
    # The first difference is exact for the labels 0 and 1, so nothing of the small rest is lost.
    x, t, out, rest = flat(*b.reads, *b.writes)
    zero = number(0.0, x)
    return [
        call(np.multiply, x, t, rest),
        call(np.maximum, x, zero, out=out),
        call(np.subtract, out, rest, out),
        call(np.copysign, x, number(-1.0, x), rest),
        call(np.logaddexp, rest, zero, rest),
        call(np.add, out, rest, out),
    ]


def _bce_with_logits_gradient(b: Binding) -> list[Step]:
    g, x, t, out = flat(*b.reads, b.out)
    return [
        *sigmoid_steps(x, out),
        call(np.subtract, out, t, out),
        call(np.multiply, out, g, out),
    ]


def _bce(b: Binding) -> list[Step]:
    p, t, out, other = flat(*b.reads, *b.writes)
    floor = number(-100.0, p)
    return [
        # other = (1 - t) * max(log(1 - p), -100), with log1p for small p
        call(np.negative, p, other),
        call(np.log1p, other, other),
        call(np.maximum, other, floor, out=other),
        call(np.subtract, number(1.0, t), t, out),
        call(np.multiply, other, out, other),
        call(np.log, p, out),
        call(np.maximum, out, floor, out=out),
        call(np.multiply, out, t, out),
        call(np.add, out, other, out),
        call(np.negative, out, out),
    ]


def _bce_gradient(b: Binding) -> list[Step]:
    g, p, t, out, bottom = flat(*b.reads, *b.writes)
    return [
        call(np.subtract, number(1.0, p), p, bottom),
        call(np.multiply, bottom, p, bottom),
        clipped(bottom, bottom, low=1e-12),
        call(np.subtract, p, t, out),
        call(np.multiply, out, g, out),
        call(np.divide, out, bottom, out),
    ]


def _softmax_cross_entropy(b: Binding) -> list[Step]:
    x, index, base = b.reads
    out, probabilities, row, positions, ones = b.writes
    axis = b.options["axis"]
    return [
        call(np.maximum.reduce, x, axis, None, row, True),
        call(np.subtract, x, row, probabilities),
        *position_steps(index, base, positions, inner_size(x.shape, axis)),
        call(probabilities.reshape(-1).take, positions, None, out, "clip"),
        call(np.exp, probabilities, probabilities),
        *fast_sum_steps(probabilities, (axis,), row, ones),
        call(np.divide, probabilities, row, probabilities),
        call(np.log, row, row),
        call(np.subtract, *flat(row.reshape(out.shape), out, out)),
    ]


def _softmax_cross_entropy_gradient(b: Binding) -> list[Step]:
    g, probabilities, index, base = b.reads
    out, positions, picked = b.writes
    axis = b.options["axis"]
    whole = out.reshape(-1)
    return [
        call(np.multiply, probabilities, np.expand_dims(g, axis), out),
        *position_steps(index, base, positions, inner_size(out.shape, axis)),
        call(whole.take, positions, None, picked, "clip"),
        call(np.subtract, *flat(picked, g, picked)),
        call(whole.put, positions, picked, "clip"),
    ]


KERNELS: dict[str, Kernel] = {
    "bce_with_logits": _bce_with_logits,
    "bce_with_logits_gradient": _bce_with_logits_gradient,
    "bce": _bce,
    "bce_gradient": _bce_gradient,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "softmax_cross_entropy_gradient": _softmax_cross_entropy_gradient,
}
