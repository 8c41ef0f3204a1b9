"""Values that a hyper-parameter may take, those at its edges, and such as nobody should give."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphnet.declare import (
    Choice,
    Either,
    Flag,
    Integer,
    Kind,
    Listed,
    Mapped,
    Nested,
    Optional,
    Real,
    Row,
    Text,
)

STRANGE: tuple[Any, ...] = (
    0, -1, -7, 1, 2, 3, 5, 10**6, 10**12, 2**63, 10**30, -(2**63), 10**400,
    0.0, 1.0, 2.5, -0.5, 1e-300, 1e300, 3e38, float("nan"), float("inf"), float("-inf"),
    True, False, None, "x", "1", "", "same", "${x}",
    [], [1], [0], [1, 2], [0, 0], [2, 2], [-1, 1], [1, 2, 3], [3, 1, 1, 2], [1.5, 2], [[1]], [None], ["a"],
    [1, 1, 1, 1, 1, 1], [10**9, 1], {}, {"a": 1}, {"type": "Linear"}, (1, 2),
)  # fmt: skip


TEXTS = (
    "x", "weight", "*", "[", "[z-a]", "[!]", "*.weight", "a", "c.output", "c.", ".", "n->", "->", "n->n",
    "ni->n", "nij->nji", "ni,nj->nij", "nij,njk->nik", ",->", "nii->ni", "n1->n", "é->é", "n...->n", "\n",
    "x" * 2000,
)  # fmt: skip


def fitting(kind: Kind, chance: np.random.Generator) -> Any:
    """Return a value of a kind, its bounds among them."""
    maker = _MAKERS.get(type(kind))
    return strange(chance) if maker is None else maker(kind, chance)


def strange(chance: np.random.Generator) -> Any:
    """Return any value."""
    return STRANGE[chance.integers(len(STRANGE))]


def pick(chance: np.random.Generator, options: Any) -> Any:
    """Return one of several values, as it is."""
    return options[chance.integers(len(options))]


def _integer(kind: Integer, chance: np.random.Generator) -> int:
    low = -3 if kind.low is None else kind.low
    high = low + 7 if kind.high is None else kind.high
    edges = [
        low,
        min(low + 1, high),
        high,
        *(n for n in (0, 1, 2, 3, 4, 64, 10**5) if low <= n <= high),
    ]
    return int(pick(chance, edges))


def _real(kind: Real, chance: np.random.Generator) -> float:
    bounds = [b for b in (kind.low, kind.high) if b is not None]
    numbers = [
        *bounds,
        1e-30,
        1e-8,
        0.1,
        0.5,
        0.9,
        1.0,
        2.0,
        3.7,
        20.0,
        1e8,
        1e30,
        -0.3,
        -1.0,
        -50.0,
        0.0,
    ]
    numbers += [b + 1e-9 for b in (kind.above,) if b is not None]
    numbers += [b - 1e-9 for b in (kind.below,) if b is not None]
    return float(pick(chance, [n for n in numbers if kind._inside(n)] or numbers))


def _listed(kind: Listed, chance: np.random.Generator) -> list[Any]:
    length = int(chance.integers(0, 4)) if kind.length is None else kind.length
    return [fitting(kind.kind, chance) for _ in range(length)]


def _optional(kind: Optional, chance: np.random.Generator) -> Any:
    return None if chance.random() < 0.2 else fitting(kind.kind, chance)


_MAKERS: dict[type[Kind], Any] = {
    Integer: _integer,
    Real: _real,
    Flag: lambda kind, chance: bool(chance.integers(2)),
    Choice: lambda kind, chance: pick(chance, kind.options),
    Text: lambda kind, chance: pick(chance, TEXTS),
    Optional: _optional,
    Either: lambda kind, chance: fitting(pick(chance, kind.kinds), chance),
    Listed: _listed,
    Mapped: lambda kind, chance: {"a": fitting(kind.kind, chance)},
    Nested: lambda kind, chance: {
        name: fitting(own.kind, chance)
        for name, own in kind.entry.settings().items()
        if own.required or chance.random() < 0.3
    },
    Row: lambda kind, chance: pick(chance, list(kind.table())),
}
