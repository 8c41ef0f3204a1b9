"""Kernels of sums, means and their spreading back."""

from __future__ import annotations

import math

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, flat, number


def reduce_steps(x: Array, axes: tuple[int, ...], out: Array, *, keepdims: bool) -> list[Step]:
    """Return the call that sums over axes; over all axes of one piece as a vector."""
    if len(axes) == x.ndim and x.flags.c_contiguous and not keepdims:
        return [call(np.add.reduce, x.reshape(-1), 0, None, out)]
    return [call(np.add.reduce, x, axes, None, out, keepdims)]


def count_over(shape: tuple[int, ...], axes: tuple[int, ...]) -> int:
    """Return how many elements each sum has."""
    return math.prod(shape[axis] for axis in axes)


def mean_steps(x: Array, axes: tuple[int, ...], out: Array, *, keepdims: bool) -> list[Step]:
    """Return the calls that average over axes."""
    steps = reduce_steps(x, axes, out, keepdims=keepdims)
    (whole,) = flat(out)
    return [*steps, call(np.divide, whole, number(count_over(x.shape, axes), whole), whole)]


def _sum(b: Binding) -> list[Step]:
    return reduce_steps(b.reads[0], b.options["axes"], b.out, keepdims=b.options["keepdims"])


def _mean(b: Binding) -> list[Step]:
    return mean_steps(b.reads[0], b.options["axes"], b.out, keepdims=b.options["keepdims"])


def _expand(b: Binding) -> list[Step]:
    (x,), out, axes = b.reads, b.out, b.options["axes"]
    narrow = tuple(1 if axis in axes else size for axis, size in enumerate(out.shape))
    wide = np.broadcast_to(x.reshape(narrow), out.shape)
    if not b.options["mean"]:
        return [call(np.copyto, out, wide)]
    return [call(np.divide, wide, np.asarray(count_over(out.shape, axes), out.dtype), out)]


def _dot(b: Binding) -> list[Step]:
    return [call(np.dot, b.reads[0], b.reads[1], b.out)]


KERNELS: dict[str, Kernel] = {"sum": _sum, "mean": _mean, "expand": _expand, "dot": _dot}
