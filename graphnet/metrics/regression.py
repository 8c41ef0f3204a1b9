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

    def gather(self, decision: Decision) -> Accumulator:
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
class MeanAbsolutePercentageError(ErrorMetric):
    """Mean of |output - target| / |target|; 0.5 is 50 percent."""

    type_name: ClassVar[str] = "mape"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the mean relative error; a target of 0 counts as 2.2e-16."""
        return sum(sums.relative) / sums.numbers


@dataclass(frozen=True, kw_only=True)
class MaxError(ErrorMetric):
    """Greatest |output - target|."""

    type_name: ClassVar[str] = "max_error"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the greatest distance."""
        return sums.largest


@dataclass(frozen=True, kw_only=True)
class MedianAbsoluteError(Metric):
    """Median of |output - target|, averaged over the numbers of an output.

    All errors of the set are kept until it is over: 8 bytes for each.
    """

    type_name: ClassVar[str] = "median_ae"

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty store of errors."""
        from graphnet.metrics.error_sums import Errors, median  # noqa: PLC0415 - loads NumPy

        return Errors(median)


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
        return _explained(sums.squares, sums.spreads)


@dataclass(frozen=True, kw_only=True)
class ExplainedVariance(ErrorMetric):
    """1 - variance of the errors / variance of the targets; R2 that forgives a constant error."""

    type_name: ClassVar[str] = "explained_variance"

    def conclude(self, sums: ErrorSums) -> float:
        """Return the mean of the shares."""
        return _explained(sums.error_spreads, sums.spreads)


def _explained(unexplained: list[float], spreads: list[float]) -> float:
    shares = [
        1.0 - error / spread if spread else float(error == 0)
        for error, spread in zip(unexplained, spreads, strict=True)
    ]
    return sum(shares) / len(shares)
