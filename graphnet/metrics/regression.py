"""Metrics of distances between outputs and targets, computed in float64.

Every number of an output counts alike. This agrees with scikit-learn's functions of similar names.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graphnet.metrics.metric import Accumulator, Decision, Metric

if TYPE_CHECKING:
    from graphnet.metrics.error_sums import ErrorSums


@dataclass(frozen=True, kw_only=True)
class ErrorMetric(Metric):
    """Base of the metrics that follow from sums over the errors."""

    def start(self, decision: Decision) -> Accumulator:
        """Return empty sums that end in this metric."""
        # NumPy comes in with the first batch: listing and checking metrics must not load it.
        from graphnet.metrics.error_sums import ErrorSums  # noqa: PLC0415

        return ErrorSums(self.conclude)

    @abstractmethod
    def conclude(self, sums: ErrorSums) -> float:
        """Return the metric that follows from the sums."""


@dataclass(frozen=True, kw_only=True)
class MeanSquaredError(ErrorMetric):
    """Mean of (output - target)^2."""

    type_name: ClassVar[str] = "mse"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the mean squared error."""
        return sum(sums.squares) / sums.numbers


@dataclass(frozen=True, kw_only=True)
class MeanAbsoluteError(ErrorMetric):
    """Mean of |output - target|."""

    type_name: ClassVar[str] = "mae"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the mean absolute error."""
        return sum(sums.distances) / sums.numbers


@dataclass(frozen=True, kw_only=True)
class RootMeanSquaredError(ErrorMetric):
    """Square root of the mean of (output - target)^2."""

    type_name: ClassVar[str] = "rmse"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the root of the mean squared error."""
        return math.sqrt(sum(sums.squares) / sums.numbers)


@dataclass(frozen=True, kw_only=True)
class R2(ErrorMetric):
    """Share of the targets' variance that is explained; averaged over the numbers of an output.

    1 - sum (output - target)^2 / sum (target - mean)^2. Where all targets are equal it is 1 for
    errors of exactly zero and 0 otherwise, for a single sample too (where scikit-learn gives no
    value).
    """

    type_name: ClassVar[str] = "r2"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the mean of the shares."""
        shares = [
            1.0 - error / spread if spread else float(error == 0)
            for error, spread in zip(sums.squares, sums.spreads, strict=True)
        ]
        return sum(shares) / len(shares)
