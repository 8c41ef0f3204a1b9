"""Formulas of connectionist temporal classification, place by place; see `formulas`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NEVER = -math.inf


def log_sum(*values: Any) -> Any:
    """Return the logarithm of a sum of exponentials; of complex numbers too."""
    some = [value for value in values if value.real != NEVER]
    if not some:
        return NEVER
    top = max(value.real for value in some)
    return top + np.log(sum(np.exp(value - top) for value in some))


def before(places: list[int], place: int, blank: int) -> list[int]:
    """Return the places that a place can be reached from."""
    jumps = place > 1 and places[place] not in (blank, places[place - 2])
    return [place] + [place - 1] * (place > 0) + [place - 2] * jumps


def spread_out(labels: Array, blank: int) -> list[int]:
    return [blank, *(int(c) for label in labels for c in (label, blank))]


def reached(alpha: Array, steps: int, length: int) -> Any:
    if steps == 0:
        return NEVER if length else 0.0
    ends = (2 * length, 2 * length - 1) if length else (0,)
    return log_sum(*(alpha[steps - 1, end] for end in ends))


def ctc_loss(
    x: Array,
    labels: Array,
    steps: Array,
    lengths: Array,
    base: Array,
    blank: int,
    zero_infinity: bool,
) -> tuple[Array, Array]:
    out = np.empty(len(x), x.dtype)
    alpha = np.full((*x.shape[:2], 2 * labels.shape[1] + 1), NEVER, x.dtype)
    for n, row in enumerate(labels):
        places = spread_out(row, blank)
        for t, scores in enumerate(x[n]):
            for at, c in enumerate(places):
                old = [alpha[n, t - 1, b] for b in before(places, at, blank)] if t else []
                start = [0.0] if not t and at < 2 else []
                alpha[n, t, at] = log_sum(*old, *start, NEVER) + scores[c]
        found = reached(alpha[n], int(steps[n]), int(lengths[n]))
        out[n] = 0.0 if zero_infinity and found == NEVER else -found
    return out, alpha


def ctc_loss_gradient(
    g: Array,
    x: Array,
    alpha: Array,
    labels: Array,
    steps: Array,
    lengths: Array,
    base: Array,
    blank: int,
    zero_infinity: bool,
) -> Array:
    out = np.zeros_like(x)
    for n, row in enumerate(labels):
        places, count, length = spread_out(row, blank), int(steps[n]), int(lengths[n])
        whole = reached(alpha[n], count, length)
        if zero_infinity and whole == NEVER:
            continue
        later = [0.0 if at in (2 * length, 2 * length - 1) else NEVER for at in range(len(places))]
        for t in range(count - 1, -1, -1):
            for at, c in enumerate(places):
                out[n, t, c] -= g[n] * np.exp(alpha[n, t, at] + later[at] - whole)
            ahead = [value + x[n, t, c] for value, c in zip(later, places, strict=True)]
            later = [
                log_sum(
                    NEVER,
                    *(ahead[to] for to in range(len(places)) if at in before(places, to, blank)),
                )
                for at in range(len(places))
            ]
    return out
