"""Ranking: all scores of a set, and what follows from their order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.metrics.metric import Accumulator, Decision, Result, nothing_to_judge
from graphnet.metrics.reading import probabilities, read

Array = NDArray[Any]


class Ranking(Accumulator):
    """The probabilities and targets of a whole set."""

    def __init__(self, decision: Decision, conclude: Callable[[Ranking], Result]) -> None:
        """Begin with nothing.

        Args:
            decision: How outputs are read.
            conclude: What makes the metric out of everything kept.
        """
        self.decision = decision
        self._conclude = conclude
        self._shares: list[Array] = []
        self._wanted: list[Array] = []
        self._weights: list[Array] = []

    def add(self, output: Array, target: Array, weight: Array | None = None) -> None:
        """Keep one batch."""
        reading = read(self.decision, output, target, weight)
        self._shares.append(probabilities(self.decision, reading.scores))
        self._wanted.append(reading.wanted.copy())
        ones = np.ones(len(reading.wanted))
        self._weights.append(ones if reading.weights is None else reading.weights)

    def result(self) -> Result:
        """Return the metric."""
        if not sum(map(len, self._wanted)):
            raise nothing_to_judge()
        return self._conclude(self)

    @property
    def shares(self) -> Array:
        """Probabilities; (decisions, classes or labels) float64."""
        return np.concatenate(self._shares)

    @property
    def weights(self) -> Array:
        """Weight of each decision; (decisions,)."""
        return np.concatenate(self._weights)

    @property
    def wanted(self) -> Array:
        """Class indices (decisions,), or answers (decisions, labels)."""
        return np.concatenate(self._wanted)

    def answers(self) -> Array:
        """Return for each class or label which decisions belong to it; (decisions, classes)."""
        wanted = self.wanted
        if self.decision.yes_no:
            return wanted
        result: Array = wanted[:, None] == np.arange(self.shares.shape[1])
        return result


def roc_auc(kept: Ranking, multi_class: str, average: str) -> Result:
    """Return the area under the ROC curve; NaN where the set lacks a class."""
    if multi_class == "ovo" and not kept.decision.yes_no:
        return _pairs(kept, average)
    shares, answers, weights = kept.shares, kept.answers(), kept.weights
    return _averaged(area, shares, answers, weights, average)


def pr_auc(kept: Ranking, average: str) -> Result:
    """Return the average precision."""
    return _averaged(precision_area, kept.shares, kept.answers(), kept.weights, average)


def area(scores: Array, answers: Array, weights: Array) -> float:
    """Return the share of pairs (yes, no) in the right order, ties counting one half.

    Args:
        scores: (n,).
        answers: (n,) truth values.
        weights: (n,).

    Returns:
        NaN where one of the two answers is missing, so that there is nothing to compare.
    """
    positive, negative = _by_score(scores, answers, weights)
    total = float(positive.sum() * negative.sum())
    if not total:
        return math.nan
    above = np.cumsum(negative[::-1])[::-1] - negative
    # Scores go from high to low: what comes later is below.
    return float((positive * (above + negative / 2)).sum() / total)


def precision_area(scores: Array, answers: Array, weights: Array) -> float:
    """Return sum over thresholds of (recall gained) * precision; 0 where nothing is wanted."""
    positive, negative = _by_score(scores, answers, weights)
    found = np.cumsum(positive)
    if not found[-1]:
        return 0.0
    said = found + np.cumsum(negative)
    precision = np.divide(found, said, out=np.zeros_like(found), where=said > 0)
    return float((positive * precision).sum() / found[-1])


def _by_score(scores: Array, answers: Array, weights: Array) -> tuple[Array, Array]:
    """Return the weights of yes and of no for each different score, from high to low."""
    _, places = np.unique(-scores, return_inverse=True)
    size = int(places.max()) + 1
    return (
        np.bincount(places, weights * answers, size),
        np.bincount(places, weights * ~answers, size),
    )


def _averaged(
    one: Callable[[Array, Array, Array], float],
    shares: Array,
    answers: Array,
    weights: Array,
    average: str,
) -> Result:
    if average == "micro":
        each = np.repeat(weights, answers.shape[1])
        return one(shares.reshape(-1), answers.reshape(-1), each)
    values = [one(shares[:, k], answers[:, k], weights) for k in range(answers.shape[1])]
    if len(values) == 1:
        return values[0]
    if average == "none":
        return values
    counts = weights @ answers if average == "weighted" else None
    return _mean(values, counts)


def _pairs(kept: Ranking, average: str) -> float:
    """Return the mean over pairs of classes, each seen from both sides."""
    shares, wanted = kept.shares, kept.wanted
    values: list[float] = []
    sizes: list[float] = []
    for a, b in combinations(range(shares.shape[1]), 2):
        among = (wanted == a) | (wanted == b)
        both = (
            area(shares[among, k], wanted[among] == k, np.ones(int(among.sum()))) for k in (a, b)
        )
        values.append(sum(both) / 2)
        sizes.append(float(among.mean()))
    return _mean(values, np.array(sizes) if average == "weighted" else None)


def _mean(values: Sequence[float], weights: Array | None) -> float:
    return float(np.average(values, weights=weights))
