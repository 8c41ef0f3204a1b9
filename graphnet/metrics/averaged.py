"""Metrics that every class has: of class 1, of each class, or averaged over classes.

A ratio with nothing below the line is 0. This agrees with scikit-learn's functions of the same
names with zero_division=0 and, for `average: none`, labels=range(classes).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graphnet.declare import Choice, Real, setting
from graphnet.metrics.classification import ClassMetric
from graphnet.metrics.metric import Decision, Result, ratio

if TYPE_CHECKING:
    from graphnet.metrics.class_counts import ClassCounts

AVERAGES = ("auto", "binary", "micro", "macro", "weighted", "none")


@dataclass(frozen=True)
class ClassRow:
    """What is known of one class: how many decisions are right, for it, of it, and in all."""

    right: float
    decided: float
    actual: float
    total: float


@dataclass(frozen=True, kw_only=True)
class AveragedMetric(ClassMetric):
    """Base of the metrics that every class has."""

    average: str = setting(
        Choice(AVERAGES),
        "auto",
        doc="binary: of class 1; micro: of all decisions; macro: mean over the classes that occur; "
        "weighted: by how many targets each has; none: of each class; auto: binary for yes and no, "
        "else macro",
    )

    @property
    def single(self) -> bool:
        """Whether the classes are averaged."""
        return self.average != "none"

    def misfit(self, decision: Decision) -> str:
        """Refuse to show class 1 alone of more than two."""
        two = decision.yes_no and decision.labels == 1
        if self.average != "binary" or two or decision.classes == 2:
            return ""
        return "can only be that of class 1 (average: binary) where there are two classes"

    @abstractmethod
    def of_class(self, row: ClassRow) -> float:
        """Return the metric of one class."""

    def conclude(self, counts: ClassCounts) -> Result:
        """Return the metric of class 1, of each class, or the average."""
        rows = [ClassRow(*row, counts.total) for row in counts.rows()]
        decision = counts.decision
        average = self.average
        if average == "auto":
            average = "binary" if decision.yes_no and decision.labels == 1 else "macro"
        if average == "binary":
            return self.of_class(rows[1])
        if average == "none":
            return [self.of_class(row) for row in rows]
        every = decision.labels > 1
        present = [row for row in rows if every or row.decided or row.actual]
        if average == "micro":
            names = ("right", "decided", "actual", "total")
            sums = (sum(getattr(row, name) for row in present) for name in names)
            return self.of_class(ClassRow(*sums))
        weights = [row.actual if average == "weighted" else 1.0 for row in present]
        values = [self.of_class(row) for row in present]
        return ratio(sum(w * v for w, v in zip(weights, values, strict=True)), sum(weights))


@dataclass(frozen=True, kw_only=True)
class Precision(AveragedMetric):
    """Share of the decisions for a class that are right."""

    type_name: ClassVar[str] = "precision"

    def of_class(self, row: ClassRow) -> float:
        """Return right / decided."""
        return ratio(row.right, row.decided)


@dataclass(frozen=True, kw_only=True)
class Recall(AveragedMetric):
    """Share of a class's targets that are found."""

    type_name: ClassVar[str] = "recall"

    def of_class(self, row: ClassRow) -> float:
        """Return right / actual."""
        return ratio(row.right, row.actual)


@dataclass(frozen=True, kw_only=True)
class F1(AveragedMetric):
    """Harmonic mean of precision and recall."""

    type_name: ClassVar[str] = "f1"

    def of_class(self, row: ClassRow) -> float:
        """Return 2 right / (decided + actual)."""
        return ratio(2 * row.right, row.decided + row.actual)


@dataclass(frozen=True, kw_only=True)
class FBeta(AveragedMetric):
    """Weighted harmonic mean of precision and recall, recall counting beta times as much."""

    type_name: ClassVar[str] = "fbeta"

    beta: float = setting(Real(low=0.0), doc="how much more recall counts than precision")

    def of_class(self, row: ClassRow) -> float:
        """Return (1 + beta^2) right / (beta^2 actual + decided)."""
        squared = self.beta**2
        return ratio((1 + squared) * row.right, squared * row.actual + row.decided)


@dataclass(frozen=True, kw_only=True)
class Jaccard(AveragedMetric):
    """Right decisions among all that are decided for a class or belong to it."""

    type_name: ClassVar[str] = "jaccard"

    def of_class(self, row: ClassRow) -> float:
        """Return right / (decided + actual - right)."""
        return ratio(row.right, row.decided + row.actual - row.right)


@dataclass(frozen=True, kw_only=True)
class Specificity(AveragedMetric):
    """Share of the samples of other classes that are not taken for a class."""

    type_name: ClassVar[str] = "specificity"

    def of_class(self, row: ClassRow) -> float:
        """Return right refusals / samples of other classes."""
        others = row.total - row.actual
        return ratio(others - (row.decided - row.right), others)
