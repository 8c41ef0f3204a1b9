"""ParameterRow: where a parameter lies and how it starts; the rows make a Program's parameter table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from graphnet.ir.tensor_type import TensorType

DrawKind = Literal["constant", "uniform", "normal"]
DRAW_KINDS: tuple[DrawKind, ...] = get_args(DrawKind)


@dataclass(frozen=True)
class Draw:
    """A distribution with its numbers worked out.

    Attributes:
        kind: `constant` (every element `a`), `uniform` (on [a, b)) or `normal` (mean a, deviation b).
        a: First number, as said above.
        b: Second number, as said above.
    """

    kind: DrawKind
    a: float
    b: float = 0.0


@dataclass(frozen=True)
class ParameterRow:
    """A parameter or a running statistic.

    Attributes:
        name: `layer.parameter`, as in state_dict.
        type: Shape and element type; never symbolic.
        draw: Distribution of its first values.
        trained: Whether it is a parameter; False for running statistics.
        trainable: Whether the optimizer changes it; False for frozen parameters and statistics.
        offset: First element in the flat vector it lies in; -1 for statistics, which lie apart.
        sequence: Place in the order in which compatibility streams draw.
        zero_row: Row that starts at zero; -1 for none.
        group: Which of the update's groups it is in; -1 where no update changes it, because it is frozen or
            the loss does not depend on it. A group is one span of the flat vectors.
        layer: What the name begins with; both parts of it may hold dots.
    """

    name: str
    type: TensorType
    draw: Draw
    trained: bool
    trainable: bool
    offset: int
    sequence: int
    zero_row: int = -1
    group: int = -1
    layer: str = ""

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.type.size_at(1)


ALIGNMENT = 64
"""Bytes at whose multiples every buffer starts: one cache line, and the widest vector there is."""


def padded(size: int, item_bytes: int) -> int:
    """Return a number of elements rounded up so that the next one is aligned.

    Example:
        >>> padded(10, 4), padded(16, 4), padded(10, 8)
        (16, 16, 16)
    """
    step = ALIGNMENT // item_bytes
    return -(-size // step) * step


def span_of(rows: Sequence[ParameterRow]) -> tuple[int, int]:
    """Return the first element of some rows in their flat vector, and the one after the last."""
    start = min((row.offset for row in rows), default=0)
    return start, max((row.offset + row.size for row in rows), default=start)
