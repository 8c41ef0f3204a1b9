"""ClassCounts: how often each class was wanted and each was decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.metrics.metric import Accumulator, Decision, Result, nothing_to_judge
from graphnet.metrics.reading import Reading, read


class ClassCounts(Accumulator):
    """Counts of (target, decision) pairs, and the metric that follows from them.

    Attributes:
        decision: How a class is read off an output.
        total: Decisions so far, by weight; with several labels, samples.
        right: How many of them are right; with several labels, in every label.
    """

    def __init__(self, decision: Decision, conclude: Callable[[ClassCounts], Result]) -> None:
        """Begin with zero counts.

        Args:
            decision: How a class is read off an output; not `none`.
            conclude: What makes the metric out of the counts.
        """
        self.decision = decision
        self.total = self.right = 0.0
        self._conclude = conclude
        self._classes = 2 if decision.yes_no else int(decision.classes or 0)
        # One table of pairs for each label.
        self._counts: NDArray[Any] = np.zeros((decision.labels, self._classes, self._classes))
        self._whole = True

    def add(
        self, output: NDArray[Any], target: NDArray[Any], weight: NDArray[Any] | None = None
    ) -> None:
        """Count one batch.

        Raises:
            DataError: GN323 when a target is not one of the classes.
        """
        reading = read(self.decision, output, target, weight)
        self._whole &= weight is None
        if self.decision.yes_no:
            self._count_answers(reading)
            return
        decided = reading.scores.argmax(1)
        pairs = reading.wanted * self._classes + decided
        counted = np.bincount(pairs, reading.weights, self._classes**2)
        self._counts += counted.reshape(self._counts.shape)
        self.total += reading.total
        self.right += reading.summed(decided == reading.wanted)

    def _count_answers(self, reading: Reading) -> None:
        said, wanted, weights = reading.scores > self.decision.cut, reading.wanted, reading.weights
        right = _columns(said & wanted, weights)
        positive, actual = _columns(said, weights), _columns(wanted, weights)
        rest = reading.total - positive - actual + right
        pairs = np.stack([rest, positive - right, actual - right, right], axis=1)
        self._counts += pairs.reshape(self._counts.shape)
        self.total += reading.total
        self.right += reading.summed((said == wanted).all(axis=1))

    def result(self) -> Result:
        """Return the metric."""
        if not self.total:
            raise nothing_to_judge()
        return self._conclude(self)

    @property
    def matrix(self) -> list[list[int]]:
        """Counts by target class (row) and decided class (column); of several labels, their sum."""
        summed = self._counts.sum(axis=0)
        if self._whole:
            matrix: list[list[int]] = summed.astype(np.int64).tolist()
            return matrix
        weighted: list[list[int]] = summed.tolist()
        return weighted

    def rows(self) -> list[tuple[float, float, float]]:
        """Return (right, decided, actual) of each class, or of each label's yes."""
        if self.decision.labels > 1:
            tables = self._counts
            right, decided = tables[:, 1, 1], tables[:, :, 1].sum(axis=1)
            actual = tables[:, 1].sum(axis=1)
        else:
            table = self._counts[0]
            right, decided, actual = table.diagonal(), table.sum(axis=0), table.sum(axis=1)
        return list(zip(right.tolist(), decided.tolist(), actual.tolist(), strict=True))


def _columns(answers: NDArray[Any], weights: NDArray[Any] | None) -> NDArray[Any]:
    """Return how often each label's answer is yes, by weight."""
    each = np.ones(len(answers)) if weights is None else weights
    counts: NDArray[Any] = each @ answers
    return counts
