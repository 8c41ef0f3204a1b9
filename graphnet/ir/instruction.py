"""Instruction: one op applied to named buffers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

from graphnet.ir.tensor_type import Batch

Attribute = Union[bool, int, float, str, Batch, None, tuple["Attribute", ...]]  # noqa: UP007 - it names itself
Attributes = tuple[tuple[str, Attribute], ...]


def freeze(attributes: Mapping[str, Attribute]) -> Attributes:
    """Return attributes as sorted pairs, so that equal instructions compare and print equal."""
    return tuple(sorted(attributes.items()))


@dataclass(frozen=True)
class Instruction:
    """One op on named buffers. Ordering, liveness and validity derive from the three name lists.

    Attributes:
        op: Name in the op table.
        reads: Buffers read, in the op's operand order.
        writes: Buffers wholly overwritten, in the op's result order, scratch last.
        accumulates: Buffers whose old content is kept and changed (running statistics, counters).
        attributes: Sorted pairs of plain values.
        layer: Name of the layer, loss or optimizer it comes from.
        block: Elements per block where the backend is to run it block by block, together with those
            neighbours whose block size is the same and whose vectors are equally long; workspaces of the
            group are one block long. 0 for the whole buffer at once.
    """

    op: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    accumulates: tuple[str, ...]
    attributes: Attributes
    layer: str
    block: int = 0

    @property
    def options(self) -> dict[str, Attribute]:
        """The attributes as a dict."""
        return dict(self.attributes)

    @property
    def touched(self) -> tuple[str, ...]:
        """Every buffer name of the instruction."""
        return self.reads + self.writes + self.accumulates

    @property
    def changed(self) -> tuple[str, ...]:
        """Every buffer whose content the instruction changes."""
        return self.writes + self.accumulates
