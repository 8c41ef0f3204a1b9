"""Metrics of scores and probabilities rather than of decisions.

They agree with scikit-learn's roc_auc_score, average_precision_score, log_loss, brier_score_loss and
top_k_accuracy_score. Scores of classes are turned into probabilities (softmax, sigmoid) first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Integer, setting
from graphnet.metrics.metric import Accumulator, Decision, Metric

AVERAGES = ("macro", "micro", "weighted", "none")


@dataclass(frozen=True, kw_only=True)
class ScoreMetric(Metric):
    """Base of the metrics of scores."""

    needs_classes: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AreaMetric(ScoreMetric):
    """Base of the areas under curves, one for each class or label."""

    average: str = setting(
        Choice(AVERAGES), "macro", doc="over classes or labels; weighted: by how often they occur"
    )

    @property
    def single(self) -> bool:
        """Whether classes and labels are averaged."""
        return self.average != "none"


@dataclass(frozen=True, kw_only=True)
class RocAuc(AreaMetric):
    """Area under the ROC curve: how often a sample of a class scores above one of another.

    All scores of the set are kept until it is over: 8 bytes for each.

    References:
        Hand and Till, A simple generalisation of the area under the ROC curve, 2001, for `ovo`.
    """

    type_name: ClassVar[str] = "roc_auc"

    multi_class: str = setting(
        Choice(("ovr", "ovo")), "ovr", doc="of several classes: each against the rest, or in pairs"
    )

    def conflict(self) -> str:
        """Refuse averages that pairs of classes do not have."""
        pairs = self.multi_class == "ovo" and self.average in ("micro", "none")
        return "pairs of classes (ovo) are averaged by macro or weighted" if pairs else ""

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty store of scores."""
        from graphnet.metrics.ranking import Ranking, roc_auc  # noqa: PLC0415 - loads NumPy

        return Ranking(decision, lambda kept: roc_auc(kept, self.multi_class, self.average))


@dataclass(frozen=True, kw_only=True)
class PrAuc(AreaMetric):
    """Average precision: the area under the precision-recall curve, in steps.

    All scores of the set are kept until it is over: 8 bytes for each.
    """

    type_name: ClassVar[str] = "pr_auc"

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty store of scores."""
        from graphnet.metrics.ranking import Ranking, pr_auc  # noqa: PLC0415 - loads NumPy

        return Ranking(decision, lambda kept: pr_auc(kept, self.average))


@dataclass(frozen=True, kw_only=True)
class LogLoss(ScoreMetric):
    """Mean of -log(probability of what was wanted)."""

    type_name: ClassVar[str] = "log_loss"

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty sum."""
        from graphnet.metrics.score_sums import ScoreSum, surprises  # noqa: PLC0415 - loads NumPy

        return ScoreSum(decision, surprises)


@dataclass(frozen=True, kw_only=True)
class Perplexity(LogLoss):
    """exp of the log loss: among how many equally likely classes the network still wavers."""

    type_name: ClassVar[str] = "perplexity"

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty sum."""
        from graphnet.metrics.score_sums import ScoreSum, surprises  # noqa: PLC0415 - loads NumPy

        return ScoreSum(decision, surprises, _exp)


@dataclass(frozen=True, kw_only=True)
class Brier(ScoreMetric):
    """Mean squared distance of probabilities from what was wanted; of several classes their sum."""

    type_name: ClassVar[str] = "brier"

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty sum."""
        from graphnet.metrics.score_sums import ScoreSum, distances  # noqa: PLC0415 - loads NumPy

        return ScoreSum(decision, distances)


@dataclass(frozen=True, kw_only=True)
class TopK(ScoreMetric):
    """Share of targets among the k classes with the greatest scores."""

    type_name: ClassVar[str] = "top_k"

    k: int = setting(Integer(1), 5, doc="how many guesses there are")

    def misfit(self, decision: Decision) -> str:
        """Refuse yes and no, which leave one guess."""
        return "is not defined for yes and no" if decision.yes_no else ""

    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty sum."""
        from graphnet.metrics.score_sums import ScoreSum, within  # noqa: PLC0415 - loads NumPy

        return ScoreSum(decision, lambda _, reading: within(reading, self.k))


@dataclass(frozen=True, kw_only=True)
class CalibrationError(ScoreMetric):
    """Expected calibration error: how far confidence and accuracy differ, over bins of confidence.

    sum over bins of share * |accuracy - mean confidence|; confidence is the probability of the
    class decided for, and bins are equally wide, closed on the right.

    References:
        Guo et al., On calibration of modern neural networks, 2017, eq. 3.
    """

    type_name: ClassVar[str] = "ece"

    bins: int = setting(Integer(1, 10_000), 15, doc="how many bins from 0 to 1")

    def gather(self, decision: Decision) -> Accumulator:
        """Return empty bins."""
        from graphnet.metrics.score_sums import ConfidenceBins  # noqa: PLC0415 - loads NumPy

        return ConfidenceBins(decision, self.bins)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
