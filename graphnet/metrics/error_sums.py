"""ErrorSums: running sums over errors and targets, from which regression metrics follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.metrics.metric import Accumulator, nothing_to_judge


class ErrorSums(Accumulator):
    """Sums for each number of an output: of squared errors, of distances, of the targets' spread.

    The spread, sum (target - mean)^2, is merged batch by batch with the update of Chan, Golub and
    LeVeque (1979, eq. 2.1), which does not cancel as sum t^2 - n mean^2 would.
    """

    def __init__(self, conclude: Callable[[ErrorSums], float]) -> None:
        """Begin with nothing.

        Args:
            conclude: What makes the metric out of the sums.
        """
        self._conclude = conclude
        self._count = 0
        self._squares = self._distances = self._mean = self._spread = np.zeros(1)

    def add(self, output: NDArray[Any], target: NDArray[Any]) -> None:
        """Take in one batch."""
        count = len(output)
        if not count:
            return
        # The output's shape is forced on the target: (N, 1) minus (N,) would be (N, N).
        wanted = target.reshape(output.shape).reshape(count, -1).astype(np.float64)
        errors = output.reshape(count, -1) - wanted
        mean = wanted.mean(axis=0)
        shift = mean - self._mean
        total = self._count + count
        within = np.square(wanted - mean).sum(axis=0)
        self._spread = self._spread + within + shift**2 * (self._count * count / total)
        self._mean = self._mean + shift * (count / total)
        self._squares = self._squares + np.square(errors).sum(axis=0)
        self._distances = self._distances + np.abs(errors).sum(axis=0)
        self._count = total

    def result(self) -> float:
        """Return the metric."""
        if not self._count:
            raise nothing_to_judge()
        return self._conclude(self)

    @property
    def numbers(self) -> int:
        """Numbers compared so far: samples times numbers per sample."""
        return self._count * len(self._squares)

    @property
    def squares(self) -> list[float]:
        """Sum of squared errors of each number of an output."""
        squares: list[float] = self._squares.tolist()
        return squares

    @property
    def distances(self) -> list[float]:
        """Sum of absolute errors of each number of an output."""
        distances: list[float] = self._distances.tolist()
        return distances

    @property
    def spreads(self) -> list[float]:
        """Sum of squared differences of the targets from their mean."""
        spreads: list[float] = self._spread.tolist()
        return spreads
