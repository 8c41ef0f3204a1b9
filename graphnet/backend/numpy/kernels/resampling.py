"""Kernels of resampling. Places are cut into evenly spaced runs, so that copies of slices do the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call

Run = tuple[slice, slice]


def runs_of(places: Sequence[int]) -> list[list[Run]]:
    """Cut places into evenly spaced runs, in rounds in which no place stands twice.

    Returns:
        Rounds of runs: which numbers of the list, and which places these are.

    Example:
        >>> runs_of([0, 0, 1, 1])
        [[(slice(0, 3, 2), slice(0, 2, 1))], [(slice(1, 4, 2), slice(0, 2, 1))]]
    """
    seen: dict[int, int] = {}
    rounds: list[list[tuple[int, int]]] = []
    for number, place in enumerate(places):
        turn = seen.get(place, 0)
        seen[place] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append((number, place))
    return [[_slices(run) for run in _even(pairs)] for pairs in rounds]


def _even(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Cut (number, place) pairs where the distance to the one before changes."""
    runs: list[list[tuple[int, int]]] = []
    for pair in pairs:
        run = runs[-1] if runs else []
        if run and (len(run) == 1 or _distance(run[-2], run[-1]) == _distance(run[-1], pair)):
            run.append(pair)
        else:
            runs.append([pair])
    return runs


def _distance(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return other[0] - one[0], other[1] - one[1]


def _slices(run: list[tuple[int, int]]) -> Run:
    """Return a run as two slices; places may go backwards."""
    (number, place), (last_number, last_place) = run[0], run[-1]
    step, stride = _distance(run[0], run[1]) if len(run) > 1 else (1, 1)
    stop = last_place + (1 if stride > 0 else -1)
    ours = slice(number, last_number + 1, step)
    return ours, slice(place, stop if stop >= 0 else None, stride)


def _along(x: Array, axis: int, part: slice) -> Array:
    return x[(slice(None),) * axis + (part,)]


def _take(b: Binding) -> list[Step]:
    (x,), out, axis = b.reads, b.out, b.options["axis"]
    return [
        call(np.copyto, _along(out, axis, ours), _along(x, axis, theirs))
        for turn in runs_of(b.options["places"])
        for ours, theirs in turn
    ]


def _untake(b: Binding) -> list[Step]:
    (g,), out, axis, places = b.reads, b.out, b.options["axis"], b.options["places"]
    first, *others = runs_of(places)
    missing = len(set(places)) < out.shape[axis]
    steps = [call(out.fill, 0)] if missing else []
    steps += [
        call(np.copyto, _along(out, axis, theirs), _along(g, axis, ours)) for ours, theirs in first
    ]
    for turn in others:
        for ours, theirs in turn:
            target = _along(out, axis, theirs)
            steps.append(call(np.add, target, _along(g, axis, ours), target))
    return steps


def _pad(b: Binding) -> list[Step]:
    (x,), out, steps = b.reads, b.out, []
    core: tuple[slice, ...] = ()
    for size, start in zip(x.shape, b.options["before"], strict=True):
        for edge in (slice(0, start), slice(start + size, None)):
            at = (*core, edge)
            if out[at].size:
                steps.append(call(out[at].fill, b.options["value"]))
        core = (*core, slice(start, start + size))
    return [*steps, call(np.copyto, out[core], x)]


def _axis_product(b: Binding) -> list[Step]:
    (x, matrix), out, axis = b.reads, b.out, b.options["axis"]
    if b.options["transpose"]:
        matrix = matrix.T
    if axis == x.ndim - 1:
        return [call(np.matmul, x, matrix.T, out)]
    if x.flags.c_contiguous and out.flags.c_contiguous:
        lead = int(np.prod(x.shape[:axis]))
        shaped = [a.reshape(lead, a.shape[axis], -1) for a in (x, out)]
        return [call(np.matmul, matrix, *shaped)]
    return [call(np.matmul, matrix, np.moveaxis(x, axis, -2), np.moveaxis(out, axis, -2))]


def _averaging_matrix(b: Binding) -> list[Step]:
    rows, columns = b.out.shape
    matrix = np.zeros((rows, columns))
    for row in range(rows):
        start, end = row * columns // rows, -(-(row + 1) * columns // rows)
        matrix[row, start:end] = 1.0 / (end - start)
    return [call(np.copyto, b.out, matrix.astype(b.out.dtype))]


def _interpolation_matrix(b: Binding) -> list[Step]:
    rows, columns = b.out.shape
    linear = b.options["mode"] == "linear"
    at = np.arange(rows) * b.options["step"]
    if not b.options["align_corners"]:
        at = (np.arange(rows) + 0.5) * b.options["step"] - 0.5
    if linear:
        at = np.maximum(at, 0.0)
    first = np.floor(at).astype(np.int64)
    matrix = np.zeros((rows, columns))
    for shift in (0, 1) if linear else (-1, 0, 1, 2):
        weight = _weight(np.abs(at - first - shift), linear=linear)
        np.add.at(matrix, (np.arange(rows), np.clip(first + shift, 0, columns - 1)), weight)
    return [call(np.copyto, b.out, matrix.astype(b.out.dtype))]


def _weight(distance: Array, *, linear: bool) -> Any:
    if linear:
        return 1.0 - distance
    near = (1.25 * distance - 2.25) * distance**2 + 1.0
    far = ((-0.75 * distance + 3.75) * distance - 6.0) * distance + 3.0
    return np.where(distance <= 1.0, near, far)


KERNELS: dict[str, Kernel] = {
    "take": _take,
    "untake": _untake,
    "pad": _pad,
    "axis_product": _axis_product,
    "averaging_matrix": _averaging_matrix,
    "interpolation_matrix": _interpolation_matrix,
}
