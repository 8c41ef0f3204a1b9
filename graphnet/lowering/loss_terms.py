"""Lower the terms of the loss to one number, and keep what the account of an epoch needs of each.

The loss of an epoch is exact when each term's batches count as they should: a mean by what it was divided by
(the number of samples, or the sum of their weights), a sum as it is. Where all terms count alike, the
loss itself is accounted for; otherwise each term is kept beside it, with its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.ir import LOSS, LOSS_TERM, LOSS_WEIGHT
from graphnet.ops import Emitter, Value

PENALTY = ":penalty"
"""Name of the term that regularizers are; no loss can have it."""


@dataclass(frozen=True)
class LossTerm:
    """One scaled loss.

    Attributes:
        name: The loss's name.
        value: The single number.
        weight: What its mean was divided by, or None where the number of samples says it.
        reduction: `mean` or `sum`.
    """

    name: str
    value: Value
    weight: Value | None
    reduction: str


@dataclass(frozen=True)
class Lowered:
    """The loss, and the names of the other numbers that are kept."""

    loss: Value
    kept: tuple[str, ...]


def lower_terms(e: Emitter, terms: Sequence[LossTerm]) -> Lowered:
    """Emit the sum of all terms; name it, and what is kept beside it."""
    kept: list[str] = []
    values = [term.value for term in terms]
    weighted = any(term.weight is not None for term in terms)
    if len(terms) > 1 and (weighted or len({term.reduction for term in terms}) > 1):
        values = [e.rename(term.value.name, f"{LOSS_TERM}{term.name}") for term in terms]
        kept += [value.name for value in values]
    for term in terms:
        if term.weight is not None:
            kept.append(e.rename(term.weight.name, f"{LOSS_WEIGHT}{term.name}").name)
    total = values[0]
    for index, value in enumerate(values[1:], start=1):
        with e.within(f"loss:{terms[index].name}"):
            total = e.emit("add", total, value)
    return Lowered(e.rename(total.name, LOSS), tuple(kept))
