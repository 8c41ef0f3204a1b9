"""Reading: outputs and targets of a batch as one row per decision, the same for every metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.errors import DataError
from graphnet.metrics.metric import Decision

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Reading:
    """The decisions of a batch.

    Attributes:
        scores: Outputs; (decisions, classes) for argmax, (decisions, labels) for yes and no.
        wanted: For argmax class indices (decisions,), for yes and no truth values like the scores.
        weights: How much each decision counts, (decisions,), or None where all do alike.
    """

    scores: Array
    wanted: Array
    weights: Array | None

    def summed(self, values: Array) -> float:
        """Return the weighted sum of one value per decision."""
        if self.weights is None:
            return float(values.sum(dtype=np.float64))
        return float(values @ self.weights)

    @property
    def total(self) -> float:
        """Sum of the weights: the number of decisions where all count alike."""
        return float(len(self.wanted)) if self.weights is None else float(self.weights.sum())


def read(decision: Decision, output: Array, target: Array, weight: Array | None = None) -> Reading:
    """Return a batch as decisions.

    Args:
        decision: How outputs are read; not `none`.
        output: (N, ...), the classes along the decision's axis for argmax.
        target: As `Accumulator.add` says.
        weight: (N,) or None.

    Raises:
        DataError: GN323 when a target is not one of the classes.
    """
    if decision.yes_no:
        scores = output.reshape(-1, decision.labels)
        wanted = target.reshape(scores.shape) > 0.5
        return Reading(scores, wanted, _per_decision(weight, len(scores)))
    moved = np.moveaxis(output, decision.axis, -1)
    if target.dtype.kind == "f" and target.shape == output.shape:
        target = target.argmax(decision.axis)  # shares of classes: the greatest is what is wanted
    scores, wanted = moved.reshape(-1, moved.shape[-1]), target.reshape(-1)
    weights = _per_decision(weight, len(wanted))
    if decision.ignore is not None and np.any(ignored := wanted == decision.ignore):
        counts = ~ignored
        weights = None if weights is None else weights[counts]
        scores, wanted = scores[counts], wanted[counts]
    if wanted.size and (wanted.min() < 0 or wanted.max() >= scores.shape[1]):
        found = f"classes {wanted.min()} to {wanted.max()}"
        raise DataError("GN323", f"{found} are not all in 0 to {scores.shape[1] - 1}")
    return Reading(scores, wanted, weights)


def probabilities(decision: Decision, scores: Array) -> Array:
    """Return the probabilities that scores mean, in float64.

    Args:
        decision: What the scores are.
        scores: As in a `Reading`: logits, probabilities, or scores of classes on the last axis.
            Softmax of log-probabilities gives the probabilities themselves.
    """
    values = scores.astype(np.float64)
    if decision.kind == "probability":
        return values
    with np.errstate(over="ignore", under="ignore"):
        if decision.kind == "logit":
            result: Array = 1.0 / (1.0 + np.exp(-values))
            return result
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        shares: Array = powers / powers.sum(axis=-1, keepdims=True)
        return shares


def _per_decision(weight: Array | None, decisions: int) -> Array | None:
    """Return the weights of samples for each of their decisions."""
    if weight is None:
        return None
    flat = weight.reshape(len(weight), -1)[:, 0].astype(np.float64)
    return np.repeat(flat, decisions // max(len(flat), 1))
