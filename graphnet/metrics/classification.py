"""Metrics of class decisions as a whole, all read off the counts of (target, decision) pairs.

A ratio with nothing below the line is 0. This agrees with scikit-learn's functions of the same
names with zero_division=0. A sample with several labels is right where all of them are.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graphnet.declare import Choice, Flag, Optional, setting
from graphnet.metrics.metric import Accumulator, Decision, Metric, Result, ratio

if TYPE_CHECKING:
    from graphnet.metrics.class_counts import ClassCounts


@dataclass(frozen=True, kw_only=True)
class ClassMetric(Metric):
    """Base of the metrics that follow from counts of (target, decision) pairs."""

    needs_classes: ClassVar[bool] = True

    def gather(self, decision: Decision) -> Accumulator:
        """Return empty counts that end in this metric."""
        # NumPy comes in with the first batch: listing and checking metrics must not load it.
        from graphnet.metrics.class_counts import ClassCounts  # noqa: PLC0415

        return ClassCounts(decision, self.conclude)

    @abstractmethod
    def conclude(self, counts: ClassCounts) -> Result:
        """Return the metric that follows from the counts."""


@dataclass(frozen=True, kw_only=True)
class OneClassMetric(ClassMetric):
    """Base of class metrics for samples of one class each."""

    def misfit(self, decision: Decision) -> str:
        """Refuse several labels at once, as scikit-learn does."""
        return "is not defined for several labels at once" if decision.labels > 1 else ""


@dataclass(frozen=True, kw_only=True)
class Accuracy(ClassMetric):
    """Share of decisions that are right; with several labels, of samples right in all of them."""

    type_name: ClassVar[str] = "accuracy"

    def conclude(self, counts: ClassCounts) -> float:
        """Return right decisions / all decisions."""
        return ratio(counts.right, counts.total)


@dataclass(frozen=True, kw_only=True)
class BalancedAccuracy(OneClassMetric):
    """Mean of the classes' recalls, over the classes that targets have."""

    type_name: ClassVar[str] = "balanced_accuracy"

    adjusted: bool = setting(Flag(), False, doc="0 for chance and 1 for perfect decisions")

    def conclude(self, counts: ClassCounts) -> float:
        """Return sum of right / actual over the classes there are, divided by their number."""
        recalls = [right / actual for right, _, actual in counts.rows() if actual]
        mean = sum(recalls) / len(recalls)
        chance = 1 / len(recalls)
        return ratio(mean - chance, 1 - chance) if self.adjusted else mean


@dataclass(frozen=True, kw_only=True)
class Hamming(ClassMetric):
    """Share of decisions that are wrong, each label counted by itself (the Hamming loss)."""

    type_name: ClassVar[str] = "hamming"

    def conclude(self, counts: ClassCounts) -> float:
        """Return wrong decisions / all decisions."""
        if counts.decision.labels == 1:
            return 1.0 - ratio(counts.right, counts.total)
        rows = counts.rows()
        wrong = sum(decided + actual - 2 * right for right, decided, actual in rows)
        return wrong / (counts.total * len(rows))


@dataclass(frozen=True, kw_only=True)
class MatthewsCorrelation(OneClassMetric):
    """Correlation of targets and decisions, from -1 to 1, for any number of classes.

    References:
        Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004.
    """

    type_name: ClassVar[str] = "mcc"

    def conclude(self, counts: ClassCounts) -> float:
        """Return covariance / root of both variances; 0 where targets or decisions are all equal."""
        rows, total = counts.rows(), counts.total
        both = counts.right * total - sum(decided * actual for _, decided, actual in rows)
        said = total**2 - sum(decided**2 for _, decided, _ in rows)
        wanted = total**2 - sum(actual**2 for *_, actual in rows)
        return ratio(both, math.sqrt(max(said, 0.0)) * math.sqrt(max(wanted, 0.0)))


@dataclass(frozen=True, kw_only=True)
class CohenKappa(OneClassMetric):
    """Agreement of targets and decisions beyond chance; 0 where there is nothing but chance."""

    type_name: ClassVar[str] = "cohen_kappa"

    weights: str | None = setting(
        Optional(Choice(("linear", "quadratic"))),
        None,
        doc="how far apart classes of an order are; without, all errors count alike",
    )

    def conclude(self, counts: ClassCounts) -> float:
        """Return 1 - weighted disagreement / weighted disagreement by chance."""
        rows = counts.rows()
        observed = by_chance = 0.0
        for i, row in enumerate(counts.matrix):
            for j, count in enumerate(row):
                distance = self._distance(i, j)
                observed += distance * count
                by_chance += distance * rows[i][2] * rows[j][1]
        return 1.0 - observed * counts.total / by_chance if by_chance else 0.0

    def _distance(self, i: int, j: int) -> int:
        if self.weights is None:
            return int(i != j)
        return abs(i - j) if self.weights == "linear" else (i - j) ** 2


@dataclass(frozen=True, kw_only=True)
class Confusion(ClassMetric):
    """Matrix of counts: a row for each target class, a column for each decided class."""

    type_name: ClassVar[str] = "confusion"

    @property
    def single(self) -> bool:
        """A matrix is no number."""
        return False

    def conclude(self, counts: ClassCounts) -> list[list[int]]:
        """Return the counts; of several labels, those of all labels together."""
        return counts.matrix
