"""ClassCounts: how often each class was wanted and each was decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.errors import DataError
from graphnet.metrics.metric import Accumulator, Decision, Result, nothing_to_judge

_THRESHOLDS = {"logit": 0.0, "probability": 0.5}


class ClassCounts(Accumulator):
    """Counts of (target, decision) pairs, and the metric that follows from them."""

    def __init__(self, decision: Decision, conclude: Callable[[ClassCounts], Result]) -> None:
        """Begin with zero counts.

        Args:
            decision: How a class is read off an output; not `none`.
            conclude: What makes the metric out of the counts.
        """
        self.binary = decision.kind in _THRESHOLDS
        self._decision = decision
        self._conclude = conclude
        self._classes = 2 if self.binary else int(decision.classes or 0)
        self._counts = np.zeros((self._classes, self._classes), np.int64)

    def add(self, output: NDArray[Any], target: NDArray[Any]) -> None:
        """Count one batch.

        Raises:
            DataError: GN323 when a target is not one of the classes.
        """
        if self.binary:
            decided = output > _THRESHOLDS[self._decision.kind]
            wanted = target.reshape(output.shape) > 0.5
            right = np.count_nonzero(decided & wanted)
            positive, actual = np.count_nonzero(decided), np.count_nonzero(wanted)
            rest = output.size - positive - actual + right
            self._counts += [[rest, positive - right], [actual - right, right]]
            return
        decided = output.argmax(self._decision.axis).reshape(-1)
        wanted = target.reshape(-1)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= self._classes):
            found = f"classes {wanted.min()} to {wanted.max()}"
            raise DataError("GN323", f"{found} are not all in 0 to {self._classes - 1}")
        pairs = np.bincount(wanted * self._classes + decided, minlength=self._classes**2)
        self._counts += pairs.reshape(self._counts.shape)

    def result(self) -> Result:
        """Return the metric."""
        if not self._counts.any():
            raise nothing_to_judge()
        return self._conclude(self)

    @property
    def matrix(self) -> list[list[int]]:
        """Counts by target class (row) and decided class (column)."""
        matrix: list[list[int]] = self._counts.tolist()
        return matrix

    @property
    def right(self) -> list[int]:
        """Right decisions of each class."""
        right: list[int] = self._counts.diagonal().tolist()
        return right

    @property
    def decided(self) -> list[int]:
        """Decisions for each class."""
        decided: list[int] = self._counts.sum(axis=0).tolist()
        return decided

    @property
    def actual(self) -> list[int]:
        """Targets of each class."""
        actual: list[int] = self._counts.sum(axis=1).tolist()
        return actual
