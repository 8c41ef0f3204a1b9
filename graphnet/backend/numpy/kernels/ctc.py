"""Kernels of connectionist temporal classification: step after step of time, all samples together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call

NEVER = -math.inf


@dataclass(frozen=True, eq=False)
class _Lattice:
    """What both directions share: where the places of labels lie, and which may be skipped to.

    Attributes:
        x: Log-probabilities, (N, T, C).
        labels: Labels, (N, S).
        base: Where each step's scores begin, (N, T).
        places: Class of each place, (N, 2 S + 1).
        at: Positions of the places' scores at a step.
        differ: Whether a label differs from the one before it, (N, S).
        skip: 0 where a place can be reached from the one two before it, else -inf.
        scores: Scores of the places at a step.
    """

    x: Array
    labels: Array
    base: Array
    places: Array
    at: Array
    differ: Array
    skip: Array
    scores: Array

    def prepare(self, blank: int) -> list[Step]:
        """Return the calls that find places and skips."""
        labels, differ = self.labels, self.differ[:, 1:]
        return [
            call(self.places.fill, blank),
            call(np.copyto, self.places[:, 1::2], labels),
            call(self.skip.fill, NEVER),
            call(np.not_equal, labels[:, 1:], labels[:, :-1], differ),
            call(np.copyto, self.skip[:, 3::2], 0.0, where=differ),
        ]

    def look(self, time: int) -> list[Step]:
        """Return the calls that fetch the places' scores at a step."""
        return [
            call(np.add, self.places, self.base[:, time : time + 1], self.at),
            call(self.x.reshape(-1).take, self.at, None, self.scores, "clip"),
        ]


def _reached(alpha: Array, steps: Array, lengths: Array, n: int) -> float:
    """Return the log-likelihood of a sample's labels."""
    count, end = int(steps[n]), 2 * int(lengths[n])
    if count == 0:
        return NEVER if end else 0.0
    last = alpha[n, count - 1]
    return float(np.logaddexp(last[end], last[end - 1]) if end else last[0])


def _loss(b: Binding) -> list[Step]:
    x, labels, steps, lengths, base = b.reads
    out, alpha, places, at, differ, skip, scores, far = b.writes
    lattice = _Lattice(x, labels, base, places, at, differ, skip, scores)
    zero_infinity = b.options["zero_infinity"]

    def forward(time: int) -> list[Step]:
        before, now = alpha[:, time - 1], alpha[:, time]
        return [
            *lattice.look(time),
            call(np.copyto, now[:, 0], before[:, 0]),
            call(np.logaddexp, before[:, 1:], before[:, :-1], now[:, 1:]),
            call(np.add, before[:, :-2], skip[:, 2:], far[:, 2:]),
            call(np.logaddexp, now[:, 2:], far[:, 2:], now[:, 2:]),
            call(np.add, now, scores, now),
        ]

    def step_finish() -> None:
        for n in range(len(out)):
            reached = _reached(alpha, steps, lengths, n)
            out[n] = 0.0 if zero_infinity and reached == NEVER else -reached

    start = [
        *lattice.look(0),
        call(alpha[:, 0].fill, NEVER),
        call(np.copyto, alpha[:, 0, :2], scores[:, :2]),
    ]
    middle = [step for time in range(1, x.shape[1]) for step in forward(time)]
    return [*lattice.prepare(b.options["blank"]), *start, *middle, step_finish]


def _begin(beta: Array, steps: Array, lengths: Array, time: int) -> Step:
    """Return the call that starts samples whose last step this is: at their last two places."""

    def step_begin() -> None:
        for n in range(len(beta)):
            if steps[n] == time + 1:
                end = 2 * int(lengths[n])
                beta[n] = NEVER
                beta[n, max(end - 1, 0) : end + 1] = 0.0

    return step_begin


def _come_back(lattice: _Lattice, beta: Array, after: Array) -> list[Step]:
    """Return the calls for what is behind a place: itself, the next one, and the one after."""
    scores = lattice.scores
    return [
        call(np.add, beta, scores, after),
        call(np.copyto, beta[:, -1], after[:, -1]),
        call(np.logaddexp, after[:, :-1], after[:, 1:], beta[:, :-1]),
        call(np.add, after[:, 2:], lattice.skip[:, 2:], scores[:, 2:]),
        call(np.logaddexp, beta[:, :-2], scores[:, 2:], beta[:, :-2]),
    ]


def _gradient(b: Binding) -> list[Step]:
    g, x, alpha, labels, steps, lengths, base = b.reads
    out, places, at, differ, skip, scores, beta, after, total = b.writes
    lattice = _Lattice(x, labels, base, places, at, differ, skip, scores)
    zero_infinity = b.options["zero_infinity"]

    def step_reach() -> None:
        for n in range(len(total)):
            reached = _reached(alpha, steps, lengths, n)
            total[n] = -NEVER if zero_infinity and reached == NEVER else reached

    def share(time: int) -> list[Step]:
        return [
            _begin(beta, steps, lengths, time),
            *lattice.look(time),
            call(np.add, alpha[:, time], beta, after),
            call(np.subtract, after, total[:, None], after),
            call(np.exp, after, after),
            call(np.multiply, after, g[:, None], after),
            call(np.negative, after, after),
            call(np.add.at, out.reshape(-1), at, after),
        ]

    back = share(x.shape[1] - 1)
    for time in range(x.shape[1] - 2, -1, -1):
        back += [*_come_back(lattice, beta, after), *share(time)]
    begun = [call(out.fill, 0), call(beta.fill, NEVER), step_reach]
    return [*lattice.prepare(b.options["blank"]), *begun, *back]


KERNELS: dict[str, Kernel] = {"ctc_loss": _loss, "ctc_loss_gradient": _gradient}
