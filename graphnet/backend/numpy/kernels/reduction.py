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
    return [*reduce_steps(x, axes, out, keepdims=keepdims), _share(x, axes, out)]


def _share(x: Array, axes: tuple[int, ...], out: Array) -> Step:
    """Return the call that divides sums by how many elements they have."""
    (whole,) = flat(out)
    return call(np.divide, whole, number(count_over(x.shape, axes), whole), whole)


def rows_over(x: Array, axes: tuple[int, ...]) -> Array | None:
    """Return an array as a matrix whose rows are what is summed over axes, where these lie in one piece."""
    kept = x.ndim - len(axes)
    if not x.flags.c_contiguous or axes != tuple(range(kept, x.ndim)) or not x.size:
        return None
    matrix: Array = x.reshape(math.prod(x.shape[:kept]), -1)
    return matrix


def fast_sum_steps(x: Array, axes: tuple[int, ...], out: Array, workspace: Array) -> list[Step]:
    """Return the calls that sum over axes, which out has as 1: rows as a product with ones.

    The linear algebra library adds up five times as fast.

    Args:
        x: Any shape.
        axes: What to sum over.
        out: Where to.
        workspace: In one piece, at least as large as what is summed.
    """
    rows = rows_over(x, axes)
    if rows is None:
        return reduce_steps(x, axes, out, keepdims=True)
    ones = workspace.reshape(-1)[: rows.shape[1]]
    return [call(ones.fill, 1.0), call(np.dot, rows, ones, out.reshape(-1))]


def fast_mean_steps(x: Array, axes: tuple[int, ...], out: Array, workspace: Array) -> list[Step]:
    """Return the calls that average over axes, as `fast_sum_steps`."""
    return [*fast_sum_steps(x, axes, out, workspace), _share(x, axes, out)]


def product_sum_steps(
    x: Array, y: Array, axes: tuple[int, ...], out: Array, workspace: Array
) -> list[Step]:
    """Return the calls that sum products over axes, which out has as 1: rows as scalar products."""
    left, right = rows_over(x, axes), rows_over(y, axes)
    if left is None or right is None:
        product = call(np.multiply, *flat(x, y, workspace))
        return [product, *reduce_steps(workspace, axes, out, keepdims=True)]
    return [call(np.matmul, left[:, None], right[:, :, None], out.reshape(-1, 1, 1))]


def product_mean_steps(
    x: Array, y: Array, axes: tuple[int, ...], out: Array, workspace: Array
) -> list[Step]:
    """Return the calls that average products over axes, which out has as 1."""
    return [*product_sum_steps(x, y, axes, out, workspace), _share(x, axes, out)]


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
