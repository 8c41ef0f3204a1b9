"""Kernels of matrix products."""

from __future__ import annotations

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call


def _in_one_piece(*arrays: Array) -> bool:
    return all(array.flags.c_contiguous or array.flags.f_contiguous for array in arrays)


def _matmul(b: Binding) -> list[Step]:
    left, right = b.reads
    if b.options["transpose_a"]:
        left = left.swapaxes(-1, -2)
    if b.options["transpose_b"]:
        right = right.swapaxes(-1, -2)
    # dot has less overhead than matmul, but copies operands that do not lie in one piece.
    if left.ndim == 2 and _in_one_piece(left, right) and b.out.flags.c_contiguous:
        return [call(np.dot, left, right, b.out)]
    return [call(np.matmul, left, right, b.out)]


def _vecmat(b: Binding) -> list[Step]:
    vector, matrix = b.reads
    function = np.dot if _in_one_piece(matrix) else np.matmul
    return [call(function, vector, matrix, b.out)]


KERNELS: dict[str, Kernel] = {"matmul": _matmul, "vecmat": _vecmat}
