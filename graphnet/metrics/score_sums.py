"""ScoreSum and ConfidenceBins: sums over scores, gathered batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.metrics.metric import Accumulator, Decision, nothing_to_judge
from graphnet.metrics.reading import Reading, probabilities, read

Array = NDArray[Any]
_LEAST = float(np.finfo(np.float64).eps)


class ScoreSum(Accumulator):
    """A weighted mean of one value per decision."""

    def __init__(
        self,
        decision: Decision,
        values: Callable[[Decision, Reading], Array],
        conclude: Callable[[float], float] = float,
    ) -> None:
        """Begin with nothing.

        Args:
            decision: How outputs are read.
            values: Returns (decisions,) values of a batch.
            conclude: What makes the metric out of their mean.
        """
        self._decision, self._values, self._conclude = decision, values, conclude
        self._sum = self._total = 0.0

    def add(self, output: Array, target: Array, weight: Array | None = None) -> None:
        """Take in one batch."""
        reading = read(self._decision, output, target, weight)
        if len(reading.wanted):
            self._sum += reading.summed(self._values(self._decision, reading))
            self._total += reading.total

    def result(self) -> float:
        """Return the metric."""
        if not self._total:
            raise nothing_to_judge()
        return self._conclude(self._sum / self._total)


def surprises(decision: Decision, reading: Reading) -> Array:
    """Return -log(probability of what was wanted); of several labels their mean.

    Logits are not turned into probabilities on the way, so that sure answers keep their loss.
    """
    scores = reading.scores.astype(np.float64)
    if decision.yes_no:
        result: Array = _yes_no_surprises(decision, scores, reading.wanted).mean(axis=1)
        return result
    top = scores.max(axis=1)
    spread = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
    lost: Array = spread - np.take_along_axis(scores, reading.wanted[:, None], 1)[:, 0]
    return lost


def _yes_no_surprises(decision: Decision, scores: Array, wanted: Array) -> Array:
    if decision.kind == "logit":
        against = np.where(wanted, -scores, scores)
        softplus: Array = np.logaddexp(0.0, against)
        return softplus
    given = np.where(wanted, scores, 1.0 - scores)
    lost: Array = -np.log(np.clip(given, _LEAST, 1.0 - _LEAST))
    return lost


def distances(decision: Decision, reading: Reading) -> Array:
    """Return squared distances of probabilities from what was wanted."""
    shares = probabilities(decision, reading.scores)
    if decision.yes_no:
        per_label: Array = np.square(shares - reading.wanted).mean(axis=1)
        return per_label
    wanted = np.take_along_axis(shares, reading.wanted[:, None], 1)[:, 0]
    summed: Array = np.square(shares).sum(axis=1) - 2 * wanted + 1.0
    return summed


def within(reading: Reading, k: int) -> Array:
    """Return which targets are among the k greatest scores; of equal scores the later goes first."""
    scores, wanted = reading.scores, reading.wanted[:, None]
    own = np.take_along_axis(scores, wanted, 1)
    later = (scores == own) & (np.arange(scores.shape[1]) > wanted)
    result: Array = ((scores > own) | later).sum(axis=1) < k
    return result


class ConfidenceBins(Accumulator):
    """Confidence and right decisions in bins of confidence."""

    def __init__(self, decision: Decision, bins: int) -> None:
        """Begin with empty bins."""
        self._decision, self._bins = decision, bins
        self._sums = np.zeros((3, bins))

    def add(self, output: Array, target: Array, weight: Array | None = None) -> None:
        """Take in one batch."""
        reading = read(self._decision, output, target, weight)
        shares = probabilities(self._decision, reading.scores)
        weights = reading.weights
        if self._decision.yes_no:
            said = reading.scores > self._decision.cut
            right, sure = said == reading.wanted, np.where(said, shares, 1.0 - shares)
            if weights is not None:
                weights = np.repeat(weights, self._decision.labels)
        else:
            right, sure = shares.argmax(axis=1) == reading.wanted, shares.max(axis=1, initial=0.0)
        right, sure = right.reshape(-1), sure.reshape(-1)
        places = np.clip(np.ceil(sure * self._bins).astype(np.int64) - 1, 0, self._bins - 1)
        each = np.ones(len(sure)) if weights is None else weights
        for row, values in enumerate((each, each * sure, each * right)):
            self._sums[row] += np.bincount(places, values, self._bins)

    def result(self) -> float:
        """Return sum |right - confidence| / sum of weights."""
        counts, sure, right = self._sums
        if not counts.any():
            raise nothing_to_judge()
        return float(np.abs(right - sure).sum() / counts.sum())
