"""Account of the loss over many batches, exact however much each of them counts."""

from __future__ import annotations

from collections.abc import Sequence

from graphnet.backend import NumpyRoutine
from graphnet.program import Term


class LossAccount:
    """Sums of every term of the loss and of its weights.

    The mean of a term over all batches is `sum D l / sum D`, l being its value for a batch and D what that
    was divided by: the number of samples, or the sum of their weights. Terms that are sums add up.

    Attributes:
        sums: Weighted sum of each term so far.
        weights: Sum of each term's weights so far.
    """

    def __init__(
        self, terms: Sequence[Term], sums: Sequence[float] = (), weights: Sequence[float] = ()
    ) -> None:
        """Go on from given sums, or begin with zeros."""
        self.terms = tuple(terms)
        self.sums = list(sums) or [0.0] * len(terms)
        self.weights = list(weights) or [0.0] * len(terms)

    def add(self, routine: NumpyRoutine, size: int) -> None:
        """Take in the batch that a routine has just run forward."""
        for index, term in enumerate(self.terms):
            value = routine.array(term.value).item()
            if term.reduction == "sum":
                self.sums[index] += value
                continue
            weight = size if term.weight is None else routine.array(term.weight).item()
            self.sums[index] += value * weight
            self.weights[index] += weight

    def total(self) -> float:
        """Return the loss of all batches together; 0 for a term whose weights are all 0."""
        return sum(
            value if term.reduction == "sum" else value / weight if weight else 0.0
            for term, value, weight in zip(self.terms, self.sums, self.weights, strict=True)
        )

    def clear(self) -> None:
        """Begin again."""
        self.sums[:] = self.weights[:] = [0.0] * len(self.terms)
