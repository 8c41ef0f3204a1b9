"""Metrics of class decisions, all read off the counts of (target, decision) pairs.

With one logit or probability per decision, precision, recall and F1 are those of class 1. With
argmax they are averaged over the classes that occur in targets or decisions. A ratio with nothing
below the line is 0. This agrees with scikit-learn's functions of the same names with
zero_division=0.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graphnet.declare import Choice, setting
from graphnet.errors import UsageError
from graphnet.metrics.metric import Accumulator, Decision, Metric, Result

if TYPE_CHECKING:
    from graphnet.metrics.class_counts import ClassCounts


@dataclass(frozen=True, kw_only=True)
class ClassMetric(Metric):
    """Base of the metrics that follow from counts of (target, decision) pairs."""

    needs_classes: ClassVar[bool] = True

    def start(self, decision: Decision) -> Accumulator:
        """Return empty counts that end in this metric."""
        # NumPy comes in with the first batch: listing and checking metrics must not load it.
        from graphnet.metrics.class_counts import ClassCounts  # noqa: PLC0415

        if decision.kind == "none":
            raise UsageError(
                "GN731",
                f"{self.name()} needs class decisions, the loss implies none",
                help="use mse, mae, rmse or r2",
            )
        return ClassCounts(decision, self.conclude)

    @abstractmethod
    def conclude(self, counts: ClassCounts) -> Result:
        """Return the metric that follows from the counts."""


@dataclass(frozen=True, kw_only=True)
class Accuracy(ClassMetric):
    """Share of decisions that are right."""

    type_name: ClassVar[str] = "accuracy"

    def conclude(self, counts: ClassCounts) -> float:
        """Return right decisions / all decisions."""
        return _ratio(sum(counts.right), sum(counts.actual))


@dataclass(frozen=True, kw_only=True)
class AveragedMetric(ClassMetric):
    """Base of the metrics that every class has, averaged."""

    average: str = setting(
        Choice(("macro", "weighted")),
        "macro",
        doc="over classes: equally, or weighted by how many targets each has",
    )

    @abstractmethod
    def of_class(self, right: int, decided: int, actual: int) -> float:
        """Return the metric of one class.

        Args:
            right: Decisions for the class that are right.
            decided: Decisions for the class.
            actual: Targets of the class.
        """

    def conclude(self, counts: ClassCounts) -> float:
        """Return the metric of class 1 where there are two, or else the average."""
        rows = list(zip(counts.right, counts.decided, counts.actual, strict=True))
        if counts.binary:
            return self.of_class(*rows[1])
        present = [row for row in rows if row[1] or row[2]]
        weights = [row[2] if self.average == "weighted" else 1 for row in present]
        values = [self.of_class(*row) for row in present]
        return _ratio(sum(w * v for w, v in zip(weights, values, strict=True)), sum(weights))


@dataclass(frozen=True, kw_only=True)
class Precision(AveragedMetric):
    """Share of the decisions for a class that are right."""

    type_name: ClassVar[str] = "precision"

    def of_class(self, right: int, decided: int, actual: int) -> float:
        """Return right / decided."""
        return _ratio(right, decided)


@dataclass(frozen=True, kw_only=True)
class Recall(AveragedMetric):
    """Share of a class's targets that are found."""

    type_name: ClassVar[str] = "recall"

    def of_class(self, right: int, decided: int, actual: int) -> float:
        """Return right / actual."""
        return _ratio(right, actual)


@dataclass(frozen=True, kw_only=True)
class F1(AveragedMetric):
    """Harmonic mean of precision and recall."""

    type_name: ClassVar[str] = "f1"

    def of_class(self, right: int, decided: int, actual: int) -> float:
        """Return 2 right / (decided + actual)."""
        return _ratio(2 * right, decided + actual)


@dataclass(frozen=True, kw_only=True)
class Confusion(ClassMetric):
    """Matrix of counts: a row for each target class, a column for each decided class."""

    type_name: ClassVar[str] = "confusion"

    def conclude(self, counts: ClassCounts) -> list[list[int]]:
        """Return the counts."""
        return counts.matrix


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0
