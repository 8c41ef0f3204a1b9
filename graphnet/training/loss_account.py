"""Account of the loss over many batches, exact however much each of them counts."""

from __future__ import annotations

from collections.abc import Sequence

from graphnet.backend import Array, NumpyRoutine
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
        self._routine: NumpyRoutine | None = None
        self._arrays: list[tuple[Array, Array | None, bool]] = []
        self.sums = list(sums) or [0.0] * len(terms)
        self.weights = list(weights) or [0.0] * len(terms)

    def add(self, routine: NumpyRoutine, size: int) -> None:
        """Take in the batch that a routine has just run forward."""
        if routine is not self._routine:
            self._bind(routine)
        sums, weights = self.sums, self.weights
        for index, (value, weight, adds_up) in enumerate(self._arrays):
            if adds_up:
                sums[index] += value.item()
            else:
                counted = size if weight is None else weight.item()
                sums[index] += value.item() * counted
                weights[index] += counted

    def _bind(self, routine: NumpyRoutine) -> None:
        """Look a routine's arrays up once; a batch of a small network takes no longer than looking."""
        self._routine = routine
        self._arrays = [
            (
                routine.array(term.value),
                None if term.weight is None else routine.array(term.weight),
                term.reduction == "sum",
            )
            for term in self.terms
        ]

    def total(self) -> float:
        """Return the loss of all batches together; 0 for a term whose weights are all 0."""
        return sum(
            value if term.reduction == "sum" else value / weight if weight else 0.0
            for term, value, weight in zip(self.terms, self.sums, self.weights, strict=True)
        )

    def clear(self) -> None:
        """Begin again."""
        self.sums[:] = self.weights[:] = [0.0] * len(self.terms)
