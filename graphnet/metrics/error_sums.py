"""ErrorSums and Errors: what regression metrics are made of, gathered batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.metrics.metric import Accumulator, nothing_to_judge

Array = NDArray[Any]


class ErrorSums(Accumulator):
    """Sums for each number of an output: of squared errors, of distances, of spreads.

    Spreads, sum (v - mean)^2 of targets and of errors, are merged batch by batch with the update of
    Chan, Golub and LeVeque (1979, eq. 2.1), which does not cancel as sum v^2 - n mean^2 would.
    """

    def __init__(self, conclude: Callable[[ErrorSums], float]) -> None:
        """Begin with nothing.

        Args:
            conclude: What makes the metric out of the sums.
        """
        self._conclude = conclude
        self._count = 0.0
        self._samples = 0
        self._squares = self._distances = self._relative = np.zeros(1)
        self._largest = 0.0
        self._targets, self._errors = _Spread(), _Spread()

    def add(self, output: Array, target: Array, weight: Array | None = None) -> None:
        """Take in one batch."""
        if not len(output):
            return
        wanted, errors, weights = _rows(output, target, weight)
        distances = np.abs(errors)
        self._targets.add(wanted, weights)
        self._errors.add(errors, weights)
        self._squares = self._squares + weights @ np.square(errors)
        self._distances = self._distances + weights @ distances
        least = np.finfo(np.float64).eps
        self._relative = self._relative + weights @ (distances / np.maximum(np.abs(wanted), least))
        self._largest = max(self._largest, float(distances.max(initial=0.0)))
        self._count += float(weights.sum())
        self._samples += len(output)

    def result(self) -> float:
        """Return the metric."""
        if not self._samples:
            raise nothing_to_judge()
        return self._conclude(self)

    @property
    def largest(self) -> float:
        """Greatest distance of a number from its target."""
        return self._largest

    @property
    def numbers(self) -> float:
        """Numbers compared so far, by weight: samples times numbers per sample."""
        return self._count * len(self._squares)

    @property
    def squares(self) -> list[float]:
        """Sum of squared errors of each number of an output."""
        return _listed(self._squares)

    @property
    def distances(self) -> list[float]:
        """Sum of absolute errors of each number of an output."""
        return _listed(self._distances)

    @property
    def relative(self) -> list[float]:
        """Sum of absolute errors divided by the target's size."""
        return _listed(self._relative)

    @property
    def spreads(self) -> list[float]:
        """Sum of squared differences of the targets from their mean."""
        return _listed(self._targets.squares)

    @property
    def error_spreads(self) -> list[float]:
        """Sum of squared differences of the errors from their mean."""
        return _listed(self._errors.squares)


class _Spread:
    """Weighted sum of squared differences from the mean, of each number of an output."""

    def __init__(self) -> None:
        self.squares = self._mean = np.zeros(1)
        self._weight = 0.0

    def add(self, values: Array, weights: Array) -> None:
        weight = float(weights.sum())
        if not weight:
            return
        mean = weights @ values / weight
        shift, total = mean - self._mean, self._weight + weight
        within = weights @ np.square(values - mean)
        self.squares = self.squares + within + shift**2 * (self._weight * weight / total)
        self._mean = self._mean + shift * (weight / total)
        self._weight = total


class Errors(Accumulator):
    """All errors of a set, for what depends on their order; 8 bytes for each number."""

    def __init__(self, conclude: Callable[[Array, Array], float]) -> None:
        """Begin with nothing.

        Args:
            conclude: Makes the metric of absolute errors (samples, numbers) and weights (samples,).
        """
        self._conclude = conclude
        self._distances: list[Array] = []
        self._weights: list[Array] = []

    def add(self, output: Array, target: Array, weight: Array | None = None) -> None:
        """Keep one batch."""
        if len(output):
            _, errors, weights = _rows(output, target, weight)
            self._distances.append(np.abs(errors))
            self._weights.append(weights)

    def result(self) -> float:
        """Return the metric."""
        if not self._distances:
            raise nothing_to_judge()
        return self._conclude(np.concatenate(self._distances), np.concatenate(self._weights))


def median(distances: Array, weights: Array) -> float:
    """Return the mean over an output's numbers of the median distance.

    With weights that differ it is the least distance that at least half of the weight does not
    exceed, the mean of two where exactly half lies below, as in scikit-learn.
    """
    if np.all(weights == weights[0]):
        return float(np.median(distances, axis=0).mean())
    return float(np.mean([_weighted_median(column, weights) for column in distances.T]))


def _weighted_median(values: Array, weights: Array) -> float:
    order = np.argsort(values, kind="stable")
    values, reached = values[order], np.cumsum(weights[order])
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half * (1 - 1e-15)))
    if not np.isclose(reached[at], half, rtol=1e-15, atol=0.0):
        return float(values[at])
    after = int(np.searchsorted(reached, reached[at], side="right"))
    return float((values[at] + values[min(after, len(values) - 1)]) / 2)


def _rows(output: Array, target: Array, weight: Array | None) -> tuple[Array, Array, Array]:
    """Return targets and errors (samples, numbers) in float64, and the samples' weights."""
    count = len(output)
    # The output's shape is forced on the target: (N, 1) minus (N,) would be (N, N).
    wanted = target.reshape(output.shape).reshape(count, -1).astype(np.float64)
    errors = output.reshape(count, -1) - wanted
    if weight is None:
        return wanted, errors, np.ones(count)
    return wanted, errors, weight.reshape(count, -1)[:, 0].astype(np.float64)


def _listed(values: Array) -> list[float]:
    numbers: list[float] = values.tolist()
    return numbers
